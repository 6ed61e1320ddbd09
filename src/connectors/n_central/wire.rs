//! N-central's records as JSON, and what becomes of each field. Names of fields: `seen` in clients whose
//! types follow the vendor's reference; that all values of an inventory are text: `seen`; that any of
//! its sections may be missing: `seen`.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Companies;
use super::loose::{count, flag, id, maybe_id, told, words};
use crate::connectors::values::{date, moment};
use crate::model::{RemoteCompany, RemoteDevice, RemoteDisk, RemoteInterface};

/// What a list is wrapped in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a page of records")]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "count")]
    pub(super) total_items: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    pub(super) total_pages: Option<u64>,
    #[serde(rename = "_links")]
    pub(super) links: Option<Links>,
    /// The core engine's words, in place of everything.
    #[serde(default, rename = "error message", deserialize_with = "words")]
    pub(super) error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "links")]
pub(super) struct Links {
    /// None where the list does not link; none in it at the end.
    #[serde(default, deserialize_with = "link")]
    pub(super) next_page: Option<Option<String>>,
}

fn link<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Option<String>>, D::Error> {
    words(source).map(Some)
}

/// The core engine's words in place of a record, if that is what a reply holds.
pub(super) fn core_error(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Words {
        #[serde(rename = "error message", deserialize_with = "words")]
        error: Option<String>,
    }
    let words: Words = serde_json::from_str(json).ok()?;
    Some(
        words
            .error
            .unwrap_or_else(|| "no reason is given".to_owned()),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a customer")]
pub(super) struct Customer {
    #[serde(rename = "customerId", deserialize_with = "id")]
    pub(super) id: i64,
    customer_name: String,
    #[serde(default, deserialize_with = "flag")]
    is_system: bool,
    #[serde(default, deserialize_with = "flag")]
    is_service_org: bool,
}

impl Customer {
    /// Why the row is no client, if it is none.
    pub(super) fn left_out(&self) -> Option<&'static str> {
        if self.is_system {
            Some("system customer")
        } else if self.is_service_org {
            Some("service organization")
        } else {
            None
        }
    }

    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id.to_string(),
            name: self.customer_name,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a site")]
pub(super) struct Site {
    #[serde(rename = "siteId", deserialize_with = "id")]
    pub(super) id: i64,
    site_name: String,
}

impl Site {
    pub(super) fn into_company(self) -> RemoteCompany {
        RemoteCompany {
            id: self.id.to_string(),
            name: self.site_name,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a device")]
pub(super) struct Device {
    #[serde(rename = "deviceId", deserialize_with = "id")]
    pub(super) id: i64,
    #[serde(deserialize_with = "id")]
    customer_id: i64,
    #[serde(default, deserialize_with = "maybe_id")]
    site_id: Option<i64>,
    #[serde(default, deserialize_with = "words")]
    site_name: Option<String>,
    #[serde(default, deserialize_with = "words")]
    long_name: Option<String>,
    #[serde(default, deserialize_with = "words")]
    discovered_name: Option<String>,
    #[serde(default, deserialize_with = "words")]
    device_class: Option<String>,
    #[serde(default, deserialize_with = "words")]
    source_uri: Option<String>,
    #[serde(default, deserialize_with = "words")]
    uri: Option<String>,
    #[serde(default, deserialize_with = "words")]
    last_logged_in_user: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    last_appliance_checkin_time: Option<Timestamp>,
}

impl Device {
    /// Whether it stands at a site, and not right below its customer.
    pub(super) const fn has_site(&self) -> bool {
        self.site_id.is_some()
    }

    /// The device with what its own calls say. The list's name of the operating system is left alone:
    /// it is the version that the vendor supports, and not the one that runs.
    pub(super) fn into_device(self, detail: Detail, companies: Companies) -> RemoteDevice {
        let Detail { assets, warranty } = detail;
        let extra = assets.extra.unwrap_or_default();
        let system = assets.computersystem.unwrap_or_default();
        let processor = assets.processor.unwrap_or_default();
        let adapters = Adapters::of(assets.networkadapter, self.source_uri.as_deref());
        let hostname = hostname(system.netbiosname, self.discovered_name);
        let name = self.long_name.or_else(|| hostname.clone());
        let cores = processor.numberofcores;
        let cores =
            cores.map(|cores| cores.saturating_mul(processor.numberofcpus.unwrap_or(1).max(1)));
        let (company_id, location) = match (companies, self.site_id) {
            (Companies::Sites, Some(site)) => (site, None),
            _ => (self.customer_id, self.site_name),
        };
        RemoteDevice {
            name: name.unwrap_or_else(|| self.id.to_string()),
            id: self.id.to_string(),
            company_id: company_id.to_string(),
            hostname,
            device_type: self.device_class,
            location,
            serial: system.serialnumber,
            interfaces: adapters.interfaces,
            ip: adapters.ip,
            default_gateway: adapters.gateway,
            manufacturer: system.manufacturer,
            model: system.model,
            operating_system: assets.os.and_then(|os| os.reportedos),
            cpu: processor.name,
            cpu_cores: cores.and_then(|cores| u32::try_from(cores).ok()),
            memory_bytes: system.totalphysicalmemory,
            disks: disks(extra.logicaldevice),
            last_user: self.last_logged_in_user,
            last_reboot: extra.os.and_then(|os| os.lastbootuptime),
            last_seen: self.last_appliance_checkin_time,
            warranty_expires_on: warranty,
            external_url: self.uri.filter(|uri| uri.starts_with("http")),
        }
    }
}

/// What a device's own calls say.
pub(super) struct Detail {
    pub(super) assets: Assets,
    pub(super) warranty: Option<Date>,
}

impl Detail {
    /// Whether the device was deleted since it was listed.
    pub(super) fn is_deleted(&self) -> bool {
        self.assets
            .device
            .as_ref()
            .is_some_and(|device| device.deleted)
    }
}

/// Envelope of a single record.
#[derive(Deserialize)]
#[serde(expecting = "an inventory in its envelope")]
pub(super) struct Wrapped<T> {
    pub(super) data: Option<T>,
}

/// An inventory, as far as it is needed. An empty one is a device without.
#[derive(Default, Deserialize)]
#[serde(expecting = "an inventory")]
pub(super) struct Assets {
    os: Option<Os>,
    computersystem: Option<ComputerSystem>,
    networkadapter: Option<List<Adapter>>,
    processor: Option<Processor>,
    device: Option<Basic>,
    #[serde(rename = "_extra")]
    extra: Option<Extra>,
}

impl Assets {
    /// The end of the warranty, if the inventory says anything of one. A device that was deleted has no
    /// more to say.
    pub(super) fn warranty(&self) -> Option<Option<Date>> {
        if self.device.as_ref().is_some_and(|device| device.deleted) {
            return Some(None);
        }
        self.extra.as_ref()?.device.as_ref()?.warrantyexpirydate
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a list of an inventory")]
struct List<T> {
    list: Option<Vec<T>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an operating system")]
struct Os {
    #[serde(default, deserialize_with = "words")]
    reportedos: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "a computer system")]
struct ComputerSystem {
    #[serde(default, deserialize_with = "words")]
    serialnumber: Option<String>,
    #[serde(default, deserialize_with = "words")]
    netbiosname: Option<String>,
    #[serde(default, deserialize_with = "words")]
    model: Option<String>,
    #[serde(default, deserialize_with = "words")]
    manufacturer: Option<String>,
    #[serde(default, deserialize_with = "count")]
    totalphysicalmemory: Option<u64>,
}

#[derive(Deserialize)]
#[serde(expecting = "an adapter")]
struct Adapter {
    #[serde(default, deserialize_with = "words")]
    ipaddress: Option<String>,
    #[serde(default, deserialize_with = "words")]
    macaddress: Option<String>,
    #[serde(default, deserialize_with = "words")]
    description: Option<String>,
    #[serde(default, deserialize_with = "words")]
    gateway: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "a processor")]
struct Processor {
    #[serde(default, deserialize_with = "words")]
    name: Option<String>,
    #[serde(default, deserialize_with = "count")]
    numberofcores: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    numberofcpus: Option<u64>,
}

#[derive(Deserialize)]
#[serde(expecting = "a device of an inventory")]
struct Basic {
    #[serde(default, deserialize_with = "flag")]
    deleted: bool,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "details of an inventory")]
struct Extra {
    os: Option<ExtraOs>,
    logicaldevice: Option<List<Volume>>,
    device: Option<ExtraDevice>,
}

#[derive(Deserialize)]
#[serde(expecting = "details of an operating system")]
struct ExtraOs {
    #[serde(default, deserialize_with = "moment")]
    lastbootuptime: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(expecting = "a volume")]
struct Volume {
    #[serde(default, deserialize_with = "words")]
    volumename: Option<String>,
    #[serde(default, deserialize_with = "count")]
    maxcapacity: Option<u64>,
}

#[derive(Deserialize)]
#[serde(expecting = "details of a device")]
struct ExtraDevice {
    /// None where nothing is said; none in it where there is no warranty.
    #[serde(default, deserialize_with = "told")]
    warrantyexpirydate: Option<Option<Date>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a lifecycle")]
pub(super) struct Lifecycle {
    #[serde(default, deserialize_with = "date")]
    warranty_expiry_date: Option<Date>,
}

impl Lifecycle {
    pub(super) const fn warranty(&self) -> Option<Date> {
        self.warranty_expiry_date
    }
}

/// The name that the machine gives itself. A NetBIOS name ends after 15 letters and knows no case; where
/// the name that the device was found by is the same but for that, it is the better one.
fn hostname(netbios: Option<String>, discovered: Option<String>) -> Option<String> {
    let Some(netbios) = netbios else {
        return discovered;
    };
    let label = discovered
        .as_deref()
        .and_then(|name| name.split('.').next());
    let label = label.filter(|label| {
        let cut: String = label.chars().take(netbios.chars().count()).collect();
        let whole = cut.len() == label.len() || netbios.chars().count() >= 15;
        whole && cut.to_uppercase() == netbios.to_uppercase()
    });
    Some(label.map_or_else(|| netbios.clone(), str::to_owned))
}

/// Adapters, and what a device is reached by.
struct Adapters {
    interfaces: Vec<RemoteInterface>,
    ip: Option<String>,
    gateway: Option<String>,
}

impl Adapters {
    /// The adapter with the address that the server knows the device by comes first. Of several addresses
    /// in one text it is that one, otherwise the first of IPv4 that is not link-local.
    fn of(adapters: Option<List<Adapter>>, source: Option<&str>) -> Self {
        let source = source.filter(|source| source.parse::<Ipv4Addr>().is_ok());
        let mut adapters = adapters.and_then(|it| it.list).unwrap_or_default();
        let has_source = |adapter: &Adapter| {
            source.is_some_and(|source| adapter.addresses().any(|it| it == source))
        };
        let primary = adapters.iter().position(has_source);
        if let Some(primary) = primary {
            adapters[..=primary].rotate_right(1);
        }
        let gateway = adapters.iter_mut().find_map(|it| it.gateway.take());
        let interfaces = adapters.into_iter().enumerate().map(|(at, it)| {
            let ip = match (source, primary) {
                (Some(source), Some(_)) if at == 0 => Some(source.to_owned()),
                _ => it.addresses().next().map(str::to_owned),
            };
            RemoteInterface {
                name: it.description,
                mac: it.macaddress,
                ip,
            }
        });
        let interfaces: Vec<RemoteInterface> = interfaces.collect();
        let ip = interfaces.iter().find_map(|it| it.ip.clone());
        Self {
            ip: ip.or_else(|| source.map(str::to_owned)),
            interfaces,
            gateway,
        }
    }
}

impl Adapter {
    /// Addresses that others could reach it by.
    fn addresses(&self) -> impl Iterator<Item = &str> {
        let text = self.ipaddress.as_deref().unwrap_or_default();
        let parts = text.split(|letter: char| letter.is_whitespace() || ",;|".contains(letter));
        parts.filter(|part| {
            let address = part.parse::<Ipv4Addr>();
            address.is_ok_and(|address| !address.is_link_local() && !address.is_unspecified())
        })
    }
}

/// How much of them is used is not said (`documented`).
fn disks(volumes: Option<List<Volume>>) -> Vec<RemoteDisk> {
    let volumes = volumes.and_then(|it| it.list).unwrap_or_default();
    let disks = volumes.into_iter().map(|volume| RemoteDisk {
        name: volume.volumename.unwrap_or_default(),
        size_bytes: volume.maxcapacity,
        free_bytes: None,
    });
    disks.collect()
}
