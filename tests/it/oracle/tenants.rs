//! Small tenants in which collisions are the rule: near-miss names, shared docks, clones, blanks,
//! placeholders, records that one tool has otherwise or twice.

use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop, prop_oneof};
use syncrig_mocks::world::{
    Contact, Copies, Device, DeviceClass, DevicePatch, Location, Organization, OrganizationPatch,
    Tenant, Tool,
};

pub(super) const ORGANIZATION_NAMES: [&str; 5] = [
    "Acme Dental",
    "ACME Dental, Inc.",
    "Acme Dentel",
    "Lark Legal",
    "Zephyr Marine",
];
pub(super) const DEVICE_NAMES: [&str; 4] = ["WS-1", "WS-2", "ws-1", "SRV"];
pub(super) const SERIALS: [Option<&str>; 12] = [
    Some("5CG01"),
    Some("5CG02"),
    Some("5CG01"),
    Some("5CG02"),
    Some("5CG01"),
    Some("5CG02"),
    None,
    Some("Default string"),
    Some("To be filled by O.E.M."),
    Some("5cg01"),
    Some("5CG01 "),
    Some(" "),
];
pub(super) const MACS: [&[&str]; 8] = [
    &["00:1B:44:11:3A:01"],
    &["00:1B:44:11:3A:02"],
    &[],
    &["00-1b-44-11-3a-01"],
    &["00:1B:44:11:3A:01", "00:1B:44:11:3A:02"],
    &["00:1B:44:11:3A:02", "00:1B:44:11:3A:01"],
    &["001B44113A01"],
    &["001b.4411.3a02"],
];
pub(super) const TYPES: [&str; 3] = ["Managed Workstation", "Managed Server", "Desktop"];
pub(super) const FIRST_NAMES: [&str; 3] = ["Pat", "Lee", "pat"];
pub(super) const CITIES: [Option<&str>; 3] = [Some("Halifax"), None, Some("Moncton")];

const ORGANIZATIONS: [&str; 3] = ["acme", "bell", "cole"];

/// Both tools more often than one alone.
fn tools() -> impl Strategy<Value = Vec<Tool>> {
    prop_oneof![
        6 => Just(vec![Tool::Psa, Tool::Rmm]),
        1 => Just(vec![Tool::Psa]),
        2 => Just(vec![Tool::Rmm]),
    ]
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn organization() -> impl Strategy<Value = Organization> {
    let names = prop::sample::select(&ORGANIZATION_NAMES[..]);
    let differs = prop::option::weighted(0.35, names.clone());
    let kind = prop_oneof![4 => Just(None), 1 => Just(Some("Prospect"))];
    let status = prop_oneof![5 => Just(None), 1 => Just(Some("Inactive"))];
    let twice = prop::option::weighted(0.15, prop::option::of(names.clone()));
    let twice_in_psa = prop::option::weighted(0.1, prop::option::of(names.clone()));
    (names, differs, kind, status, tools(), twice, twice_in_psa).prop_map(
        |(name, differs, kind, status, tools, twice, twice_in_psa)| {
            let copy = |name: Option<&str>, short: &str| OrganizationPatch {
                name: text(name),
                short_name: Some(Some(short.to_owned())),
                ..OrganizationPatch::default()
            };
            let in_psa = tools.contains(&Tool::Psa);
            let in_rmm = tools.contains(&Tool::Rmm);
            Organization {
                name: name.to_owned(),
                organization_type: text(kind),
                status: text(status),
                rmm: differs.map(|name| Box::new(copy(Some(name), "RMM"))),
                copies: Copies {
                    psa: (twice_in_psa.filter(|_| in_psa).iter())
                        .map(|name| copy(*name, "TWICE"))
                        .collect(),
                    rmm: (twice.filter(|_| in_rmm).iter())
                        .map(|name| copy(*name, "TWICE"))
                        .collect(),
                },
                tools: Some(tools.into_iter().map(Into::into).collect()),
                ..Organization::default()
            }
        },
    )
}

fn patch(psa: bool) -> impl Strategy<Value = DevicePatch> {
    let name = prop::option::weighted(0.4, prop::sample::select(&DEVICE_NAMES[..]));
    let serial = prop::option::weighted(0.6, prop::sample::select(&SERIALS[..]));
    let macs = prop::option::weighted(0.6, prop::sample::select(&MACS[..]));
    let status = prop::bool::weighted(if psa { 0.2 } else { 0.0 });
    (name, serial, macs, status).prop_map(|(name, serial, macs, inactive)| DevicePatch {
        name: text(name),
        serial: serial.map(text),
        macs: macs.map(texts),
        status: inactive.then(|| text(Some("Inactive"))),
        ..DevicePatch::default()
    })
}

/// A device as drawn: what it refers to is settled when the rest of the tenant is known.
#[derive(Debug, Clone)]
struct Drawn {
    device: Device,
    organization: usize,
    tools: Vec<Tool>,
    contact: Option<usize>,
    location: Option<usize>,
    twice: Option<(Tool, DevicePatch)>,
}

fn device() -> impl Strategy<Value = Drawn> {
    let identity = (
        prop::sample::select(&DEVICE_NAMES[..]),
        prop::sample::select(&SERIALS[..]),
        prop::sample::select(&MACS[..]),
        prop::option::weighted(0.3, prop::sample::select(&TYPES[..])),
        prop::bool::weighted(0.2),
    );
    let differs = (
        prop::option::weighted(0.35, patch(true)),
        prop::option::weighted(0.35, patch(false)),
    );
    let twice = prop_oneof![
        8 => Just(None),
        1 => patch(true).prop_map(|patch| Some((Tool::Psa, patch))),
        1 => patch(false).prop_map(|patch| Some((Tool::Rmm, patch))),
    ];
    // Most of them under one roof, where they meet.
    let organization = prop_oneof![3 => Just(0_usize), 2 => 0..3_usize];
    let place = (
        organization,
        tools(),
        prop::option::weighted(0.3, any::<usize>()),
        prop::option::weighted(0.3, any::<usize>()),
    );
    (identity, differs, place, twice).prop_map(|(identity, (psa, rmm), place, twice)| {
        let (name, serial, macs, kind, server) = identity;
        let (organization, tools, contact, location) = place;
        Drawn {
            device: Device {
                name: name.to_owned(),
                class: if server {
                    DeviceClass::Server
                } else {
                    DeviceClass::Workstation
                },
                configuration_type: text(kind),
                serial: text(serial),
                macs: texts(macs),
                psa: psa.map(Box::new),
                rmm: rmm.map(Box::new),
                ..Device::default()
            },
            organization,
            tools,
            contact,
            location,
            twice,
        }
    })
}

fn people() -> impl Strategy<Value = People> {
    let contact = (any::<usize>(), prop::sample::select(&FIRST_NAMES[..]));
    let location = (any::<usize>(), prop::sample::select(&CITIES[..]));
    (
        prop::collection::vec(contact, 0..3),
        prop::collection::vec(location, 0..3),
    )
}

/// Tenants of two or three organizations with up to six devices.
pub(super) fn tenants() -> BoxedStrategy<Tenant> {
    let organizations = prop::collection::vec(organization(), 2..4);
    let devices = prop::collection::vec(device(), 3..7);
    let seed = 0_u64..1_000;
    (organizations, devices, people(), seed)
        .prop_map(|(organizations, devices, people, seed)| {
            settled(organizations, devices, &people, seed)
        })
        .boxed()
}

type People = (
    Vec<(usize, &'static str)>,
    Vec<(usize, Option<&'static str>)>,
);

/// Lets everything refer to what is there.
fn settled(
    organizations: Vec<Organization>,
    devices: Vec<Drawn>,
    (contacts, locations): &People,
    seed: u64,
) -> Tenant {
    let mut tenant = Tenant {
        seed: seed.into(),
        ..Tenant::default()
    };
    let holds = |organization: &Organization, tool: Tool| {
        let tools = organization.tools.iter().flatten();
        tools.into_iter().any(|its| its.value == tool)
    };
    let in_psa: Vec<&str> = ORGANIZATIONS
        .into_iter()
        .zip(&organizations)
        .filter(|(_, it)| holds(it, Tool::Psa))
        .map(|(key, _)| key)
        .collect();
    for (at, (organization, city)) in locations.iter().enumerate() {
        if let Some(owner) = in_psa.get(organization % in_psa.len().max(1)) {
            let location = Location {
                organization: (*owner).into(),
                name: "Main".to_owned(),
                city: text(*city),
                ..Location::default()
            };
            tenant
                .locations
                .insert(format!("l{}", at + 1).into(), location);
        }
    }
    for (at, (organization, first_name)) in contacts.iter().enumerate() {
        if let Some(owner) = in_psa.get(organization % in_psa.len().max(1)) {
            let contact = Contact {
                organization: (*owner).into(),
                first_name: (*first_name).to_owned(),
                last_name: "Doe".to_owned(),
                ..Contact::default()
            };
            tenant
                .contacts
                .insert(format!("c{}", at + 1).into(), contact);
        }
    }
    for (at, drawn) in devices.into_iter().enumerate() {
        let owner = drawn.organization % organizations.len();
        let device = placed(
            &tenant,
            drawn,
            ORGANIZATIONS[owner],
            &organizations[owner],
            at,
        );
        tenant.devices.insert(format!("d{}", at + 1).into(), device);
    }
    for (at, organization) in organizations.into_iter().enumerate() {
        let organization = Organization {
            short_name: Some(format!("ORG{at}")),
            ..organization
        };
        tenant
            .organizations
            .insert(ORGANIZATIONS[at].into(), organization);
    }
    tenant
}

fn placed(
    tenant: &Tenant,
    drawn: Drawn,
    owner: &str,
    organization: &Organization,
    at: usize,
) -> Device {
    let theirs: Vec<Tool> = (organization.tools.iter().flatten())
        .map(|tool| tool.value)
        .collect();
    let both: Vec<Tool> = (drawn.tools.iter().copied())
        .filter(|tool| theirs.contains(tool))
        .collect();
    let tools = if both.is_empty() { theirs } else { both };
    let psa = tools.contains(&Tool::Psa);
    let pick = |keys: Vec<String>, place: Option<usize>| {
        let place = place.filter(|_| psa && !keys.is_empty())?;
        keys.get(place % keys.len()).cloned()
    };
    let contacts = tenant
        .contacts
        .keys()
        .map(|key| key.value.clone())
        .collect();
    let here = |it: &&Location| it.organization.value == owner;
    let locations = tenant.locations.iter().filter(|(_, it)| here(it));
    let locations = locations.map(|(key, _)| key.value.clone()).collect();
    let mut copies = Copies::default();
    if let Some((tool, patch)) = drawn.twice.filter(|(tool, _)| tools.contains(tool)) {
        match tool {
            Tool::Psa => copies.psa.push(patch),
            Tool::Rmm => copies.rmm.push(patch),
        }
    }
    Device {
        organization: owner.into(),
        contact: pick(contacts, drawn.contact).map(Into::into),
        location: pick(locations, drawn.location).map(Into::into),
        cpu: Some(format!("Core i{at}")),
        model: at.is_multiple_of(2).then(|| "OptiPlex".to_owned()),
        last_seen: jiff::Timestamp::from_second(1_767_000_000 + at as i64 * 60).ok(),
        tools: Some(tools.into_iter().map(Into::into).collect()),
        copies,
        ..drawn.device
    }
}
