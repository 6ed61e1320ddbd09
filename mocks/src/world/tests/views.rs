//! What each tool sees of a tenant.

use proptest::prelude::*;

use super::super::{Device, DeviceClass, DevicePatch, Dirt, Kind, Nic, Tenant, Tool, World};
use super::{tenant, world};

const TENANT: &str = r#"
company: Lark IT
seed: 7
contents:
  organization_types: [Client, Co-managed]
organizations:
  east:
    name: Acme Dental East
    parent: acme
  acme:
    name: Acme Dental
    short_name: ACME
    psa: { type: Prospect }
    rmm: { name: ACME Dental Inc. }
    copies: { rmm: [{ name: Acme Annex }] }
  idle: { name: Idle Ltd, active: false, in: [psa] }
locations:
  main: { organization: acme, name: Main, city: Halifax, region: NS }
  shed: { organization: acme, name: Shed }
contacts:
  pat: { organization: acme, location: main, first_name: Pat, last_name: Doe, type: Owner }
devices:
  ws1:
    organization: acme
    location: main
    contact: pat
    name: ACME-WS1
    serial: 5CG01234XY
    nics:
      - { name: dock, ip: 10.0.0.9 }
      - { name: wifi, mac: "00:1B:44:11:3A:B7", ip: 10.0.0.4 }
    last_seen: 2026-01-05T09:00:00Z
    purchased: 2024-03-01
    psa: { serial: null, macs: [00-1b-44-11-3a-b7] }
    rmm: { organization: acme#2, serial: To be filled by O.E.M. }
    copies: { psa: [{ name: OLD-WS1, class: server, active: false }] }
    dirt: [renamed]
  host: { organization: east, name: HOST, class: hypervisor, macs: ["00:50:56:00:00:01", "00:50:56:00:00:02"], ip: 10.0.0.1, in: [rmm] }
  bare: { organization: idle, name: BARE, ip: 10.9.9.9, in: [psa] }
"#;

fn keys<T>(records: &[T], key: impl Fn(&T) -> &str) -> Vec<&str> {
    records.iter().map(key).collect()
}

#[test]
fn the_psa_sees_sites_people_types_and_one_mac() {
    let records = world(TENANT).project(Tool::Psa);
    assert_eq!((records.seed, records.company.as_str()), (7, "Lark IT"));
    assert_eq!(
        keys(&records.organizations, |it| &it.key),
        ["acme", "east", "idle"]
    );
    let [acme, east, idle] = records.organizations.as_slice() else {
        panic!("three companies")
    };
    assert_eq!(acme.organization_type.as_deref(), Some("Prospect"));
    assert_eq!(east.organization_type.as_deref(), Some("Client"));
    assert_eq!(east.parent.as_deref(), Some("acme"));
    assert_eq!(idle.status.as_deref(), Some("Inactive"));
    assert_eq!(keys(&records.locations, |it| &it.key), ["main", "shed"]);
    assert_eq!(
        (records.locations[0].primary, records.locations[1].primary),
        (true, false)
    );
    assert_eq!(records.contacts[0].location.as_deref(), Some("main"));

    let [ws1, old, bare] = records.devices.as_slice() else {
        panic!("three configurations")
    };
    assert_eq!((ws1.key.as_str(), ws1.truth.as_str()), ("ws1", "ws1"));
    assert_eq!(ws1.organization, "acme");
    assert_eq!(ws1.serial, None);
    assert_eq!(
        ws1.nics,
        [Nic {
            name: None,
            mac: Some("00-1b-44-11-3a-b7".into()),
            ip: Some("10.0.0.4".into())
        }]
    );
    assert_eq!(ws1.last_seen, None);
    assert_eq!(ws1.purchased.unwrap().to_string(), "2024-03-01");
    assert_eq!((old.key.as_str(), old.truth.as_str()), ("ws1#2", "ws1"));
    assert_eq!(old.serial.as_deref(), Some("5CG01234XY"));
    assert_eq!(old.configuration_type.as_deref(), Some("Managed Server"));
    assert_eq!(
        (old.active, old.status.as_deref()),
        (false, Some("Inactive"))
    );
    assert_eq!(
        bare.nics,
        [Nic {
            name: None,
            mac: None,
            ip: Some("10.9.9.9".into())
        }]
    );

    assert_eq!(
        records.contents.organization_types,
        ["Client", "Prospect", "Vendor", "Partner", "Co-managed"]
    );
    assert!(records.contents.contact_types.contains(&"Owner".to_owned()));
}

#[test]
fn the_rmm_sees_companies_and_devices_with_all_adapters() {
    let records = world(TENANT).project(Tool::Rmm);
    assert_eq!(
        keys(&records.organizations, |it| &it.name),
        ["ACME Dental Inc.", "Acme Dental East", "Acme Annex"]
    );
    assert_eq!(records.organizations[2].truth, "acme");
    assert_eq!(records.organizations[2].organization_type, None);
    assert!(records.locations.is_empty() && records.contacts.is_empty());
    assert_eq!(records.contents, crate::world::Contents::default());

    let [ws1, host] = records.devices.as_slice() else {
        panic!("two devices")
    };
    assert_eq!(ws1.organization, "acme#2");
    assert_eq!(ws1.serial.as_deref(), Some("To be filled by O.E.M."));
    assert_eq!(ws1.nics.len(), 2);
    assert_eq!(
        (&ws1.location, &ws1.contact, &ws1.status, ws1.purchased),
        (&None, &None, &None, None)
    );
    assert_eq!(ws1.last_seen.unwrap().to_string(), "2026-01-05T09:00:00Z");
    assert_eq!(host.class, DeviceClass::Hypervisor);
    let pairs: Vec<_> = host
        .nics
        .iter()
        .map(|nic| (nic.mac.as_deref(), nic.ip.as_deref()))
        .collect();
    assert_eq!(
        pairs,
        [
            (Some("00:50:56:00:00:01"), Some("10.0.0.1")),
            (Some("00:50:56:00:00:02"), None)
        ]
    );
}

#[test]
fn entities_tell_where_they_are() {
    let world = world(TENANT);
    let listed: Vec<String> = world
        .entities()
        .map(|it| {
            format!(
                "{} {} {:?} {}{} {}{}",
                it.kind,
                it.key,
                it.organization,
                u8::from(it.tools.psa),
                u8::from(it.tools.rmm),
                u8::from(it.active.psa),
                u8::from(it.active.rmm)
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            "organization east Some(\"acme\") 11 11",
            "organization acme None 11 11",
            "organization idle None 10 00",
            "location main Some(\"acme\") 10 10",
            "location shed Some(\"acme\") 10 10",
            "contact pat Some(\"acme\") 10 10",
            "device ws1 Some(\"acme\") 11 11",
            "device host Some(\"east\") 01 01",
            "device bare Some(\"idle\") 10 10",
        ]
    );
    let ws1 = world.entity(Kind::Device, "ws1#2").unwrap();
    assert_eq!((ws1.key, ws1.dirt), ("ws1", [Dirt::Renamed].as_slice()));
    assert_eq!(world.entity(Kind::Contact, "pat").unwrap().name, "Pat Doe");
    assert_eq!(world.entity(Kind::Device, "nobody"), None);
}

#[test]
fn a_tenant_prints_itself() {
    let read = tenant(TENANT);
    let printed = read.to_yaml();
    assert_eq!(tenant(&printed), read);
    for line in ["in: [rmm]", "dirt: [renamed]", "macs: [00-1b-44-11-3a-b7]"] {
        assert!(printed.contains(line), "{printed}");
    }
    for absent in [
        "address_1",
        "laptop",
        "generate",
        "disks",
        "nics: []",
        "null\n    rmm",
    ] {
        assert!(!printed.contains(absent), "{absent} in\n{printed}");
    }
    assert!(printed.contains("serial: null"), "{printed}");
    assert_eq!(tenant(""), Tenant::default());
    assert_eq!(World::default(), Tenant::default().resolve().unwrap());
}

#[test]
fn the_schema_knows_fields_tools_and_what_may_be_null() {
    let schema = schemars::schema_for!(Tenant).to_value();
    let definition = |name: &str| &schema["$defs"][name];
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(
        schema["properties"]["devices"]["additionalProperties"]["$ref"],
        "#/$defs/Device"
    );
    let device = definition("Device");
    assert_eq!(
        device["required"],
        serde_json::json!(["organization", "name"])
    );
    assert_eq!(device["additionalProperties"], false);
    let patch = definition("DevicePatch");
    assert_eq!(patch["required"], serde_json::Value::Null);
    assert_eq!(patch["properties"]["name"]["type"], "string");
    assert_eq!(
        patch["properties"]["serial"]["type"],
        serde_json::json!(["string", "null"])
    );
    assert_eq!(
        patch["properties"]["serial"]["default"],
        serde_json::Value::Null
    );
    let tools = definition("Tool").to_string();
    assert!(tools.contains("psa") && tools.contains("rmm"), "{tools}");
    assert_eq!(definition("Rate")["maximum"], 1);
}

/// Text as people type it, and as YAML would take it for something else.
fn text() -> impl Strategy<Value = String> {
    let traps = vec![
        "null",
        "~",
        "yes",
        "No",
        "0123",
        "1e3",
        "0x1F",
        ".nan",
        "12:30:45",
        "2026-01-05",
        "- a",
        "a: b",
        "a #b",
        "#b",
        "'",
        "\"",
        "\\",
        " padded ",
        "",
        "[x]",
        "{x}",
        "*x",
        "&x",
        "!x",
        "%x",
        "two\nlines",
        "tail\n",
        "\ttab",
        "Zoë \u{2013} \u{1F5A5}",
        "\u{FEFF}",
        "\u{85}",
        "<<",
        "---",
        "To be filled by O.E.M.",
        "=",
        "@x",
        "`x",
        "|",
        ">",
        "?",
        "? x",
        "x:",
    ];
    prop_oneof![
        prop::sample::select(traps).prop_map(str::to_owned),
        any::<String>()
    ]
}

proptest! {
    #[test]
    fn whatever_a_tool_holds_can_be_written_down(
        name in text(),
        serial in prop::option::of(text()),
        over in prop::option::of(prop::option::of(text())),
        mac in text(),
        notes in text(),
        key in text(),
        active in prop::option::of(any::<bool>()),
    ) {
        let device = Device {
            organization: "o".into(),
            name: name.clone(),
            serial,
            macs: vec![mac.clone(), String::new()],
            notes: Some(notes),
            active,
            tools: active.map(|psa| if psa { vec![Tool::Psa.into()] } else { vec![] }),
            rmm: over.map(|serial| Box::new(DevicePatch {
                serial: Some(serial),
                name: Some(mac),
                active,
                ..DevicePatch::default()
            })),
            ..Device::default()
        };
        let mut written = Tenant { company: Some(name), ..Tenant::default() };
        written.devices.insert(key.into(), device);
        let printed = written.to_yaml();
        match Tenant::from_yaml(&printed) {
            Ok(read) => prop_assert_eq!(read, written, "{}", printed),
            Err(error) => prop_assert!(false, "{error}\n{printed}"),
        }
    }
}
