//! A device as the lists, its own call and its asset show it: members `documented`, which of them a device
//! without an agent has `inferred`. Pure functions; it knows no tables and no requests.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::store::{Place, object};
use crate::kit::{Object, at};
use crate::world::{DeviceClass, DeviceRecord, Disk, Nic};

/// The agents' version; the same everywhere, as in an instance that updates itself.
const CLIENT_VERSION: &str = "10.17.0";

/// How long after it was last seen an agent still counts as online (inferred).
const ONLINE_S: i64 = 300;

/// Members that are kept with a device and that no reply shows.
const SEEN: &str = "_seen";
const ACTIVE: &str = "_active";

/// Members that lists of devices have; the rest is for the call of one.
const BRIEF: [&str; 11] = [
    "Identifier",
    "Name",
    "GroupId",
    "GroupName",
    "IsAgentInstalled",
    "IsMdmEnrolled",
    "SiteId",
    "SiteName",
    "OrganizationId",
    "OrganizationName",
    "HasCustomFields",
];

/// A device, with all that the call of one answers.
pub(super) fn device(it: &DeviceRecord, guid: &str, place: Place) -> Object {
    let agent = super::store::has_agent(it);
    let mut row = placed(guid, &it.name, place, agent);
    row.extend(object(json!({
        "Description": it.os, "ComputerType": kind(it), "InMaintenance": !it.active,
        "ExternalIpAddress": external(place), "LocalIpAddresses": local(it),
        "ClientVersion": agent.then_some(CLIENT_VERSION),
        SEEN: it.last_seen.map(Timestamp::as_second), ACTIVE: it.active,
    })));
    row
}

/// What every device has.
pub(super) fn placed(guid: &str, name: &str, place: Place, agent: bool) -> Object {
    object(json!({
        "Identifier": guid, "Name": name, "GroupId": place.group(), "SiteId": place.site(),
        "OrganizationId": place.organization(), "IsAgentInstalled": agent, "IsMdmEnrolled": false,
        "HasCustomFields": false, "CriticalNotifications": 0, "ElevatedNotifications": 0,
        "NormalNotifications": 0, "LowNotifications": 0,
    }))
}

/// A device as lists have it, with the name of where it belongs.
pub(super) fn brief(mut row: Object, place: &Value) -> Object {
    for name in ["GroupName", "SiteName", "OrganizationName"] {
        row.insert(name.to_owned(), place.clone());
    }
    row.retain(|name, _| BRIEF.contains(&name.as_str()));
    row
}

/// A device as its own call has it now.
pub(super) fn whole(mut row: Object, place: &Value, now: Timestamp) -> Object {
    for name in ["GroupName", "SiteName", "OrganizationName"] {
        row.insert(name.to_owned(), place.clone());
    }
    let seen = at(&row, SEEN).as_i64();
    let late = seen.map(|seen| now.as_second() - seen);
    let online =
        at(&row, ACTIVE) != &Value::Bool(false) && late.is_some_and(|late| late <= ONLINE_S);
    // The words are of the documented sample; those of what is online are inferred.
    let uptime = match (online, late) {
        (true, _) => "Online".to_owned(),
        (false, Some(late)) => format!("Offline since {} days ago", late.max(0) / 86_400),
        (false, None) => "Offline".to_owned(),
    };
    row.insert("IsOnline".to_owned(), online.into());
    row.insert("Uptime".to_owned(), uptime.into());
    row.retain(|name, _| !name.starts_with('_'));
    row
}

/// An asset as it is sent, with the name of where it belongs and a link into the console.
pub(super) fn linked(mut row: Object, place: &Value, base: &str) -> Object {
    for name in ["GroupName", "SiteName", "OrganizationName"] {
        row.insert(name.to_owned(), place.clone());
    }
    if let Some(guid) = at(&row, "Identifier").as_str() {
        let link = format!("{base}/app/main/systems/{guid}/details");
        row.insert("ExternalUrl".to_owned(), link.into());
    }
    row.remove("OrganizationId");
    row
}

/// What an agent reports.
pub(super) fn asset(it: &DeviceRecord, guid: &str, place: Place, now: Timestamp) -> Object {
    let mut row = object(json!({
        "Identifier": guid, "Name": it.name, "OrganizationId": place.organization(),
        "SiteId": place.site(), "Description": it.os, "Tags": [], "Type": kind(it),
        "ClientVersion": CLIENT_VERSION, "LastUpdated": moment(Some(now)),
        "LastSeenOnline": moment(it.last_seen), "LastReboot": moment(it.last_reboot),
        "CpuUsage": 0, "MemoryUsage": 0, "MemoryTotal": it.memory_bytes,
    }));
    row.extend(object(json!({
        "FirewallEnabled": true, "AntivirusEnabled": "enabled", "AntivirusUpToDate": "yes",
        "UacEnabled": true, "EventLogs": { "Error": 0, "Warning": 0, "Information": 0 },
        "Updates": { "Critical": 0, "Important": 0, "Moderate": 0, "Low": 0, "Unspecified": 0 },
        "AssetInfo": categories(it), "PublicIpAddress": external(place),
        "IpAddresses": it.nics.iter().map(adapter).collect::<Vec<_>>(),
        "Disks": it.disks.iter().enumerate().map(disk).collect::<Vec<_>>(),
        "InstalledSoftware": [], "LocalIpAddresses": local(it),
    })));
    row
}

/// What runs on a device: `windows` is documented, the rest inferred.
fn kind(it: &DeviceRecord) -> &'static str {
    let os = it.os.as_deref().unwrap_or_default();
    match it.class {
        DeviceClass::Hypervisor => "vmware",
        DeviceClass::Network | DeviceClass::Printer => "snmp",
        _ if os.to_lowercase().contains("mac") => "mac",
        _ if os.contains("Linux") || os.contains("Ubuntu") => "linux",
        _ => "windows",
    }
}

/// A time; where there is none the text is empty (documented sample).
fn moment(time: Option<Timestamp>) -> String {
    time.map_or_else(String::new, |time| {
        let whole = time - SignedDuration::from_nanos(time.subsec_nanosecond().into());
        whole.to_string()
    })
}

/// One public address for each organization's router, out of a range kept for documentation.
fn external(place: Place) -> String {
    format!("203.0.113.{}", place.organization() / 3 % 254 + 1)
}

/// An address without its separators (documented sample). What is no address, or one that a tool has in a
/// form of its own, stays as it is.
fn bare(mac: &str) -> String {
    let pairs: Vec<&str> = mac.split([':', '-']).collect();
    let pair = |text: &&str| text.len() == 2 && text.bytes().all(|it| it.is_ascii_hexdigit());
    if pairs.len() == 6 && pairs.iter().all(pair) {
        return pairs.concat().to_ascii_uppercase();
    }
    mac.to_owned()
}

fn adapter(nic: &Nic) -> Value {
    let ips: Vec<Value> = (nic.ip.iter())
        .map(|ip| json!({ "IP": ip, "V6": ip.contains(':'), "Download": 0, "Upload": 0 }))
        .collect();
    json!({ "Name": nic.name, "MAC": nic.mac.as_deref().map(bare), "IPs": ips })
}

/// Adapters in their other form, which has the gateway. One that stands alone has no adapter to go with.
fn local(it: &DeviceRecord) -> Vec<Value> {
    let none = [Nic {
        name: None,
        mac: None,
        ip: None,
    }];
    let nics = match (it.nics.as_slice(), &it.default_gateway) {
        ([], Some(_)) => &none[..],
        (nics, _) => nics,
    };
    let shown = nics.iter().enumerate().map(|(place, nic)| {
        let gateway = it.default_gateway.iter().filter(|_| place == 0);
        json!({
            "Name": nic.name, "PhysicalAddress": nic.mac.as_deref().map(bare), "DhcpEnabled": true,
            "Gateways": gateway.collect::<Vec<_>>(), "DnsServers": [], "SubnetMask": null,
            "IpV4": nic.ip, "IpV6": null,
        })
    });
    shown.collect()
}

/// Sizes are in kilobytes (inferred from the documented sample, where a disk has 277358588).
fn disk((place, disk): (usize, &Disk)) -> Value {
    let free = u128::from(disk.free_bytes) * 100 / u128::from(disk.size_bytes.max(1));
    json!({
        "Name": disk.name, "System": place == 0,
        "FreePercentage": u64::try_from(free).unwrap_or(100).min(100),
        "TotalValue": disk.size_bytes / 1_024,
    })
}

/// Free lists of names and texts, by category. What has no value is not named (inferred).
fn categories(it: &DeviceRecord) -> Value {
    let cores = it.cpu_cores.map(|cores| cores.to_string());
    let user = it.last_user.as_deref();
    let domain = user.and_then(|user| user.split_once('\\'));
    let boot = it.last_reboot.map(|time| {
        let time = TimeZone::UTC.to_datetime(time);
        time.strftime("%A, %B %-d, %Y %-I:%M %p").to_string()
    });
    let name = Some(it.name.clone());
    let ok = Some("OK".to_owned());
    let category = |name: &str, members: Vec<(&str, Option<String>)>| {
        let members = members.into_iter();
        let members = members.filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
        json!({ "CategoryName": name, "CategoryData": members.collect::<Object>() })
    };
    json!([
        category(
            "System",
            vec![
                ("Name", name.clone()),
                ("Manufacturer", it.manufacturer.clone()),
                ("Model", it.model.clone()),
                ("Type", Some("x64-based PC".to_owned())),
                ("CPU", it.cpu.clone()),
                (
                    "Number of Processors",
                    it.cpu.as_ref().map(|_| "1".to_owned())
                ),
                ("Number of Logical Processors", cores),
                ("DNS Host Name", name),
                ("Domain", domain.map(|(domain, _)| domain.to_owned())),
                ("Status", ok.clone()),
            ],
        ),
        category(
            "BIOS",
            vec![
                ("Serial Number", it.serial.clone()),
                ("Manufacturer", it.manufacturer.clone()),
                ("Status", ok),
            ],
        ),
        category(
            "Operating System",
            vec![
                ("Name", it.os.clone()),
                ("Version", it.os_version.clone()),
                // The system's own number, which is not the machine's (documented sample).
                (
                    "Serial Number",
                    it.os.as_ref().map(|_| "00330-80000-00000-AA123".to_owned()),
                ),
                ("Last Boot Up Time", boot),
                // Not in the documented sample; a client looks for it (seen).
                ("Last Logged On User", it.last_user.clone()),
            ],
        ),
    ])
}
