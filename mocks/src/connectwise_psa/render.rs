//! A record of the world as the vendor's JSON. Text goes out as the world has it, even where it is
//! longer than a write through the API may make it: a person's import, or an older version of the
//! product, left it so. It must not look anything up; references come ready-made.

use std::sync::Arc;

use super::json::{Writer, midnight};
use super::schema::Resource;
use super::stamp::guid;
use crate::world::{ContactRecord, DeviceRecord, Disk, LocationRecord, OrganizationRecord};

/// A reference or an `_info` as JSON text, shared by the records that have the same.
pub(super) type Ready = Arc<str>;

/// A company and what it refers to.
#[derive(Debug)]
pub(super) struct Company<'a> {
    pub record: &'a OrganizationRecord,
    pub identifier: String,
    pub status: Ready,
    pub kind: Option<Ready>,
    pub parent: Option<Ready>,
    pub site: Option<CompanySite<'a>>,
    pub info: Ready,
}

/// The site whose address a company shows as its own.
#[derive(Debug)]
pub(super) struct CompanySite<'a> {
    pub record: &'a LocationRecord,
    pub reference: Ready,
    pub country: Option<Ready>,
}

pub(super) fn company(seed: u64, id: u64, company: &Company<'_>, out: &mut Vec<u8>) {
    let record = company.record;
    let site = company.site.as_ref();
    let location = site.map(|site| site.record);
    let line =
        |pick: fn(&LocationRecord) -> Option<&String>| location.and_then(pick).map(String::as_str);
    let mut json = Writer::new(out);
    json.number("id", id);
    json.text("identifier", &company.identifier);
    json.text("name", &record.name);
    json.raw("status", &company.status);
    json.text_if("addressLine1", line(|at| at.address.line_1.as_ref()));
    json.text_if("addressLine2", line(|at| at.address.line_2.as_ref()));
    json.text_if("city", line(|at| at.address.city.as_ref()));
    json.text_if("state", line(|at| at.address.region.as_ref()));
    json.text_if("zip", line(|at| at.address.postal_code.as_ref()));
    json.raw_if("country", site.and_then(|site| site.country.as_deref()));
    let phone = record.phone.as_deref();
    json.text_if("phoneNumber", phone.or(line(|at| at.phone.as_ref())));
    json.text_if("faxNumber", line(|at| at.fax.as_ref()));
    json.text_if("website", record.website.as_deref());
    json.raw_if("parentCompany", company.parent.as_deref());
    json.flag("leadFlag", false);
    json.flag("unsubscribeFlag", false);
    json.flag("deletedFlag", false);
    json.text("mobileGuid", &guid(seed, Resource::Companies, id));
    json.flag("isVendorFlag", false);
    json.raw("types", &list(company.kind.as_deref()));
    json.raw_if("site", site.map(|site| &*site.reference));
    json.raw("customFields", "[]");
    json.raw("_info", &company.info);
    json.finish();
}

/// A site and what it refers to.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub record: &'a LocationRecord,
    pub state: Option<Ready>,
    pub country: Option<Ready>,
    pub company: Ready,
    pub info: Ready,
}

pub(super) fn site(seed: u64, id: u64, site: &Site<'_>, out: &mut Vec<u8>) {
    let record = site.record;
    let address = &record.address;
    let mut json = Writer::new(out);
    json.number("id", id);
    json.text("name", &record.name);
    json.text_if("addressLine1", address.line_1.as_deref());
    json.text_if("addressLine2", address.line_2.as_deref());
    json.text_if("city", address.city.as_deref());
    json.raw_if("stateReference", site.state.as_deref());
    json.text_if("zip", address.postal_code.as_deref());
    json.raw_if("country", site.country.as_deref());
    json.text_if("phoneNumber", record.phone.as_deref());
    json.text_if("faxNumber", record.fax.as_deref());
    json.flag("primaryAddressFlag", record.primary);
    json.flag("defaultShippingFlag", record.primary);
    json.flag("defaultBillingFlag", record.primary);
    json.flag("defaultMailingFlag", record.primary);
    json.flag("inactiveFlag", !record.active);
    json.flag("billSeparateFlag", false);
    json.text("mobileGuid", &guid(seed, Resource::Sites, id));
    json.raw("company", &site.company);
    json.raw("customFields", "[]");
    json.raw("_info", &site.info);
    json.finish();
}

/// A contact and what it refers to.
#[derive(Debug)]
pub(super) struct Contact<'a> {
    pub record: &'a ContactRecord,
    pub company: Option<Ready>,
    pub site: Option<Ready>,
    pub kind: Option<Ready>,
    pub items: Vec<Item<'a>>,
    pub info: Ready,
}

/// An e-mail address or telephone number.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub id: u64,
    pub kind: Ready,
    pub label: &'a str,
    pub value: &'a str,
    pub extension: Option<&'a str>,
    pub default: bool,
    pub communication: &'static str,
}

pub(super) fn contact(seed: u64, id: u64, contact: &Contact<'_>, out: &mut Vec<u8>) {
    let record = contact.record;
    let phone = contact
        .items
        .iter()
        .find(|item| item.communication == "Phone");
    let mut json = Writer::new(out);
    json.number("id", id);
    json.text("firstName", &record.first_name);
    if !record.last_name.is_empty() {
        json.text("lastName", &record.last_name);
    }
    json.raw_if("company", contact.company.as_deref());
    json.raw_if("site", contact.site.as_deref());
    json.flag("inactiveFlag", !record.active);
    json.text_if("title", record.title.as_deref());
    json.flag("marriedFlag", false);
    json.flag("childrenFlag", false);
    json.flag("disablePortalLoginFlag", true);
    json.flag("unsubscribeFlag", false);
    json.text("mobileGuid", &guid(seed, Resource::Contacts, id));
    json.text_if("defaultPhoneType", phone.map(|item| item.label));
    json.text_if("defaultPhoneNbr", phone.map(|item| item.value));
    json.text_if(
        "defaultPhoneExtension",
        phone.and_then(|item| item.extension),
    );
    json.flag("defaultBillingFlag", false);
    json.flag("defaultFlag", false);
    let items: Vec<String> = contact.items.iter().map(item).collect();
    json.raw("communicationItems", &format!("[{}]", items.join(",")));
    json.raw("types", &list(contact.kind.as_deref()));
    json.raw("customFields", "[]");
    json.raw("_info", &contact.info);
    json.finish();
}

fn item(item: &Item<'_>) -> String {
    let mut out = Vec::with_capacity(256);
    let mut json = Writer::new(&mut out);
    json.number("id", item.id);
    json.raw("type", &item.kind);
    json.text("value", item.value);
    json.text_if("extension", item.extension);
    json.flag("defaultFlag", item.default);
    json.text_if("domain", domain(item.communication, item.value));
    json.text("communicationType", item.communication);
    json.finish();
    String::from_utf8_lossy(&out).into_owned()
}

/// `@example.com` of an e-mail address.
pub(super) fn domain<'a>(communication: &str, value: &'a str) -> Option<&'a str> {
    let at = value.rfind('@')?;
    (communication == "Email").then(|| &value[at..])
}

/// A configuration and what it refers to.
#[derive(Debug)]
pub(super) struct Configuration<'a> {
    pub record: &'a DeviceRecord,
    pub kind: Ready,
    pub status: Ready,
    pub company: Ready,
    pub contact: Option<Ready>,
    pub site: Option<Ready>,
    pub manufacturer: Option<Ready>,
    pub info: Ready,
}

pub(super) fn configuration(seed: u64, id: u64, of: &Configuration<'_>, out: &mut Vec<u8>) {
    let record = of.record;
    let day = |date: Option<jiff::civil::Date>| date.map(midnight);
    let mut json = Writer::new(out);
    json.number("id", id);
    json.text("name", &record.name);
    json.raw("type", &of.kind);
    json.raw("status", &of.status);
    json.raw("company", &of.company);
    json.raw_if("contact", of.contact.as_deref());
    json.raw_if("site", of.site.as_deref());
    json.text_if("serialNumber", record.serial.as_deref());
    json.text_if("modelNumber", record.model.as_deref());
    json.text_if("tagNumber", record.asset_tag.as_deref());
    json.text_if("purchaseDate", day(record.purchased).as_deref());
    json.text_if("installationDate", day(record.installed).as_deref());
    json.text_if("warrantyExpirationDate", day(record.warranty).as_deref());
    json.text_if("notes", record.notes.as_deref());
    json.text_if("macAddress", macs(record).as_deref());
    json.text_if("lastLoginName", record.last_user.as_deref());
    json.flag("billFlag", false);
    let ip = record.nics.iter().find_map(|nic| nic.ip.as_deref());
    json.text_if("ipAddress", ip);
    json.text_if("defaultGateway", record.default_gateway.as_deref());
    json.text_if("osType", record.os.as_deref());
    json.text_if("osInfo", record.os_version.as_deref());
    json.text_if("cpuSpeed", record.cpu.as_deref());
    json.text_if("ram", record.memory_bytes.map(gigabytes).as_deref());
    json.text_if("localHardDrives", drives(&record.disks).as_deref());
    json.raw_if("manufacturer", of.manufacturer.as_deref());
    json.raw("questions", "[]");
    json.flag("activeFlag", record.active);
    json.text("mobileGuid", &guid(seed, Resource::Configurations, id));
    json.flag("displayVendorFlag", false);
    json.flag("showRemoteFlag", false);
    json.flag("showAutomateFlag", false);
    json.flag("needsRenewalFlag", false);
    json.raw("customFields", "[]");
    json.raw("_info", &of.info);
    json.finish();
}

/// There is one MAC field; several addresses end up in it as one text (documented by IT Glue).
fn macs(record: &DeviceRecord) -> Option<String> {
    let macs: Vec<&str> = record
        .nics
        .iter()
        .filter_map(|nic| nic.mac.as_deref())
        .collect();
    (!macs.is_empty()).then(|| macs.join(", "))
}

fn drives(disks: &[Disk]) -> Option<String> {
    let drives: Vec<String> = disks
        .iter()
        .map(|disk| format!("{} {}", disk.name, gigabytes(disk.size_bytes)))
        .collect();
    (!drives.is_empty()).then(|| drives.join(", "))
}

fn gigabytes(bytes: u64) -> String {
    format!("{} GB", bytes / (1 << 30))
}

fn list(only: Option<&str>) -> String {
    format!("[{}]", only.unwrap_or_default())
}
