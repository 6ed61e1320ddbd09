//! The vendor's JSON, field for field in the documented order. Records are kept rendered, and read
//! back into these shapes when a write changes them. Must not know where the values come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Text that may be borrowed from a record or come from JSON.
pub(super) type Text<'a> = Cow<'a, str>;

/// How many user-defined fields a device always shows; up to 300 can be set (seen).
const SHOWN_UDFS: u16 = 30;

/// Highest number of a user-defined field (documented).
pub(super) const LAST_UDF: u16 = 300;

/// Appends JSON. The shapes here always serialize; should one ever not, it stands as `null`, so that
/// the list around it stays JSON.
pub(super) fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// JSON of its own.
pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    write_json(&mut out, value);
    out
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DevicesStatus {
    pub(super) number_of_devices: u64,
    pub(super) number_of_online_devices: u64,
    pub(super) number_of_offline_devices: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProxyType {
    Http,
    Socks4,
    Socks5,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProxySettings {
    pub(super) host: Option<String>,
    pub(super) password: Option<String>,
    pub(super) port: Option<i32>,
    #[serde(rename = "type")]
    pub(super) proxy_type: Option<ProxyType>,
    pub(super) username: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Site<'a> {
    pub(super) id: u64,
    pub(super) uid: &'a str,
    pub(super) account_uid: &'a str,
    pub(super) name: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) notes: Option<&'a str>,
    pub(super) on_demand: bool,
    pub(super) splashtop_auto_install: bool,
    pub(super) proxy_settings: Option<&'a ProxySettings>,
    pub(super) devices_status: DevicesStatus,
    pub(super) autotask_company_name: Option<&'a str>,
    pub(super) autotask_company_id: Option<&'a str>,
    pub(super) portal_url: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct DeviceType<'a> {
    pub(super) category: Text<'a>,
    #[serde(rename = "type")]
    pub(super) name: Text<'a>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Antivirus<'a> {
    pub(super) antivirus_product: Text<'a>,
    pub(super) antivirus_status: Text<'a>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PatchManagement<'a> {
    pub(super) patch_status: Text<'a>,
    pub(super) patches_approved_pending: u32,
    pub(super) patches_not_approved: u32,
    pub(super) patches_installed: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Device<'a> {
    pub(super) id: u64,
    pub(super) uid: Text<'a>,
    pub(super) site_id: u64,
    pub(super) site_uid: Text<'a>,
    pub(super) site_name: Text<'a>,
    pub(super) device_type: DeviceType<'a>,
    pub(super) hostname: Text<'a>,
    pub(super) int_ip_address: Option<Text<'a>>,
    pub(super) operating_system: Option<Text<'a>>,
    pub(super) last_logged_in_user: Option<Text<'a>>,
    pub(super) domain: Option<Text<'a>>,
    pub(super) cag_version: Text<'a>,
    pub(super) display_version: Text<'a>,
    pub(super) ext_ip_address: Option<Text<'a>>,
    pub(super) description: Text<'a>,
    #[serde(rename = "a64Bit")]
    pub(super) a_64_bit: bool,
    pub(super) reboot_required: Option<bool>,
    pub(super) online: bool,
    pub(super) suspended: bool,
    pub(super) deleted: bool,
    pub(super) last_seen: Option<i64>,
    pub(super) last_reboot: Option<i64>,
    pub(super) last_audit_date: Option<i64>,
    pub(super) creation_date: Option<i64>,
    pub(super) snmp_enabled: bool,
    pub(super) device_class: Text<'a>,
    pub(super) portal_url: Text<'a>,
    pub(super) warranty_date: Option<Text<'a>>,
    pub(super) antivirus: Option<Antivirus<'a>>,
    pub(super) patch_management: Option<PatchManagement<'a>>,
    pub(super) software_status: Option<Text<'a>>,
    pub(super) web_remote_url: Text<'a>,
    pub(super) network_probe: bool,
    pub(super) onboarded_via_network_monitor: bool,
    /// Left out while the v3 form is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) udf: Option<Udf>,
}

impl Device<'_> {
    /// The v3 form: the same fields, but `udfs` in place of `udf` (documented).
    pub(super) fn to_v3(&self) -> Vec<u8> {
        let mut without = self.clone();
        let udf = without.udf.take().unwrap_or_default();
        let mut out = to_json(&without);
        out.pop();
        out.extend_from_slice(b",\"udfs\":");
        let items: Vec<UdfItem<'_>> = udf
            .0
            .iter()
            .map(|(ordinal, value)| UdfItem {
                ordinal: *ordinal,
                udf_type: "STRING",
                value_boolean: None,
                value_string: value,
                value_date: None,
                value_number: None,
                label: None,
                type_mis_match: false,
            })
            .collect();
        write_json(&mut out, &items);
        out.push(b'}');
        out
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UdfItem<'a> {
    ordinal: u16,
    #[serde(rename = "type")]
    udf_type: &'static str,
    value_boolean: Option<bool>,
    value_string: &'a str,
    value_date: Option<&'a str>,
    value_number: Option<f64>,
    label: Option<&'a str>,
    type_mis_match: bool,
}

/// User-defined fields by number. The JSON shows 1 to 30 always and the others when they are set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Udf(pub(super) BTreeMap<u16, String>);

/// What nearly every device shows.
static NO_UDFS: LazyLock<Option<Box<RawValue>>> = LazyLock::new(|| {
    let nulls: Vec<String> = (1..=SHOWN_UDFS)
        .map(|n| format!("\"udf{n}\":null"))
        .collect();
    RawValue::from_string(format!("{{{}}}", nulls.join(","))).ok()
});

impl Serialize for Udf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty()
            && let Some(nulls) = &*NO_UDFS
        {
            return nulls.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        for number in 1..=SHOWN_UDFS {
            map.serialize_entry(&format!("udf{number}"), &self.0.get(&number))?;
        }
        for (number, value) in self.0.range(SHOWN_UDFS + 1..) {
            map.serialize_entry(&format!("udf{number}"), value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Udf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Udf;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("user-defined fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Udf, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, Option<String>>()? {
                    if let (Some(number), Some(value)) = (udf_number(&name), value) {
                        fields.insert(number, value);
                    }
                }
                Ok(Udf(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// `udf12` is 12.
pub(super) fn udf_number(name: &str) -> Option<u16> {
    let number: u16 = name.strip_prefix("udf")?.parse().ok()?;
    (1..=LAST_UDF).contains(&number).then_some(number)
}

/// One adapter of a computer, printer or network device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Nic<'a> {
    pub(super) instance: Option<Text<'a>>,
    pub(super) ipv4: Option<Text<'a>>,
    pub(super) ipv6: Option<Text<'a>>,
    pub(super) mac_address: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub(super) nic_type: Option<Text<'a>>,
}

/// A device in the list of network interfaces.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Interfaces<'a> {
    pub(super) id: u64,
    pub(super) uid: Text<'a>,
    pub(super) site_id: u64,
    pub(super) site_uid: Text<'a>,
    pub(super) site_name: Text<'a>,
    pub(super) device_type: DeviceType<'a>,
    pub(super) hostname: Text<'a>,
    pub(super) int_ip_address: Option<Text<'a>>,
    pub(super) ext_ip_address: Option<Text<'a>>,
    pub(super) nics: Vec<Nic<'a>>,
}

/// A list that is always empty here.
pub(super) type NoItems = [(); 0];

/// The audit of a computer. What is `()` is null here: the world does not say it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ComputerAudit<'a> {
    pub(super) portal_url: String,
    pub(super) web_remote_url: String,
    pub(super) system_info: SystemInfo<'a>,
    pub(super) nics: Vec<Nic<'a>>,
    pub(super) bios: Bios<'a>,
    pub(super) base_board: BaseBoard<'a>,
    pub(super) displays: NoItems,
    pub(super) logical_disks: Vec<LogicalDisk<'a>>,
    pub(super) mobile_info: NoItems,
    pub(super) processors: Vec<Processor<'a>>,
    pub(super) video_boards: NoItems,
    pub(super) attached_devices: NoItems,
    pub(super) snmp_info: (),
    pub(super) physical_memory: NoItems,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SystemInfo<'a> {
    pub(super) manufacturer: Option<Text<'a>>,
    pub(super) model: Option<Text<'a>>,
    pub(super) total_physical_memory: Option<u64>,
    pub(super) username: Option<Text<'a>>,
    pub(super) dot_net_version: (),
    pub(super) total_cpu_cores: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bios<'a> {
    pub(super) instance: (),
    pub(super) release_date: (),
    pub(super) serial_number: Option<Text<'a>>,
    pub(super) sm_bios_version: (),
}

#[derive(Debug, Serialize)]
pub(super) struct BaseBoard<'a> {
    pub(super) manufacturer: Option<Text<'a>>,
    pub(super) product: (),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalDisk<'a> {
    pub(super) description: &'static str,
    pub(super) disk_identifier: &'a str,
    pub(super) freespace: u64,
    pub(super) size: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Processor<'a> {
    pub(super) name: &'a str,
}
