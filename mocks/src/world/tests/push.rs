//! The RMM's own integration with the PSA, by each product's rules.

use super::super::{
    Cascade, Change, Changes, DevicePatch, DeviceRecord, Kind, OrganizationPatch, Patch,
    PushIdentifier, PushRules, Tool, World,
};
use super::world;

const TENANT: &str = r#"
organizations:
  acme: { name: Acme }
  lark: { name: Lark }
devices:
  ws1: { organization: acme, name: ACME-1, serial: AAA1, macs: ["00:00:00:00:00:01"], manufacturer: HP }
  ws2: { organization: acme, name: ACME-2, serial: AAA2, in: [rmm] }
  bare: { organization: acme, name: BARE, in: [rmm] }
"#;

fn rules(cascade: Cascade) -> PushRules {
    PushRules {
        cascade,
        ..PushRules::default()
    }
}

fn push(world: &mut World, rules: PushRules) -> Vec<String> {
    told(
        &world
            .push_devices(Tool::Rmm, Tool::Psa, None, rules)
            .unwrap(),
    )
}

fn told(changes: &Changes) -> Vec<String> {
    let one = |(tool, change): &(Tool, Change)| match change {
        Change::Put(record) => format!("{tool} put {}", record.key()),
        Change::Edit { after, .. } => format!("{tool} edit {}", after.key()),
        Change::Remove { key, .. } => format!("{tool} remove {key}"),
    };
    changes.iter().map(one).collect()
}

fn in_psa(world: &World) -> Vec<DeviceRecord> {
    world.project(Tool::Psa).devices
}

fn edit(world: &mut World, tool: Tool, key: &str, patch: DevicePatch) {
    world.edit(tool, key, &patch.into()).unwrap();
}

fn serial(text: &str) -> DevicePatch {
    DevicePatch {
        serial: Some(Some(text.to_owned())),
        ..DevicePatch::default()
    }
}

fn name(text: &str) -> DevicePatch {
    DevicePatch {
        name: Some(text.to_owned()),
        ..DevicePatch::default()
    }
}

fn moved(to: &str) -> DevicePatch {
    DevicePatch {
        organization: Some(to.to_owned().into()),
        ..DevicePatch::default()
    }
}

fn inactive() -> DevicePatch {
    DevicePatch {
        active: Some(false),
        ..DevicePatch::default()
    }
}

#[test]
fn every_cascade_does_nothing_the_second_time() {
    for cascade in [
        Cascade::Plain,
        Cascade::DattoRmm,
        Cascade::NSight,
        Cascade::Auvik,
    ] {
        let mut world = world(TENANT);
        assert!(!push(&mut world, rules(cascade)).is_empty(), "{cascade:?}");
        assert_eq!(push(&mut world, rules(cascade)), [""; 0], "{cascade:?}");
    }
}

#[test]
fn datto_finds_what_it_wrote_before_and_switches_it_on_again() {
    let mut world = world(TENANT);
    let datto = rules(Cascade::DattoRmm);
    assert_eq!(push(&mut world, datto), ["psa put ws2", "psa put bare"]);
    // Whatever the device is called by now, and whatever its number.
    edit(&mut world, Tool::Psa, "ws2", inactive());
    edit(&mut world, Tool::Rmm, "ws2", name("NEW"));
    edit(&mut world, Tool::Rmm, "ws2", serial("OTHER"));
    assert_eq!(push(&mut world, datto), ["psa edit ws2"]);
    let record = &in_psa(&world)[1];
    assert_eq!((record.name.as_str(), record.active), ("NEW", true));
    assert_eq!(record.status.as_deref(), Some("Active"));
}

#[test]
fn datto_takes_host_name_and_serial_number_of_the_organization() {
    let mut world = world(TENANT);
    world.reimage(Tool::Rmm, "ws1").unwrap();
    // The second record of one machine is the first one's item, not a new one.
    let which: &[&str] = &["ws1#2"];
    let datto = rules(Cascade::DattoRmm);
    let changes = world.push_devices(Tool::Rmm, Tool::Psa, Some(which), datto);
    assert_eq!(told(&changes.unwrap()), [""; 0]);
    // The name alone is not enough, so the item is doubled.
    edit(&mut world, Tool::Rmm, "ws1", serial("ELSE"));
    let which: &[&str] = &["ws1"];
    let mut other = world.clone();
    let changes = other.push_devices(Tool::Rmm, Tool::Psa, Some(&["ws1#2"]), datto);
    assert_eq!(told(&changes.unwrap()), [""; 0]);
    let changes = world
        .push_devices(Tool::Rmm, Tool::Psa, Some(which), datto)
        .unwrap();
    // Both keys were asked for: `ws1` names the device and its records.
    assert_eq!(told(&changes), ["psa put ws1#2"]);
}

#[test]
fn datto_takes_the_serial_number_of_another_organization_and_leaves_the_item_there() {
    let mut world = world(TENANT);
    edit(&mut world, Tool::Rmm, "ws1", moved("lark"));
    edit(&mut world, Tool::Rmm, "ws1", name("LARK-1"));
    let changes = push(&mut world, rules(Cascade::DattoRmm));
    assert_eq!(changes[0], "psa edit ws1");
    let record = &in_psa(&world)[0];
    assert_eq!(record.organization, "acme");
    assert_eq!(record.name, "LARK-1");
    assert_eq!(record.manufacturer.as_deref(), Some("HP"));
}

#[test]
fn datto_takes_the_oldest_of_several_and_none_that_is_inactive() {
    let two = r#"
organizations:
  acme: { name: Acme }
devices:
  new: { organization: acme, name: HOST, serial: S-1, psa: { active: false }, in: [psa] }
  mid: { organization: acme, name: HOST, serial: S-1, in: [psa] }
  old: { organization: acme, name: HOST, serial: S-1, in: [psa] }
  it: { organization: acme, name: HOST, serial: S-1, ip: 10.0.0.9, macs: ["00:00:00:00:00:09"], in: [rmm] }
"#;
    let mut world = world(two);
    assert_eq!(
        push(&mut world, rules(Cascade::DattoRmm)),
        ["psa edit mid"],
        "the first of the file that is active"
    );
}

#[test]
fn datto_never_finds_by_a_blank_serial_number_but_by_a_placeholder() {
    let tenant = r#"
organizations:
  acme: { name: Acme }
  lark: { name: Lark }
devices:
  a: { organization: acme, name: A, serial: Default string, in: [psa] }
  b: { organization: lark, name: B, serial: Default string, in: [rmm] }
  c: { organization: acme, name: C, serial: " ", in: [psa] }
  d: { organization: lark, name: D, serial: " ", in: [rmm] }
"#;
    let mut world = world(tenant);
    assert_eq!(
        push(&mut world, rules(Cascade::DattoRmm)),
        ["psa edit a", "psa put d"],
        "one number on two machines costs the first its record"
    );
}

#[test]
fn dattos_own_switches_are_written_with_their_mac_for_a_serial_number() {
    let tenant = r#"
organizations:
  acme: { name: Acme }
devices:
  sw: { organization: acme, class: network, name: SW, serial: S, macs: ["00:1B:44:11:3A:C1"], manufacturer: Datto, in: [rmm] }
  hp: { organization: acme, class: network, name: HP, serial: T, macs: ["00:1B:44:11:3A:C2"], manufacturer: HPE, in: [rmm] }
"#;
    let mut world = world(tenant);
    push(&mut world, rules(Cascade::DattoRmm));
    let serials: Vec<_> = in_psa(&world).into_iter().map(|it| it.serial).collect();
    assert_eq!(
        serials,
        [Some("00:1B:44:11:3A:C1".to_owned()), Some("T".to_owned())]
    );
}

#[test]
fn n_sight_follows_clients_and_takes_away_what_was_deleted() {
    let mut world = world(TENANT);
    let n_sight = rules(Cascade::NSight);
    world.remove(Tool::Psa, Kind::Organization, "lark").unwrap();
    assert_eq!(
        push(&mut world, n_sight),
        ["psa put lark#2", "psa put ws2", "psa put bare"],
        "a client comes without devices too"
    );
    let patch = OrganizationPatch {
        name: Some("Lark & Sons".to_owned()),
        ..OrganizationPatch::default()
    };
    world.edit(Tool::Rmm, "lark", &Patch::from(patch)).unwrap();
    world.remove(Tool::Rmm, Kind::Device, "ws2").unwrap();
    edit(&mut world, Tool::Rmm, "ws1", moved("lark"));
    let changes = push(&mut world, n_sight);
    assert_eq!(changes, ["psa edit lark#2", "psa remove ws2"]);
    let psa = world.project(Tool::Psa);
    assert_eq!(psa.organizations[1].name, "Lark & Sons");
    assert_eq!(psa.devices[0].organization, "acme", "it stays where it was");
    world.remove(Tool::Rmm, Kind::Organization, "acme").unwrap();
    assert_eq!(
        push(&mut world, n_sight),
        ["psa edit acme", "psa remove bare"]
    );
    let psa = world.project(Tool::Psa);
    assert_eq!(psa.organizations[0].status.as_deref(), Some("Inactive"));
}

#[test]
fn n_sight_leaves_a_company_that_people_renamed_in_the_psa() {
    let mut world = world(TENANT);
    let n_sight = rules(Cascade::NSight);
    push(&mut world, n_sight);
    let patch = OrganizationPatch {
        name: Some("ACME Inc.".to_owned()),
        ..OrganizationPatch::default()
    };
    world.edit(Tool::Psa, "acme", &Patch::from(patch)).unwrap();
    assert_eq!(push(&mut world, n_sight), [""; 0]);
}

#[test]
fn auvik_goes_by_its_identifier_alone() {
    let by = |identifier, only_active| PushRules {
        cascade: Cascade::Auvik,
        identifier,
        only_active,
    };
    let serials = by(PushIdentifier::Serial, false);
    let names = by(PushIdentifier::Name, false);
    let mut world = world(TENANT);
    edit(&mut world, Tool::Rmm, "ws1", serial("aaa1"));
    // Case does not count, and who has no number is left out.
    assert_eq!(push(&mut world, serials), ["psa edit ws1", "psa put ws2"]);
    assert_eq!(push(&mut world, names), ["psa put bare"]);
    // A new name is a new record where names are what devices are told by.
    edit(&mut world, Tool::Rmm, "ws2", name("RENAMED"));
    assert_eq!(push(&mut world.clone(), serials), ["psa edit ws2"]);
    assert_eq!(push(&mut world, names), ["psa put ws2#2"]);
    // A device that returns meets its old record, unless only active ones are looked at.
    edit(&mut world, Tool::Psa, "bare", inactive());
    assert_eq!(push(&mut world.clone(), names), [""; 0]);
    let active = by(PushIdentifier::Name, true);
    assert_eq!(push(&mut world, active), ["psa put bare#2"]);
}

#[test]
fn auvik_stays_in_the_organization() {
    let mut world = world(TENANT);
    edit(&mut world, Tool::Rmm, "ws1", moved("lark"));
    assert_eq!(
        push(&mut world, rules(Cascade::Auvik)),
        ["psa put ws1#2", "psa put ws2"]
    );
}
