//! Changes of the world, and what stays the same under them.

use super::*;
use crate::ChangeError;
use crate::world::{Change, Kind, Record};

fn put(record: DeviceRecord) -> Change {
    Change::Put(Record::Device(Box::new(record)))
}

fn put_site(record: OrganizationRecord) -> Change {
    Change::Put(Record::Organization(record))
}

fn remove(kind: Kind, key: &str) -> Change {
    Change::Remove {
        kind,
        key: key.to_owned(),
    }
}

#[test]
fn uids_do_not_depend_on_order_or_neighbours() {
    let rig = Rig::new(&records());
    let mut other = records();
    other.devices.reverse();
    other.organizations.reverse();
    other
        .devices
        .push(device("new", "lark", DeviceClass::Server));
    let other = Rig::new(&other);
    for (key, uid) in truth_by_key(&rig) {
        assert_eq!(uid, other.uid(&key), "{key}");
    }
    let mut reseeded = records();
    reseeded.seed = 8;
    assert_ne!(rig.uid("lt07"), Rig::new(&reseeded).uid("lt07"));
}

#[test]
fn the_same_records_make_the_same_bytes() {
    let list = |rig: &Rig| rig.reply("/api/v2/account/devices").body_bytes();
    assert_eq!(list(&Rig::new(&records())), list(&Rig::new(&records())));
}

#[test]
fn an_edited_device_keeps_its_ids_its_birthday_and_its_fields() {
    let rig = Rig::new(&records());
    let before = rig.device("lt07");
    let path = format!("/api/v2/device/{}/udf", rig.uid("lt07"));
    rig.write(Method::POST, &path, r#"{"udf1": "kept"}"#);
    let mut edited = laptop();
    edited.serial = Some("OTHER".to_owned());
    edited.nics.truncate(1);
    edited.organization = "fern".to_owned();
    rig.datto.apply(&put(edited), after(60_000)).unwrap();
    let now = rig.device("lt07");
    assert_eq!((&now["id"], &now["uid"]), (&before["id"], &before["uid"]));
    assert_eq!(now["creationDate"], before["creationDate"]);
    assert_eq!(now["lastAuditDate"], after(60_000).as_millisecond());
    assert_eq!(now["udf"]["udf1"], "kept");
    assert_eq!(now["siteName"], "Fern & Co");
    assert_eq!(rig.site("lark")["devicesStatus"]["numberOfDevices"], 2);
    assert_eq!(rig.site("fern")["devicesStatus"]["numberOfDevices"], 3);
    let audit = rig.get(&format!("/api/v2/audit/device/{}", rig.uid("lt07")));
    assert_eq!(audit["bios"]["serialNumber"], "OTHER");
    // The address that it lost no longer finds it.
    assert_eq!(rig.status("/api/v2/device/macAddress/00E04C680001"), 404);
    assert_eq!(rig.status("/api/v2/device/macAddress/001B44113AB7"), 200);
}

#[test]
fn a_change_of_class_changes_the_audit() {
    let rig = Rig::new(&records());
    rig.datto
        .apply(&put(device("srv1", "lark", DeviceClass::Network)), start())
        .unwrap();
    let uid = rig.uid("srv1");
    assert_eq!(rig.status(&format!("/api/v2/audit/device/{uid}")), 400);
    rig.datto
        .apply(&put(device("sw1", "fern", DeviceClass::Server)), start())
        .unwrap();
    assert_eq!(
        rig.status(&format!("/api/v2/audit/device/{}", rig.uid("sw1"))),
        200
    );
}

#[test]
fn a_deleted_device_goes_to_deleted_devices() {
    let rig = Rig::new(&records());
    // Ask first, so that the v3 forms exist and must be kept up.
    rig.get("/api/v3/account/devices");
    rig.datto
        .apply(&remove(Kind::Device, "lt07"), start())
        .unwrap();
    for version in ["v2", "v3"] {
        let device = rig.get(&format!("/api/{version}/device/{}", rig.uid("lt07")));
        assert_eq!(device["deleted"], true);
        assert_eq!(device["online"], false);
        assert_eq!(device["siteUid"], "deleted-devices");
        assert_eq!(device["siteName"], "Deleted Devices");
        let list = rig.get(&format!("/api/{version}/account/devices"));
        assert_eq!(list["pageDetails"]["totalCount"], 5);
    }
    let deleted = rig.get("/api/v2/site/deleted-devices/devices");
    assert_eq!(hostnames(&deleted), ["LT07"]);
    assert_eq!(
        rig.get("/api/v2/site/deleted-devices")["devicesStatus"]["numberOfOfflineDevices"],
        1
    );
    let again = rig.datto.apply(&remove(Kind::Device, "lt07"), start());
    assert!(matches!(
        again,
        Err(ChangeError::Unknown {
            kind: Kind::Device,
            ..
        })
    ));
    assert_eq!(
        rig.get("/api/v2/account/devices?filterId=1")["pageDetails"]["totalCount"],
        4
    );

    rig.datto.apply(&put(laptop()), start()).unwrap();
    let back = rig.device("lt07");
    assert_eq!(
        (&back["deleted"], &back["siteName"]),
        (&false.into(), &"Larkspur Dental".into())
    );
    assert_eq!(rig.datto.truth().len(), 7);
}

#[test]
fn a_deleted_site_is_gone_and_its_devices_deleted() {
    let rig = Rig::new(&records());
    let uid = rig.uid("fern");
    rig.datto
        .apply(&remove(Kind::Organization, "fern"), start())
        .unwrap();
    assert_eq!(rig.status(&format!("/api/v2/site/{uid}")), 404);
    assert_eq!(
        rig.get("/api/v2/account/sites")["pageDetails"]["totalCount"],
        4
    );
    assert_eq!(rig.datto.counts()["sites"], 4);
    assert_eq!(rig.device("prn1")["deleted"], true);
    // The truth keeps what was ever served.
    assert_eq!(rig.uid("fern"), uid);
    let orphan = rig
        .datto
        .apply(&put(device("x", "fern", DeviceClass::Server)), start());
    assert!(matches!(
        orphan,
        Err(ChangeError::Unknown {
            kind: Kind::Organization,
            ..
        })
    ));
    rig.datto
        .apply(&put_site(organization("fern", "Fern again")), start())
        .unwrap();
    assert_eq!(rig.site("fern")["name"], "Fern again");
    assert_eq!(rig.site("fern")["devicesStatus"]["numberOfDevices"], 0);
}

#[test]
fn a_renamed_site_is_renamed_in_its_devices() {
    let rig = Rig::new(&records());
    rig.datto
        .apply(
            &put_site(organization("lark", "Larkspur Dental Inc.")),
            start(),
        )
        .unwrap();
    assert_eq!(rig.device("srv1")["siteName"], "Larkspur Dental Inc.");
    let path = format!("/api/v2/site/{}/devices/network-interface", rig.uid("lark"));
    assert_eq!(
        rig.get(&path)["devices"][0]["siteName"],
        "Larkspur Dental Inc."
    );
    assert_eq!(rig.device("prn1")["siteName"], "Fern & Co");
}

#[test]
fn what_an_rmm_has_not_is_refused() {
    let rig = Rig::new(&records());
    let contact = rig.datto.apply(&remove(Kind::Contact, "pat"), start());
    assert!(matches!(
        contact,
        Err(ChangeError::Unsupported {
            kind: Kind::Contact,
            ..
        })
    ));
    let site = rig
        .datto
        .apply(&remove(Kind::Organization, "nobody"), start());
    assert_eq!(
        site.unwrap_err().to_string(),
        "datto-rmm holds no organization with the key `nobody`"
    );
}

#[test]
fn the_truth_is_ordered_and_whole() {
    let rig = Rig::new(&records());
    let truth = rig.datto.truth();
    let kinds: Vec<Kind> = truth.iter().map(|row| row.kind).collect();
    assert!(kinds.is_sorted());
    let ids: Vec<u64> = truth
        .iter()
        .filter(|row| row.kind == Kind::Device)
        .map(|row| rig.device(&row.key)["id"].as_u64().unwrap())
        .collect();
    assert!(ids.is_sorted());
    assert_eq!((truth.len(), ids.len()), (7, 5));
}
