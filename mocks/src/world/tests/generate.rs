//! Generated tenants: the same everywhere, sound, and as dirty as asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::super::{
    ClassWeights, Count, DeviceClass, DeviceRecord, Dirt, DirtPreset, DirtReport, DirtSpec,
    GenerateSpec, OrganizationRecord, Rate, Tenant, Tool, generate,
};

fn spec(seed: u64, organizations: u32, devices: u32, dirt: DirtSpec) -> GenerateSpec {
    GenerateSpec {
        seed,
        organizations,
        devices_per_organization: Count::Fixed(devices),
        dirt,
        ..GenerateSpec::default()
    }
}

fn filthy() -> DirtSpec {
    DirtSpec::preset(DirtPreset::Filthy)
}

/// FNV-1a, for a fingerprint that does not depend on anybody's hasher.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_stream_has_not_changed() {
    let tenant = generate(&spec(7, 6, 12, filthy())).unwrap();
    let yaml = tenant.to_yaml();
    assert_eq!(tenant.devices.len(), 72);
    assert_eq!(
        format!("{:016x}", fingerprint(&yaml)),
        "21603c92338fef12",
        "every seed that anybody noted down now makes another tenant; if that is meant, say so in \
         the release notes"
    );
}

#[test]
fn one_organization_does_not_reshuffle_another() {
    let small = generate(&spec(3, 5, 4, filthy())).unwrap();
    let large = generate(&spec(3, 5, 9, filthy())).unwrap();
    assert_eq!(small.organizations, large.organizations);
    assert_eq!(small.contacts, large.contacts);
    // Docks and clones join neighbours, so the last device may get another partner.
    let mut same = 0;
    for (key, device) in &small.devices {
        let other = &large.devices[key.as_str()];
        assert_eq!(
            (&device.name, &device.serial, &device.nics),
            (&other.name, &other.serial, &other.nics)
        );
        same += usize::from(device == other);
    }
    assert!(same >= 15, "{same} of 20 devices are the same");
    let fewer = generate(&spec(3, 4, 4, DirtSpec::default())).unwrap();
    let more = generate(&spec(3, 5, 4, DirtSpec::default())).unwrap();
    assert!(
        fewer
            .devices
            .iter()
            .all(|(key, device)| more.devices[key.as_str()] == *device)
    );
}

#[test]
fn another_rate_of_one_kind_leaves_the_other_kinds_alone() {
    let with = |rate: f64| DirtSpec {
        renamed: Some(Rate::try_from(rate).unwrap()),
        mac_format: Some(Rate::try_from(0.4).unwrap()),
        ..DirtSpec::default()
    };
    let marked = |rate: f64| -> Vec<String> {
        let tenant = generate(&spec(5, 10, 20, with(rate))).unwrap();
        let devices = tenant.devices.iter();
        let formatted = devices.filter(|(_, device)| device.dirt.contains(&Dirt::MacFormat));
        formatted.map(|(key, _)| key.to_string()).collect()
    };
    assert_eq!(marked(0.1), marked(0.9));
}

#[test]
fn truth_is_unique_and_plausible() {
    let tenant = generate(&spec(11, 120, 40, filthy())).unwrap();
    let names: BTreeSet<_> = tenant
        .organizations
        .values()
        .map(|it| it.name.to_lowercase())
        .collect();
    assert_eq!(names.len(), 120);
    let mut serials = BTreeSet::new();
    let mut macs = BTreeSet::new();
    let mut addresses = BTreeSet::new();
    for device in tenant.devices.values() {
        let serial = device.serial.as_deref().unwrap();
        assert!(serials.insert(serial), "{serial} twice");
        for nic in &device.nics {
            assert!(macs.insert(nic.mac.as_deref().unwrap()), "{nic:?} twice");
            if let Some(ip) = &nic.ip {
                assert!(addresses.insert(ip), "{ip} twice");
            }
        }
        match device.manufacturer.as_deref().unwrap() {
            "Dell Inc." => assert_eq!(serial.len(), 7),
            "HP" if device.class == DeviceClass::Workstation => assert_eq!(serial.len(), 10),
            "LENOVO" => assert!(serial.starts_with("PF") && serial.len() == 8),
            _ => {}
        }
        assert!(device.purchased <= device.installed && device.installed <= device.warranty);
        assert!(
            device
                .last_reboot
                .is_none_or(|reboot| Some(reboot) <= device.last_seen)
        );
        assert_eq!(device.laptop, device.name.contains("-LT"));
    }
}

#[test]
fn a_clean_tenant_is_the_same_in_both_tools() {
    let world = generate(&spec(2, 8, 15, DirtSpec::default()))
        .unwrap()
        .into_world()
        .unwrap();
    let (psa, rmm) = (world.project(Tool::Psa), world.project(Tool::Rmm));
    assert_eq!(psa.devices.len(), 120);
    assert_eq!(rmm.devices.len(), 120);
    for (here, there) in psa.devices.iter().zip(&rmm.devices) {
        assert_eq!(
            (&here.key, &here.name, &here.serial),
            (&there.key, &there.name, &there.serial)
        );
        assert_eq!(here.nics[0].mac, there.nics[0].mac);
    }
    assert!(world.entities().all(|entity| entity.dirt.is_empty()));
}

/// What both tools hold of a tenant, by the true device.
struct Held {
    tenant: Tenant,
    psa: BTreeMap<String, Vec<DeviceRecord>>,
    rmm: BTreeMap<String, Vec<DeviceRecord>>,
    sites: Vec<OrganizationRecord>,
    /// Devices that a text stands for in the RMM: MAC addresses, and serial numbers.
    behind: HashMap<String, BTreeSet<String>>,
}

impl Held {
    fn new(tenant: Tenant) -> Self {
        let world = tenant.resolve().unwrap();
        let rmm = world.project(Tool::Rmm);
        let mut behind: HashMap<String, BTreeSet<String>> = HashMap::new();
        for record in &rmm.devices {
            let macs = record.nics.iter().filter_map(|nic| nic.mac.clone());
            for text in macs.chain(record.serial.clone()) {
                behind.entry(text).or_default().insert(record.truth.clone());
            }
        }
        let group = |records: Vec<DeviceRecord>| {
            let mut groups: BTreeMap<String, Vec<DeviceRecord>> = BTreeMap::new();
            for record in records {
                groups.entry(record.truth.clone()).or_default().push(record);
            }
            groups
        };
        Self {
            tenant,
            psa: group(world.project(Tool::Psa).devices),
            rmm: group(rmm.devices),
            sites: rmm.organizations,
            behind,
        }
    }

    fn of<'a>(map: &'a BTreeMap<String, Vec<DeviceRecord>>, key: &str) -> &'a [DeviceRecord] {
        map.get(key).map_or(&[], Vec::as_slice)
    }

    fn shared(&self, text: &str) -> bool {
        self.behind
            .get(text)
            .is_some_and(|devices| devices.len() > 1)
    }

    /// Kinds that show in one tool by itself.
    fn check_each_tool(&self, key: &str) {
        let (here, there) = (Self::of(&self.psa, key), Self::of(&self.rmm, key));
        let device = &self.tenant.devices[key];
        let has = |dirt| device.dirt.contains(&dirt);
        let organization = &self.tenant.organizations[device.organization.as_str()];
        let empty = organization.dirt.contains(&Dirt::EmptySite);
        assert_eq!(there.is_empty(), has(Dirt::PsaOnly) || empty, "{key}");
        assert_eq!(here.is_empty(), has(Dirt::RmmOnly), "{key}");
        assert_eq!(here.len() > 1, has(Dirt::SourceDuplicate), "{key}");
        assert_eq!(there.len() > 1, has(Dirt::Reimaged), "{key}");
        let unread = there.iter().any(|it| it.serial.is_none());
        assert_eq!(unread, has(Dirt::MissingSerial), "{key}");
        let several = here.iter().any(|it| it.nics.len() > 1);
        assert_eq!(several, has(Dirt::MultiMacPsa), "{key}");
        let mut macs = there
            .iter()
            .flat_map(|it| &it.nics)
            .filter_map(|nic| nic.mac.as_deref());
        assert_eq!(
            macs.any(|mac| self.shared(mac)),
            has(Dirt::SharedDockMac),
            "{key}"
        );
        let serials = there.iter().filter_map(|it| it.serial.as_deref());
        // The serial numbers of virtual machines are longer than any placeholder.
        let cloned = serials
            .filter(|serial| serial.len() > 22)
            .any(|serial| self.shared(serial));
        assert!(!cloned || has(Dirt::ClonedVm), "{key}");
    }

    /// Kinds that show between the tools.
    fn check_both_tools(&self, key: &str) {
        let (here, there) = (Self::of(&self.psa, key), Self::of(&self.rmm, key));
        let (Some(psa), Some(rmm)) = (here.first(), there.first()) else {
            return;
        };
        let device = &self.tenant.devices[key];
        let has = |dirt| device.dirt.contains(&dirt);
        assert_eq!(psa.name != rmm.name, has(Dirt::Renamed), "{key}");
        assert_eq!(
            psa.organization != rmm.organization,
            has(Dirt::MovedClient),
            "{key}"
        );
        assert_eq!(!psa.active, has(Dirt::Inactive), "{key}");
        let mac = |record: &DeviceRecord| record.nics[0].mac.clone().unwrap();
        let bare = |mac: String| mac.replace([':', '-', '.'], "").to_lowercase();
        assert_eq!(bare(mac(psa)), bare(mac(rmm)), "{key}");
        assert_eq!(mac(psa) != mac(rmm), has(Dirt::MacFormat), "{key}");
        let wrong = psa.serial != device.serial;
        assert!(
            !wrong || has(Dirt::PlaceholderSerial) || has(Dirt::ClonedVm),
            "{key}"
        );
        assert!(wrong || !has(Dirt::PlaceholderSerial), "{key}");
    }
}

#[test]
fn every_mark_tells_the_truth() {
    let held = Held::new(generate(&spec(17, 60, 40, filthy())).unwrap());
    for key in held.tenant.devices.keys() {
        held.check_each_tool(key);
        held.check_both_tools(key);
    }
    for (key, organization) in &held.tenant.organizations {
        let mut devices = held.rmm.values().flatten();
        let empty = !devices.any(|device| device.organization == *key.as_str());
        assert_eq!(empty, organization.dirt.contains(&Dirt::EmptySite), "{key}");
        let site = held
            .sites
            .iter()
            .find(|site| site.key == *key.as_str())
            .unwrap();
        let differs = site.name != organization.name;
        assert_eq!(
            differs,
            organization.dirt.contains(&Dirt::NearMissOrganization),
            "{key}"
        );
    }
}

#[test]
fn rates_are_roughly_met() {
    let rate = |dirt: Dirt| -> f64 {
        let spec: DirtSpec = serde_saphyr::from_str(&format!("{}: 0.3", dirt.name())).unwrap();
        let tenant = generate(&spec_of(spec)).unwrap();
        let report = DirtReport::of(&tenant);
        let can = match dirt {
            Dirt::NearMissOrganization | Dirt::EmptySite => tenant.organizations.len(),
            Dirt::SharedDockMac => tenant.devices.values().filter(|it| it.laptop).count(),
            Dirt::ClonedVm => (tenant.devices.values())
                .filter(|it| it.serial.as_deref().is_some_and(|serial| serial.len() > 25))
                .count(),
            Dirt::MultiMacPsa => tenant
                .devices
                .values()
                .filter(|it| it.nics.len() > 1)
                .count(),
            Dirt::PlaceholderSerial | Dirt::Reimaged => (tenant.devices.values())
                .filter(|it| matches!(it.class, DeviceClass::Workstation | DeviceClass::Server))
                .filter(|it| dirt == Dirt::Reimaged || it.serial.as_deref().unwrap().len() <= 25)
                .count(),
            _ => tenant.devices.len(),
        };
        assert_eq!(
            report.marks.values().sum::<usize>(),
            report.marks[&dirt],
            "only {dirt}"
        );
        report.marks[&dirt] as f64 / can as f64
    };
    for dirt in Dirt::ALL {
        let met = rate(*dirt);
        assert!((0.22..0.38).contains(&met), "{dirt}: {met}");
    }
}

fn spec_of(dirt: DirtSpec) -> GenerateSpec {
    GenerateSpec {
        classes: ClassWeights {
            server: 0.3,
            ..ClassWeights::default()
        },
        ..spec(23, 200, 20, dirt)
    }
}

#[test]
fn counts_are_drawn_as_asked() {
    let sizes = |count: Count| -> Vec<usize> {
        let tenant = generate(&GenerateSpec {
            organizations: 400,
            devices_per_organization: count,
            contacts_per_organization: Count::Fixed(0),
            ..GenerateSpec::default()
        })
        .unwrap();
        let mut sizes: HashMap<&str, usize> = HashMap::new();
        for device in tenant.devices.values() {
            *sizes.entry(device.organization.as_str()).or_default() += 1;
        }
        let organizations = tenant.organizations.keys();
        let mut sizes: Vec<usize> = organizations
            .map(|key| sizes.get(key.as_str()).copied().unwrap_or(0))
            .collect();
        sizes.sort_unstable();
        sizes
    };
    assert!(sizes(Count::Fixed(3)).iter().all(|size| *size == 3));
    let even = sizes(Count::Uniform { min: 2, max: 5 });
    assert_eq!((even[0], even[399]), (2, 5));
    let skewed = sizes(Count::Skewed {
        median: 10,
        max: 100,
    });
    assert!((8..=13).contains(&skewed[200]), "median {}", skewed[200]);
    assert!(
        skewed[399] > 40 && skewed[399] <= 100,
        "largest {}",
        skewed[399]
    );
    assert_eq!(sizes(Count::Skewed { median: 0, max: 0 })[399], 0);
}

#[test]
fn a_scenario_can_ask_for_one() {
    let text = "company: Lark IT\ngenerate:\n  seed: 9\n  organizations: 3\n  devices_per_organization: { uniform: { min: 1, max: 4 } }\n  dirt: { preset: typical, renamed: 1 }\n";
    let tenant = Tenant::from_yaml(text).unwrap();
    assert_eq!(Tenant::from_yaml(&tenant.to_yaml()).unwrap(), tenant);
    let world = tenant.resolve().unwrap();
    assert_eq!(world.seed(), 9);
    assert_eq!(world.project(Tool::Psa).company, "Lark IT");
    assert_eq!(world.project(Tool::Rmm).organizations.len(), 3);
    let written = tenant.expand().unwrap();
    assert!(written.generate.is_none());
    assert_eq!(
        Tenant::from_yaml(&written.to_yaml())
            .unwrap()
            .into_world()
            .unwrap(),
        world
    );
}

#[test]
fn what_cannot_be_generated_is_refused() {
    let refused = |yaml: &str| {
        let tenant = Tenant::from_yaml(&format!("generate: {yaml}")).unwrap();
        tenant.expand().unwrap_err().message
    };
    assert!(refused("{ organizations: 4000000000 }").contains("more than 200000"));
    assert!(
        refused("{ organizations: 20000, devices_per_organization: { fixed: 5000 } }")
            .contains("more than 500")
    );
    assert!(refused("{ classes: { workstation: -1 } }").contains("weights"));
    assert!(refused("{ classes: { workstation: .nan } }").contains("weights"));
    let nothing = Tenant::from_yaml("generate: { organizations: 0 }").unwrap();
    assert_eq!(nothing.resolve().unwrap().entities().count(), 0);
}

fn any_spec() -> impl Strategy<Value = GenerateSpec> {
    let rates = prop::collection::vec(prop::option::of(0.0..=1.0_f64), Dirt::ALL.len());
    let counts = || {
        prop_oneof![
            (0..12_u32).prop_map(Count::Fixed),
            (0..6_u32, 6..14_u32).prop_map(|(min, max)| Count::Uniform { min, max }),
            (0..6_u32, 6..14_u32).prop_map(|(median, max)| Count::Skewed { median, max }),
        ]
    };
    (
        any::<u64>(),
        0..6_u32,
        counts(),
        counts(),
        rates,
        0..3_usize,
    )
        .prop_map(|(seed, organizations, devices, people, rates, preset)| {
            let kinds = Dirt::ALL.iter().map(|dirt| dirt.name()).zip(rates);
            let rates: BTreeMap<&str, f64> = kinds
                .filter_map(|(name, rate)| Some((name, rate?)))
                .collect();
            let json = serde_json::to_string(&rates).unwrap();
            let mut dirt: DirtSpec = serde_json::from_str(&json).unwrap();
            dirt.preset = [DirtPreset::None, DirtPreset::Typical, DirtPreset::Filthy][preset];
            GenerateSpec {
                seed,
                organizations,
                devices_per_organization: devices,
                contacts_per_organization: people,
                dirt,
                ..GenerateSpec::default()
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_generated_tenant_resolves_and_survives_being_written(spec in any_spec()) {
        let tenant = generate(&spec).unwrap();
        prop_assert_eq!(&generate(&spec).unwrap(), &tenant);
        let written = tenant.to_yaml();
        let read = Tenant::from_yaml(&written).unwrap();
        prop_assert_eq!(&read, &tenant);
        prop_assert_eq!(read.to_yaml(), written);
        prop_assert_eq!(read.into_world().unwrap(), tenant.into_world().unwrap());
        let asked = Tenant { generate: Some(Box::new(spec.into())), ..Tenant::default() };
        prop_assert_eq!(Tenant::from_yaml(&asked.to_yaml()).unwrap(), asked);
    }

    #[test]
    fn another_seed_makes_another_tenant(seed in any::<u64>()) {
        let one = generate(&spec(seed, 2, 3, DirtSpec::default())).unwrap();
        let other = generate(&spec(seed.wrapping_add(1), 2, 3, DirtSpec::default())).unwrap();
        prop_assert_ne!(one.organizations, other.organizations);
        prop_assert_ne!(one.devices, other.devices);
    }
}
