//! A device of the world as a managed device: what Intune says of it and how. It must not know HTTP, nor
//! which tenant it is in beyond that tenant's domain.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kit::{Object, draw, draw_guid, guid};
use crate::world::{DeviceClass, DeviceRecord, Nic};

/// Members in the order of a reply, which are those that can be asked for.
pub(super) const MEMBERS: &[&str] = &[
    "id",
    "userId",
    "deviceName",
    "managedDeviceOwnerType",
    "enrolledDateTime",
    "lastSyncDateTime",
    "operatingSystem",
    "complianceState",
    "jailBroken",
    "managementAgent",
    "osVersion",
    "easActivated",
    "easDeviceId",
    "easActivationDateTime",
    "azureADRegistered",
    "deviceEnrollmentType",
    "activationLockBypassCode",
    "emailAddress",
    "azureADDeviceId",
    "deviceRegistrationState",
    "deviceCategoryDisplayName",
    "isSupervised",
    "exchangeLastSuccessfulSyncDateTime",
    "exchangeAccessState",
    "exchangeAccessStateReason",
    "remoteAssistanceSessionUrl",
    "remoteAssistanceSessionErrorDetails",
    "isEncrypted",
    "userPrincipalName",
    "model",
    "manufacturer",
    "imei",
    "complianceGracePeriodExpirationDateTime",
    "serialNumber",
    "phoneNumber",
    "androidSecurityPatchLevel",
    "userDisplayName",
    "configurationManagerClientEnabledFeatures",
    "wiFiMacAddress",
    "deviceHealthAttestationState",
    "subscriberCarrier",
    "meid",
    "totalStorageSpaceInBytes",
    "freeStorageSpaceInBytes",
    "managedDeviceName",
    "partnerReportedThreatState",
    "requireUserEnrollmentApproval",
    "managementCertificateExpirationDate",
    "iccid",
    "udid",
    "notes",
    "ethernetMacAddress",
    "physicalMemoryInBytes",
    "enrollmentProfileName",
    "managementState",
    "deviceActionResults",
];

/// How a date is written that is none (inferred).
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";

/// What only a reply about one device tells, and whether it has to be asked for by name. That lists lack
/// them is documented; that the MAC address comes without its name being given is seen.
pub(super) const APART: [(&str, bool); 3] = [
    ("ethernetMacAddress", false),
    ("physicalMemoryInBytes", true),
    ("notes", true),
];

/// What stands in the place of a member that is not told.
pub(super) fn untold(member: &str) -> Value {
    match member {
        "physicalMemoryInBytes" => 0.into(),
        _ => Value::Null,
    }
}

/// Whether Intune can have the device. Servers are not enrolled (documented); the rest is no computer.
pub(super) const fn enrolls(it: &DeviceRecord) -> bool {
    matches!(it.class, DeviceClass::Workstation)
}

/// What the world says of a device. Texts without a value are as often empty as they are null (seen).
pub(super) fn device(it: &DeviceRecord, domain: &str) -> Object {
    let none = |member: &str| -> Value {
        if draw(0, member, &it.key) & 1 == 0 {
            "".into()
        } else {
            Value::Null
        }
    };
    let text = |member: &'static str, value: &Option<String>| -> (&'static str, Value) {
        let value = value.clone().map_or_else(|| none(member), Value::from);
        (member, value)
    };
    let user = it.last_user.as_deref().map(|user| {
        // The user is known by the account in the tenant, not by the one on the device.
        let name = user.rsplit('\\').next().unwrap_or(user);
        format!("{}@{domain}", name.to_lowercase())
    });
    let system = system(it.os.as_deref());
    let adapter = |wireless: bool| -> Option<String> {
        let mut fitting = it.nics.iter().filter(|nic| is_wireless(nic) == wireless);
        fitting.find_map(|nic| nic.mac.as_deref().map(bare))
    };
    let size = |of: fn(&crate::world::Disk) -> u64| it.disks.iter().map(of).sum::<u64>();
    let serial = it.serial.as_ref().map(|serial| {
        // Blanks are gone (seen: "Defaultstring" of many devices).
        let mut serial = serial.clone();
        serial.retain(|letter| !letter.is_whitespace());
        serial
    });
    let mut members = vec![
        ("deviceName", it.name.clone().into()),
        ("managedDeviceOwnerType", "company".into()),
        (
            "lastSyncDateTime",
            it.last_seen.map_or_else(|| NEVER.into(), moment),
        ),
        ("operatingSystem", system.into()),
        (
            "osVersion",
            it.os_version.clone().unwrap_or_default().into(),
        ),
        (
            "userId",
            user.as_deref()
                .map_or_else(String::new, |user| guid(draw_guid(0, "user", user)))
                .into(),
        ),
        text("userPrincipalName", &user),
        text("emailAddress", &user),
        text("model", &it.model),
        text("manufacturer", &it.manufacturer),
        (
            "serialNumber",
            serial.map_or_else(|| none("serialNumber"), Value::from),
        ),
        text("wiFiMacAddress", &adapter(true)),
        text("ethernetMacAddress", &adapter(false)),
        ("physicalMemoryInBytes", it.memory_bytes.unwrap_or(0).into()),
        (
            "totalStorageSpaceInBytes",
            size(|disk| disk.size_bytes).into(),
        ),
        (
            "freeStorageSpaceInBytes",
            size(|disk| disk.free_bytes).into(),
        ),
        ("notes", it.notes.clone().into()),
        (
            "managementState",
            if it.active {
                "managed"
            } else {
                "retirePending"
            }
            .into(),
        ),
    ];
    for member in [
        "imei",
        "meid",
        "phoneNumber",
        "subscriberCarrier",
        "userDisplayName",
        "androidSecurityPatchLevel",
    ] {
        members.push((member, none(member)));
    }
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What the platform gives a device when it is enrolled, and no edit changes.
pub(super) fn enrolled(id: &str, it: &DeviceRecord, seed: u64, now: Timestamp) -> Object {
    let days = i64::try_from(draw(seed, "enrolled", &it.key) % 900).unwrap_or(0) + 30;
    let ago = jiff::SignedDuration::from_hours(24 * days);
    // Whoever has checked in was enrolled before.
    let begin = it.last_seen.map_or(Ok(now), |seen| seen.checked_sub(ago));
    let begin = begin.unwrap_or(now);
    let end = begin.checked_add(jiff::SignedDuration::from_hours(24 * 365));
    let device = json!({
        "id": id,
        "enrolledDateTime": moment(begin),
        "managementCertificateExpirationDate": moment(end.unwrap_or(Timestamp::MAX)),
        "azureADDeviceId": guid(draw_guid(seed, "directory", &it.key)),
        "azureADRegistered": true,
        "managedDeviceName": format!("{}_{}_{}", it.name, system(it.os.as_deref()), moment(begin).as_str().unwrap_or_default()),
        "complianceState": "compliant",
        "jailBroken": "Unknown",
        "managementAgent": "mdm",
        "easActivated": false,
        "easDeviceId": null,
        "easActivationDateTime": NEVER,
        "deviceEnrollmentType": "windowsAzureADJoin",
        "activationLockBypassCode": null,
        "deviceRegistrationState": "registered",
        "deviceCategoryDisplayName": "Unassigned",
        "isSupervised": false,
        "exchangeLastSuccessfulSyncDateTime": NEVER,
        "exchangeAccessState": "none",
        "exchangeAccessStateReason": "none",
        "remoteAssistanceSessionUrl": null,
        "remoteAssistanceSessionErrorDetails": null,
        "isEncrypted": true,
        "complianceGracePeriodExpirationDateTime": "9999-12-31T23:59:59Z",
        "configurationManagerClientEnabledFeatures": null,
        "deviceHealthAttestationState": null,
        "partnerReportedThreatState": "unknown",
        "requireUserEnrollmentApproval": null,
        "iccid": null,
        "udid": null,
        "enrollmentProfileName": null,
        "deviceActionResults": [],
    });
    match device {
        Value::Object(device) => device,
        _ => Object::new(),
    }
}

pub(super) fn moment(at: Timestamp) -> Value {
    at.to_string().into()
}

/// The family of an operating system; empty where nothing is known.
fn system(os: Option<&str>) -> &'static str {
    let Some(os) = os else {
        return "";
    };
    let os = os.to_lowercase();
    let names = [
        ("ipad", "iPadOS"),
        ("ios", "iOS"),
        ("android", "Android"),
        ("mac", "macOS"),
        ("os x", "macOS"),
        ("windows", "Windows"),
    ];
    let found = names.into_iter().find(|(part, _)| os.contains(part));
    found.map_or("Linux", |(_, name)| name)
}

/// One wired and one wireless adapter are known of a device. Those of the world say by their names what
/// they are.
fn is_wireless(nic: &Nic) -> bool {
    let name = nic.name.as_deref().unwrap_or_default().to_lowercase();
    ["wi-fi", "wifi", "wireless", "wlan", "802.11"]
        .iter()
        .any(|word| name.contains(word))
}

/// A MAC address as twelve digits in upper case (seen); what is none stays as it is.
fn bare(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, ':' | '-' | '.' | ' '))
        .collect();
    if digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return digits.to_ascii_uppercase();
    }
    text.to_owned()
}
