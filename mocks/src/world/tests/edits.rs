//! Edits of a world: what they change, and what they tell the simulators.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{
    Cascade, Change, ContactPatch, DevicePatch, Kind, LocationPatch, OrganizationPatch, Patch,
    PushIdentifier, PushRules, Record, Tool, ToolRecords, World, WorldError,
};
use super::world;

const PLAIN: PushRules = PushRules {
    cascade: Cascade::Plain,
    identifier: PushIdentifier::Serial,
    only_active: false,
};

const TENANT: &str = r#"
organizations:
  acme: { name: Acme Dental, phone: "902", rmm: { name: ACME DENTAL }, copies: { rmm: [{ name: Acme East }] } }
  sub: { name: Acme Lab, parent: acme }
  lone: { name: Lone Pine, in: [rmm] }
  new: { name: New Co, in: [] }
locations:
  main: { organization: acme, name: Main }
  lab: { organization: sub, name: Lab }
contacts:
  pat: { organization: acme, location: main, first_name: Pat }
  kim: { organization: sub, location: main, first_name: Kim }
devices:
  ws1: { organization: acme, location: main, contact: pat, name: WS1, serial: S1, macs: ["00:00:00:00:00:01", "00:00:00:00:00:02"] }
  ws2: { organization: acme, contact: kim, name: WS2, serial: S2, in: [rmm], psa: { name: Desk two }, rmm: { organization: acme#2 } }
  ws3: { organization: lone, name: WS3, class: server, macs: ["00:00:00:00:00:03"], in: [rmm] }
  lab1: { organization: sub, location: main, contact: pat, name: LAB1 }
"#;

fn told(changes: &[(Tool, Change)]) -> Vec<String> {
    changes
        .iter()
        .map(|(tool, change)| match change {
            Change::Put(record) | Change::Edit { after: record, .. } => {
                format!("{tool} put {} {}", record.kind(), record.key())
            }
            Change::Remove { kind, key } => format!("{tool} remove {kind} {key}"),
        })
        .collect()
}

fn device(world: &World, tool: Tool, key: &str) -> super::super::DeviceRecord {
    let records = world.project(tool).devices;
    records
        .into_iter()
        .find(|record| record.key == key)
        .unwrap()
}

#[test]
fn an_edit_changes_one_record_of_one_tool() {
    let mut world = world(TENANT);
    let patch = DevicePatch {
        name: Some("WS1-OLD".to_owned()),
        serial: Some(None),
        active: Some(false),
        ..DevicePatch::default()
    };
    let changes = world.edit(Tool::Psa, "ws1", &patch.into()).unwrap();
    assert_eq!(told(&changes), ["psa put device ws1"]);
    let record = device(&world, Tool::Psa, "ws1");
    assert_eq!(changes[0].1.record(), Some(&record.clone().into()));
    assert_eq!((record.name.as_str(), record.serial), ("WS1-OLD", None));
    assert_eq!(record.status.as_deref(), Some("Inactive"));
    assert_eq!(device(&world, Tool::Rmm, "ws1").name, "WS1");
    assert!(!world.entity(Kind::Device, "ws1").unwrap().active.psa);
    assert!(world.entity(Kind::Device, "ws1").unwrap().tools.psa);
}

#[test]
fn a_device_that_moves_leaves_its_site_and_contact_behind() {
    let mut world = world(TENANT);
    let to = |organization: &str| DevicePatch {
        organization: Some(organization.into()),
        ..DevicePatch::default()
    };
    world.edit(Tool::Rmm, "ws1", &to("acme#2").into()).unwrap();
    assert_eq!(device(&world, Tool::Rmm, "ws1").organization, "acme#2");
    world.edit(Tool::Psa, "ws1", &to("sub").into()).unwrap();
    let record = device(&world, Tool::Psa, "ws1");
    assert_eq!(
        (
            record.organization.as_str(),
            record.location,
            record.contact
        ),
        ("sub", None, None)
    );
    let there = DevicePatch {
        location: Some(Some("main".into())),
        ..to("acme")
    };
    world.edit(Tool::Psa, "ws1", &there.into()).unwrap();
    assert_eq!(
        device(&world, Tool::Psa, "ws1").location.as_deref(),
        Some("main")
    );
}

#[test]
fn an_organization_goes_with_what_it_holds() {
    let mut world = world(TENANT);
    let changes = world.remove(Tool::Psa, Kind::Organization, "acme").unwrap();
    assert_eq!(
        told(&changes),
        [
            "psa put organization sub",
            "psa put contact kim",
            "psa put device lab1",
            "psa remove device ws1",
            "psa remove contact pat",
            "psa remove location main",
            "psa remove organization acme",
        ]
    );
    let lab = device(&world, Tool::Psa, "lab1");
    assert_eq!((lab.location, lab.contact), (None, None));
    let changes = world
        .remove(Tool::Rmm, Kind::Organization, "acme#2")
        .unwrap();
    assert_eq!(
        told(&changes),
        ["rmm remove device ws2", "rmm remove organization acme#2"]
    );
    let changes = world.remove(Tool::Rmm, Kind::Device, "ws1").unwrap();
    assert_eq!(told(&changes), ["rmm remove device ws1"]);
    assert!(world.entity(Kind::Device, "ws1").unwrap().tools.is_empty());
}

#[test]
fn an_addition_needs_its_organization_and_a_new_key_after_a_removal() {
    let mut world = world(TENANT);
    let error = world.add(Tool::Psa, Kind::Device, "ws3").unwrap_err();
    assert_eq!(
        (error.to_string(), error.hint()),
        (
            "the device `ws3` belongs to the organization `lone`, which the psa does not hold"
                .to_owned(),
            Some("add the organization `lone` to the psa first".to_owned())
        )
    );
    world.add(Tool::Psa, Kind::Organization, "lone").unwrap();
    world.add(Tool::Psa, Kind::Device, "ws3").unwrap();
    assert_eq!(device(&world, Tool::Psa, "ws3").nics.len(), 1);

    world.add(Tool::Psa, Kind::Device, "ws2").unwrap();
    let record = device(&world, Tool::Psa, "ws2");
    assert_eq!(
        (record.name.as_str(), record.organization.as_str()),
        ("Desk two", "acme")
    );
    assert_eq!(record.contact.as_deref(), Some("kim"));
    let error = world.add(Tool::Psa, Kind::Device, "ws2").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the psa already holds the device `ws2`, as `ws2`"
    );

    world.remove(Tool::Psa, Kind::Device, "ws2").unwrap();
    let changes = world.add(Tool::Psa, Kind::Device, "ws2").unwrap();
    assert_eq!(told(&changes), ["psa put device ws2#2"]);
    assert_eq!(
        world.project(Tool::Psa).devices.last().unwrap().truth,
        "ws2"
    );
}

#[test]
fn a_reimage_leaves_the_old_record() {
    let mut world = world(TENANT);
    assert_eq!(
        told(&world.reimage(Tool::Rmm, "ws1").unwrap()),
        ["rmm put device ws1#2"]
    );
    assert_eq!(
        told(&world.reimage(Tool::Rmm, "ws1#2").unwrap()),
        ["rmm put device ws1#3"]
    );
    let (old, new) = (
        device(&world, Tool::Rmm, "ws1"),
        device(&world, Tool::Rmm, "ws1#3"),
    );
    assert_eq!(
        (&old.serial, &old.nics, &old.truth),
        (&new.serial, &new.nics, &new.truth)
    );
}

#[test]
fn a_push_brings_what_the_psa_lacks_and_nothing_else() {
    let mut world = world(TENANT);
    world.reimage(Tool::Rmm, "ws3").unwrap();
    let changes = world
        .push_devices(Tool::Rmm, Tool::Psa, Some(&["ws3#2"]), PLAIN)
        .unwrap();
    assert_eq!(
        told(&changes),
        ["psa put organization lone", "psa put device ws3"]
    );
    let Change::Put(Record::Device(record)) = &changes[1].1 else {
        panic!("a device")
    };
    assert_eq!(record.configuration_type.as_deref(), Some("Managed Server"));
    assert_eq!(record.nics[0].mac.as_deref(), Some("00:00:00:00:00:03"));
    let changes = world
        .push_devices(Tool::Rmm, Tool::Psa, None, PLAIN)
        .unwrap();
    assert_eq!(told(&changes), ["psa put device ws2"]);
    // The second RMM site and the company of the PSA are one client.
    assert_eq!(device(&world, Tool::Psa, "ws2").organization, "acme");
    assert_eq!(device(&world, Tool::Psa, "ws2").name, "WS2");
    assert_eq!(
        world
            .push_devices(Tool::Rmm, Tool::Psa, None, PLAIN)
            .unwrap(),
        []
    );
}

#[test]
fn refusals_say_what_to_do() {
    let mut world = world(TENANT);
    let before = world.clone();
    for (error, message, hint) in refusals(&mut world) {
        assert_eq!(
            (error.to_string().as_str(), error.hint().as_deref()),
            (message, Some(hint))
        );
    }
    assert_eq!(world, before, "a refused edit changes nothing");
}

fn refusals(world: &mut World) -> Vec<(WorldError, &'static str, &'static str)> {
    let renamed = Patch::from(DevicePatch::default());
    let parent = |key: &str| {
        Patch::from(OrganizationPatch {
            parent: Some(Some(key.into())),
            ..OrganizationPatch::default()
        })
    };
    let twice = DevicePatch {
        nics: Some(vec![]),
        ip: Some(None),
        ..DevicePatch::default()
    };
    let astray = ContactPatch {
        location: Some(Some("mian".into())),
        ..ContactPatch::default()
    };
    let abroad = LocationPatch {
        organization: Some("lone".into()),
        ..LocationPatch::default()
    };
    vec![
        (
            world.edit(Tool::Psa, "ws9", &renamed).unwrap_err(),
            "there is no device `ws9`",
            "did you mean `ws1`?",
        ),
        (
            world.edit(Tool::Psa, "ws3", &renamed).unwrap_err(),
            "the psa holds no device `ws3`",
            "add `ws3` to the psa first, or list `psa` in its `in`",
        ),
        (
            world.edit(Tool::Rmm, "ws1#2", &renamed).unwrap_err(),
            "the rmm holds no device `ws1#2`",
            "the rmm holds `ws1`",
        ),
        (
            world.edit(Tool::Psa, "acme", &parent("sub")).unwrap_err(),
            "`sub` cannot be the parent of `acme`: it stands below it",
            "move `sub` to another parent first",
        ),
        (
            world.edit(Tool::Psa, "sub", &parent("sub")).unwrap_err(),
            "`sub` cannot be the parent of `sub`: it stands below it",
            "move `sub` to another parent first",
        ),
        (
            world.edit(Tool::Psa, "ws1", &twice.into()).unwrap_err(),
            "`nics` excludes `macs` and `ip`, in the override of `ws1`",
            "give addresses inside `nics`, or leave `nics` out",
        ),
        (
            world.edit(Tool::Psa, "pat", &astray.into()).unwrap_err(),
            "there is no location `mian`",
            "did you mean `main`?",
        ),
        (
            world.edit(Tool::Psa, "main", &abroad.into()).unwrap_err(),
            "the psa holds no organization `lone`",
            "add `lone` to the psa first, or list `psa` in its `in`",
        ),
        (
            world
                .push_devices(Tool::Psa, Tool::Rmm, None, PLAIN)
                .unwrap_err(),
            "devices are pushed from an rmm into a psa, not from the psa into the rmm",
            "push from `rmm` to `psa`",
        ),
    ]
}

/// A second, simple account of a tool: what a simulator holds after it was told of every change.
struct Listener {
    records: BTreeMap<(Kind, String), Record>,
}

impl Listener {
    fn new(view: ToolRecords) -> Self {
        let all = (view.organizations.into_iter().map(Record::from))
            .chain(view.locations.into_iter().map(Record::from))
            .chain(view.contacts.into_iter().map(Record::from))
            .chain(view.devices.into_iter().map(Record::from));
        let records = all.map(|record| ((record.kind(), record.key().to_owned()), record));
        Self {
            records: records.collect(),
        }
    }

    /// Takes a change, and demands that nothing refers to a record that is not there, ever.
    fn hear(&mut self, change: &Change) {
        match change {
            Change::Put(record) | Change::Edit { after: record, .. } => {
                let key = (record.kind(), record.key().to_owned());
                self.records.insert(key, record.clone());
            }
            Change::Remove { kind, key } => {
                let gone = self.records.remove(&(*kind, key.clone()));
                assert!(gone.is_some(), "{kind} {key} was removed twice");
            }
        }
        for ((kind, key), record) in &self.records {
            for link in links(record) {
                assert!(
                    self.records.contains_key(&link),
                    "{kind} {key} refers to {link:?}"
                );
            }
        }
    }
}

fn links(record: &Record) -> Vec<(Kind, String)> {
    let mut links = Vec::new();
    match record {
        Record::Organization(it) => {
            links.extend(it.parent.clone().map(|key| (Kind::Organization, key)));
        }
        Record::Location(it) => links.push((Kind::Organization, it.organization.clone())),
        Record::Contact(it) => {
            links.push((Kind::Organization, it.organization.clone()));
            links.extend(it.location.clone().map(|key| (Kind::Location, key)));
        }
        Record::Device(it) => {
            links.push((Kind::Organization, it.organization.clone()));
            links.extend(it.location.clone().map(|key| (Kind::Location, key)));
            links.extend(it.contact.clone().map(|key| (Kind::Contact, key)));
        }
    }
    links
}

#[derive(Debug, Clone)]
enum Act {
    Remove(Tool, Kind, &'static str),
    Add(Tool, Kind, &'static str),
    Move(Tool, &'static str, &'static str),
    Site(&'static str, Option<&'static str>),
    Parent(Tool, &'static str, Option<&'static str>),
    Reimage(Tool, &'static str),
    Push,
}

fn act() -> impl Strategy<Value = Act> {
    let tool = || prop_oneof![Just(Tool::Psa), Just(Tool::Rmm)];
    let organization =
        || prop::sample::select(vec!["acme", "acme#2", "sub", "lone", "new", "new#2"]);
    let device = || prop::sample::select(vec!["ws1", "ws2", "ws3", "lab1", "ws1#2", "ws3#2"]);
    let site = || prop::sample::select(vec!["main", "lab", "main#2"]);
    let any = || {
        prop_oneof![
            organization().prop_map(|key| (Kind::Organization, key)),
            site().prop_map(|key| (Kind::Location, key)),
            prop::sample::select(vec!["pat", "kim"]).prop_map(|key| (Kind::Contact, key)),
            device().prop_map(|key| (Kind::Device, key)),
        ]
    };
    prop_oneof![
        (tool(), any()).prop_map(|(tool, (kind, key))| Act::Remove(tool, kind, key)),
        (tool(), any()).prop_map(|(tool, (kind, key))| Act::Add(tool, kind, key)),
        (tool(), any()).prop_map(|(tool, (kind, key))| Act::Add(tool, kind, key)),
        (tool(), device(), organization()).prop_map(|(tool, key, to)| Act::Move(tool, key, to)),
        (device(), prop::option::of(site())).prop_map(|(key, to)| Act::Site(key, to)),
        (tool(), organization(), prop::option::of(organization()))
            .prop_map(|(tool, key, to)| Act::Parent(tool, key, to)),
        (tool(), device()).prop_map(|(tool, key)| Act::Reimage(tool, key)),
        Just(Act::Push),
    ]
}

fn perform(world: &mut World, act: &Act) -> Result<Vec<(Tool, Change)>, WorldError> {
    match *act {
        Act::Remove(tool, kind, key) => world.remove(tool, kind, key),
        Act::Add(tool, kind, key) => world.add(tool, kind, key),
        Act::Move(tool, key, to) => {
            let patch = DevicePatch {
                organization: Some(to.into()),
                ..DevicePatch::default()
            };
            world.edit(tool, key, &patch.into())
        }
        Act::Site(key, to) => {
            let patch = DevicePatch {
                location: Some(to.map(Into::into)),
                ..DevicePatch::default()
            };
            world.edit(Tool::Psa, key, &patch.into())
        }
        Act::Parent(tool, key, to) => {
            let patch = OrganizationPatch {
                parent: Some(to.map(Into::into)),
                ..OrganizationPatch::default()
            };
            world.edit(tool, key, &patch.into())
        }
        Act::Reimage(tool, key) => world.reimage(tool, key),
        Act::Push => world.push_devices(Tool::Rmm, Tool::Psa, None, PLAIN),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn who_hears_every_change_knows_the_world(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = world(TENANT);
        let mut psa = Listener::new(world.project(Tool::Psa));
        let mut rmm = Listener::new(world.project(Tool::Rmm));
        for act in &acts {
            let before = world.clone();
            match perform(&mut world, act) {
                Ok(changes) => for (tool, change) in &changes {
                    match tool {
                        Tool::Psa => psa.hear(change),
                        Tool::Rmm => rmm.hear(change),
                    }
                },
                Err(_) => prop_assert_eq!(&world, &before),
            }
            prop_assert_eq!(&Listener::new(world.project(Tool::Psa)).records, &psa.records);
            prop_assert_eq!(&Listener::new(world.project(Tool::Rmm)).records, &rmm.records);
            for tool in [Tool::Psa, Tool::Rmm] {
                let mut seen = std::collections::BTreeSet::new();
                for record in world.project(tool).organizations {
                    prop_assert!(record.parent.is_none_or(|parent| seen.contains(&parent)));
                    seen.insert(record.key);
                }
            }
        }
    }
}
