//! Tenants, contracts and managed devices, and the world's records as theirs. It must not know HTTP.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::device::{device, enrolled, enrolls, moment};
use crate::kit::{Collection, Ledger, Object, at, draw_guid, guid, lay_over, parse_guid};
use crate::world::{Change, DeviceRecord, Kind, OrganizationRecord, Record, ToolRecords};
use crate::{ChangeError, TruthRow, Vendor};

/// A tenant's number; [`PARTNER`] is the partner's own.
pub(super) type TenantId = u64;

/// The tenant of the partner, which no organization of the world is.
pub(super) const PARTNER: TenantId = 0;

/// Members that are kept with a record and shown nowhere.
pub(super) const TENANT: &str = "_tenant";
pub(super) const CONTRACT: &str = "_contract";
const DOMAIN: &str = "_domain";

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    seed: u64,
    /// Customers, by numbers from 1.
    pub(super) tenants: Collection,
    pub(super) devices: Collection,
    partner: String,
    ledger: Ledger,
    /// The id that each record ever had.
    names: BTreeMap<(Kind, u64), String>,
    used: HashSet<u128>,
    /// The records that stand, by their ids.
    numbers: HashMap<u128, (Kind, u64)>,
    /// Keys of devices that are none of Intune's.
    elsewhere: BTreeSet<String>,
    /// Tenants that do not let the application in.
    closed: BTreeSet<TenantId>,
}

impl Store {
    pub(super) fn new(records: &ToolRecords, now: Timestamp) -> Self {
        let mut store = Self {
            seed: records.seed,
            tenants: Collection::new(1, None, &["id"]),
            devices: Collection::new(1, Some(TENANT), &["id"]),
            partner: guid(draw_guid(records.seed, "partner", "")),
            ledger: Ledger::new(),
            names: BTreeMap::new(),
            used: HashSet::new(),
            numbers: HashMap::new(),
            elsewhere: BTreeSet::new(),
            closed: BTreeSet::new(),
        };
        let mut tenants = Vec::new();
        for it in &records.organizations {
            let id = store.tenants.new_id();
            let name = store.name(Kind::Organization, id, &it.key);
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            tenants.push((id, store.founded(&name, it, now)));
        }
        store.tenants.load(tenants);
        let mut devices = Vec::new();
        for it in &records.devices {
            if !enrolls(it) {
                store.elsewhere.insert(it.key.clone());
                continue;
            }
            let Some(values) = store.device(it) else {
                continue;
            };
            let id = store.devices.new_id();
            devices.push((id, store.enroll(id, it, values, now)));
        }
        store.devices.load(devices);
        store
    }

    /// The id of a tenant, as the world outside knows it.
    pub(super) fn guid_of(&self, tenant: TenantId) -> String {
        if tenant == PARTNER {
            return self.partner.clone();
        }
        let name = self.names.get(&(Kind::Organization, tenant));
        name.cloned().unwrap_or_default()
    }

    /// The tenant of this id, or of this domain.
    pub(super) fn tenant_named(&self, name: &str) -> Option<TenantId> {
        if name.eq_ignore_ascii_case(&self.partner) || name.eq_ignore_ascii_case(PARTNER_DOMAIN) {
            return Some(PARTNER);
        }
        if let Some(id) = self.number(Kind::Organization, name) {
            return Some(id);
        }
        let mut tenants = self.tenants.iter();
        // A GUID is nobody's domain.
        let by_domain = parse_guid(name).is_none();
        tenants
            .find(|(_, it)| by_domain && at(it, DOMAIN).as_str() == Some(name))
            .map(|(id, _)| id)
    }

    /// The number of a record that stands, by its id.
    pub(super) fn number(&self, kind: Kind, name: &str) -> Option<u64> {
        let (own, id) = self.numbers.get(&parse_guid(name)?)?;
        (*own == kind).then_some(*id)
    }

    pub(super) fn consents(&self, tenant: TenantId) -> bool {
        !self.closed.contains(&tenant)
    }

    /// An administrator of a tenant lets the application in, or does so no longer.
    pub(super) fn set_consent(&mut self, tenant: TenantId, given: bool) {
        if given {
            self.closed.remove(&tenant);
        } else {
            self.closed.insert(tenant);
        }
    }

    /// The tenant itself.
    pub(super) fn organization(&self, tenant: TenantId) -> Option<Object> {
        if tenant == PARTNER {
            return Some(tenant_of(&self.partner, "Partner", PARTNER_DOMAIN));
        }
        let mut row = self.tenants.get(tenant)?;
        row.retain(|name, _| !name.starts_with('_'));
        Some(row)
    }

    /// The contracts, which the partner's tenant alone has (documented), with numbers of their order.
    pub(super) fn contracts(&self, tenant: TenantId) -> impl Iterator<Item = (u64, Object)> + '_ {
        let rows = self.tenants.iter().filter(move |_| tenant == PARTNER);
        rows.filter_map(|(id, row)| Some((id, at(&row, CONTRACT).as_object()?.clone())))
    }

    /// What every record that ever stood here is.
    pub(super) fn truth(&self) -> Vec<TruthRow> {
        let rows = self.ledger.truth().into_iter();
        rows.map(|row| {
            let name = row.external_id.parse().ok();
            let name = name.and_then(|id| self.names.get(&(row.kind, id)));
            TruthRow {
                external_id: name.cloned().unwrap_or_default(),
                ..row
            }
        })
        .collect()
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => return self.remove(*kind, key),
        };
        match after {
            Record::Organization(it) => self.put_tenant(before, it, now),
            Record::Device(it) if !enrolls(it) => {
                // One that was enrolled as something else leaves.
                if let Some(id) = self.ledger.id(Kind::Device, &it.key) {
                    self.forget(id);
                }
                self.elsewhere.insert(it.key.clone());
            }
            Record::Device(it) => self.put_device(before, it, now)?,
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: Vendor::Intune,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    fn put_tenant(&mut self, before: Option<&Record>, it: &OrganizationRecord, now: Timestamp) {
        let known = self.ledger.id(Kind::Organization, &it.key);
        let id = known.unwrap_or_else(|| self.tenants.new_id());
        let record = match self.tenants.get(id) {
            Some(mut record) => {
                let old = before.and_then(Record::as_organization).map(organization);
                lay_over(&mut record, old.as_ref(), organization(it));
                record
            }
            None => {
                let name = self.name(Kind::Organization, id, &it.key);
                self.founded(&name, it, now)
            }
        };
        self.tenants.put(id, &record);
        self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
    }

    fn put_device(
        &mut self,
        before: Option<&Record>,
        it: &DeviceRecord,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        let unknown = || unknown(Kind::Device, &it.key);
        let new = self.device(it).ok_or_else(unknown)?;
        let old = before
            .and_then(Record::as_device)
            .and_then(|old| self.device(old));
        self.elsewhere.remove(&it.key);
        let known = self.ledger.id(Kind::Device, &it.key);
        let record = known.and_then(|id| Some((id, self.devices.get(id)?)));
        let (id, record) = match record {
            Some((id, mut record)) => {
                let hardware = |row: &Object| HARDWARE.map(|name| at(row, name).clone());
                let was = hardware(&record);
                lay_over(&mut record, old.as_ref(), new);
                if was != hardware(&record) {
                    // What a device has becomes known when it checks in, and not otherwise.
                    record.insert("lastSyncDateTime".to_owned(), moment(now));
                }
                (id, record)
            }
            None => {
                let id = self.devices.new_id();
                (id, self.enroll(id, it, new, now))
            }
        };
        self.devices.put(id, &record);
        Ok(())
    }

    fn remove(&mut self, kind: Kind, key: &str) -> Result<(), ChangeError> {
        if kind == Kind::Device && self.elsewhere.remove(key) {
            return Ok(());
        }
        let id = self
            .ledger
            .id(kind, key)
            .ok_or_else(|| unknown(kind, key))?;
        if kind == Kind::Organization {
            for device in self.devices.owned(id).to_vec() {
                self.forget(device);
            }
            self.tenants.remove(id);
            self.numbers.retain(|_, own| *own != (kind, id));
            self.ledger.gone(kind, id);
        } else {
            self.forget(id);
        }
        Ok(())
    }

    fn forget(&mut self, device: u64) {
        self.devices.remove(device);
        let name = self.names.get(&(Kind::Device, device));
        if let Some(number) = name.and_then(|name| parse_guid(name)) {
            self.numbers.remove(&number);
        }
        self.ledger.gone(Kind::Device, device);
    }

    /// Gives a record its id, which nobody has had before.
    fn name(&mut self, kind: Kind, id: u64, key: &str) -> String {
        let word = match kind {
            Kind::Organization => "tenant",
            _ => "device",
        };
        let mut number = draw_guid(self.seed, word, key);
        if !self.used.insert(number) {
            // The key was another record's before, which is gone.
            number = draw_guid(self.seed ^ id, word, key);
            self.used.insert(number);
        }
        let name = guid(number);
        self.numbers.insert(number, (kind, id));
        self.names.insert((kind, id), name.clone());
        name
    }

    fn founded(&self, name: &str, it: &OrganizationRecord, now: Timestamp) -> Object {
        let domain = domain(it);
        let mut record = tenant_of(name, &it.name, &domain);
        record.insert("createdDateTime".to_owned(), moment(now));
        // The contract keeps the name that the customer had when it began (documented).
        let contract = json!({
            "id": guid(draw_guid(self.seed, "contract", name)),
            "deletedDateTime": null,
            "contractType": "ResellerPartner",
            "customerId": name,
            "defaultDomainName": domain,
            "displayName": it.name,
        });
        record.insert(CONTRACT.to_owned(), contract);
        record.insert(DOMAIN.to_owned(), domain.into());
        record
    }

    /// What the world says of a device, and whose it is; none without a tenant.
    fn device(&self, it: &DeviceRecord) -> Option<Object> {
        let owner = self.ledger.id(Kind::Organization, &it.organization)?;
        let tenant = self.tenants.get(owner)?;
        let mut values = device(it, at(&tenant, DOMAIN).as_str().unwrap_or_default());
        values.insert(TENANT.to_owned(), owner.into());
        Some(values)
    }

    fn enroll(&mut self, id: u64, it: &DeviceRecord, values: Object, now: Timestamp) -> Object {
        let name = self.name(Kind::Device, id, &it.key);
        self.ledger.know(Kind::Device, id, &it.key, &it.truth);
        let mut record = enrolled(&name, it, self.seed, now);
        record.extend(values);
        record
    }
}

/// What an inventory finds.
const HARDWARE: [&str; 3] = [
    "ethernetMacAddress",
    "wiFiMacAddress",
    "physicalMemoryInBytes",
];

const PARTNER_DOMAIN: &str = "partner.onmicrosoft.com";

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::Intune,
        kind,
        key: key.to_owned(),
    }
}

/// What an edit can change of a tenant.
fn organization(it: &OrganizationRecord) -> Object {
    Object::from_iter([("displayName".to_owned(), Value::from(it.name.clone()))])
}

fn tenant_of(id: &str, name: &str, domain: &str) -> Object {
    let tenant = json!({
        "id": id,
        "deletedDateTime": null,
        "businessPhones": [],
        "city": null,
        "country": null,
        "countryLetterCode": "US",
        "displayName": name,
        "tenantType": "AAD",
        "verifiedDomains": [{
            "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": true, "isInitial": true,
            "name": domain, "type": "Managed",
        }],
    });
    match tenant {
        Value::Object(tenant) => tenant,
        _ => Object::new(),
    }
}

/// The first domain of a tenant, made of its name.
fn domain(it: &OrganizationRecord) -> String {
    let letters = it.name.chars().filter(char::is_ascii_alphanumeric);
    let mut name: String = letters.take(27).collect();
    name.make_ascii_lowercase();
    if name.is_empty() {
        "tenant".clone_into(&mut name);
    }
    format!("{name}.onmicrosoft.com")
}
