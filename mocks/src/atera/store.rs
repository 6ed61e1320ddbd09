//! Customers, their folders and machines, and the world's records as theirs. It must not know HTTP.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::class::{BATTERY, CUSTOMER, Class};
use super::render::{ACTIVE, customer, guid, machine, moment, object, seed};
use super::route::Target;
use super::service::AteraOptions;
use crate::kit::{Collection, Ledger, Object, at, lay_over};
use crate::world::{Change, DeviceRecord, Kind, Record, ToolRecords};
use crate::{ChangeError, TruthRow, Vendor};

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) customers: Collection,
    folders: Collection,
    machines: [Collection; 5],
    /// Names of customers, which rows of machines repeat.
    names: BTreeMap<u64, String>,
    pub(super) ledger: Ledger,
    options: AteraOptions,
}

/// The customer that agents without one stand below (`seen`).
pub(super) const UNASSIGNED: u64 = 1;
const UNASSIGNED_NAME: &str = "Unassigned";

/// How long after it was last seen an agent still counts as online (`inferred`).
const ONLINE: SignedDuration = SignedDuration::from_secs(300);

/// The first machine of each kind: the spaces of their ids are apart, and overlap.
const FIRST_MACHINE: u64 = 21;

impl Store {
    pub(super) fn new(records: &ToolRecords, options: AteraOptions, now: Timestamp) -> Self {
        let machines = Class::ALL
            .map(|class| Collection::new(FIRST_MACHINE, Some("CustomerID"), class.members()));
        let mut store = Self {
            customers: Collection::new(UNASSIGNED, None, CUSTOMER),
            folders: Collection::new(3, Some("CustomerID"), &["FolderID", "Name"]),
            machines,
            names: BTreeMap::new(),
            ledger: Ledger::new(),
            options,
        };
        let mut customers = Vec::new();
        let mut folders = Vec::new();
        let unassigned = store.customers.new_id();
        let row = object(json!({ "CustomerName": UNASSIGNED_NAME }));
        customers.push((unassigned, founded(unassigned, row, now)));
        for it in &records.organizations {
            let id = store.customers.new_id();
            store
                .ledger
                .know(Kind::Organization, id, &it.key, &it.truth);
            customers.push((id, founded(id, customer(it), now)));
            let folder = store.folders.new_id();
            folders.push((folder, first_folder(folder, id)));
        }
        for (id, row) in &customers {
            store.names.insert(*id, text(row, "CustomerName"));
        }
        store.customers.load(customers);
        store.folders.load(folders);
        let mut machines = Class::ALL.map(|_| Vec::new());
        for it in &records.devices {
            let Some((class, row)) = store.machine(it) else {
                continue;
            };
            let id = store.of_mut(class).new_id();
            let joint = class.joint(id);
            store.ledger.know(Kind::Device, joint, &it.key, &it.truth);
            let row = store.born(class, id, row, seed(&it.key), now);
            machines[class as usize].push((id, row));
        }
        for (class, rows) in Class::ALL.into_iter().zip(machines) {
            store.of_mut(class).load(rows);
        }
        store
    }

    pub(super) const fn of(&self, class: Class) -> &Collection {
        &self.machines[class as usize]
    }

    pub(super) const fn of_mut(&mut self, class: Class) -> &mut Collection {
        &mut self.machines[class as usize]
    }

    /// A record that has custom values.
    pub(super) fn bearer(&self, target: Target, id: u64) -> Option<Object> {
        match target {
            Target::Customer => self.customers.get(id),
            Target::Machine(class) => self.of(class).get(id),
        }
    }

    /// Takes one change.
    pub(super) fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        let (before, after) = match change {
            Change::Put(record) => (None, record),
            Change::Edit { before, after } => (Some(before), after),
            Change::Remove { kind, key } => {
                let id = self.ledger.id(*kind, key);
                let id = id.ok_or_else(|| unknown(*kind, key))?;
                match kind {
                    Kind::Organization => self.close(id, now),
                    _ => self.scrap(id),
                }
                return Ok(());
            }
        };
        match after {
            Record::Organization(it) => {
                let old = before.and_then(Record::as_organization).map(customer);
                let known = self.ledger.id(Kind::Organization, &it.key);
                let id = known.unwrap_or_else(|| self.found(now));
                let mut row = self.customers.get(id).unwrap_or_default();
                lay_over(&mut row, old.as_ref(), customer(it));
                self.keep_customer(id, row, now);
                self.ledger.know(Kind::Organization, id, &it.key, &it.truth);
            }
            Record::Device(it) => {
                let new = self.machine(it);
                let (class, new) = new.ok_or_else(|| unknown(Kind::Device, &it.key))?;
                let old = before
                    .and_then(Record::as_device)
                    .and_then(|old| self.machine(old))
                    .map(|(_, old)| old);
                let known = self.ledger.id(Kind::Device, &it.key);
                let same = known.map(Class::split).filter(|(own, _)| *own == class);
                // What is watched another way is another record.
                if let (Some(joint), None) = (known, same) {
                    self.scrap(joint);
                }
                let (id, row) = match same.and_then(|(_, id)| Some((id, self.of(class).get(id)?))) {
                    Some((id, mut row)) => {
                        let owner = at(&new, "CustomerID").clone();
                        if at(&row, "CustomerID") != &owner {
                            row.insert("FolderID".to_owned(), self.folder_of(&owner));
                        }
                        lay_over(&mut row, old.as_ref(), new);
                        (id, row)
                    }
                    None => {
                        let id = self.of_mut(class).new_id();
                        (id, self.born(class, id, new, seed(&it.key), now))
                    }
                };
                self.keep_machine(class, id, row, now);
                let joint = class.joint(id);
                self.ledger.know(Kind::Device, joint, &it.key, &it.truth);
            }
            Record::Location(_) | Record::Contact(_) => {
                return Err(ChangeError::Unsupported {
                    vendor: Vendor::Atera,
                    kind: after.kind(),
                });
            }
        }
        Ok(())
    }

    /// A new customer with its folder.
    pub(super) fn found(&mut self, now: Timestamp) -> u64 {
        let id = self.customers.new_id();
        let row = founded(id, Object::new(), now);
        self.customers.put(id, &row);
        self.new_folder(id, "Main Office");
        id
    }

    pub(super) fn new_folder(&mut self, customer: u64, name: &str) -> u64 {
        let id = self.folders.new_id();
        let mut row = first_folder(id, customer);
        row.insert("Name".to_owned(), name.into());
        self.folders.put(id, &row);
        id
    }

    /// Whether a folder is a customer's.
    pub(super) fn has_folder(&self, customer: u64, folder: u64) -> bool {
        self.folders.owned(customer).contains(&folder)
    }

    /// Puts a customer back that was changed now.
    pub(super) fn keep_customer(&mut self, id: u64, mut row: Object, now: Timestamp) {
        row.insert("LastModified".to_owned(), moment(now));
        self.names.insert(id, text(&row, "CustomerName"));
        self.customers.put(id, &row);
    }

    /// Puts a machine back that was changed now.
    pub(super) fn keep_machine(&mut self, class: Class, id: u64, mut row: Object, now: Timestamp) {
        if class == Class::Agent {
            row.insert("Modified".to_owned(), moment(now));
        }
        self.of_mut(class).put(id, &row);
    }

    /// A customer goes: its agents run on and stand below nobody, what they watched goes with it
    /// (`inferred`).
    pub(super) fn close(&mut self, id: u64, now: Timestamp) {
        for class in Class::ALL {
            for machine in self.of(class).owned(id).to_vec() {
                match self.of(class).get(machine) {
                    Some(mut row) if class == Class::Agent => {
                        row.insert("CustomerID".to_owned(), UNASSIGNED.into());
                        row.insert("FolderID".to_owned(), Value::Null);
                        self.keep_machine(class, machine, row, now);
                    }
                    _ => self.scrap(class.joint(machine)),
                }
            }
        }
        for folder in self.folders.owned(id).to_vec() {
            self.folders.remove(folder);
        }
        self.customers.remove(id);
        self.names.remove(&id);
        self.ledger.gone(Kind::Organization, id);
    }

    /// A machine goes.
    pub(super) fn scrap(&mut self, joint: u64) {
        let (class, id) = Class::split(joint);
        self.of_mut(class).remove(id);
        self.ledger.gone(Kind::Device, joint);
    }

    /// A machine of the world; none when its customer is not here.
    fn machine(&self, it: &DeviceRecord) -> Option<(Class, Object)> {
        let owner = self.ledger.id(Kind::Organization, &it.organization)?;
        Some(machine(it, owner, self.options))
    }

    fn folder_of(&self, customer: &Value) -> Value {
        let customer = customer.as_u64().unwrap_or_default();
        self.folders.owned(customer).first().copied().into()
    }

    /// A new machine: what the platform gives it, and no client and no edit changes.
    pub(super) fn born(
        &self,
        class: Class,
        id: u64,
        mut row: Object,
        seed: u64,
        now: Timestamp,
    ) -> Object {
        let guid = guid(seed ^ class.joint(id).rotate_left(20));
        row.insert(class.id_member().to_owned(), id.into());
        row.insert("DeviceGuid".to_owned(), guid.clone().into());
        if at(&row, "FolderID").is_null() {
            let folder = self.folder_of(at(&row, "CustomerID"));
            row.insert("FolderID".to_owned(), folder);
        }
        if class == Class::Agent {
            let url = format!("https://app.atera.com/new/rmm/device/{guid}/agent");
            row.insert("MachineID".to_owned(), guid.into());
            row.insert("AppViewUrl".to_owned(), url.into());
            row.insert("Created".to_owned(), moment(now));
            row.insert("Modified".to_owned(), moment(now));
        }
        row
    }

    /// A customer as it is shown.
    pub(super) fn customer(&self, id: u64) -> Option<Value> {
        Some(shown(CUSTOMER, self.customers.get(id)?))
    }

    /// A machine as it is shown now, with the names of what it stands below.
    pub(super) fn shown(&self, class: Class, id: u64, now: Timestamp) -> Option<Value> {
        let mut row = self.of(class).get(id)?;
        let customer = at(&row, "CustomerID").as_u64().unwrap_or_default();
        let name = self.names.get(&customer).cloned();
        row.insert("CustomerName".to_owned(), name.into());
        if class == Class::Agent {
            let folder = at(&row, "FolderID").as_u64();
            let folder = folder.and_then(|id| self.folders.get(id));
            let name = folder.map(|folder| text(&folder, "Name"));
            row.insert("FolderName".to_owned(), name.into());
            let seen = at(&row, "LastSeen").as_str().map(str::parse::<Timestamp>);
            let late = seen.is_some_and(|seen| seen.is_ok_and(|seen| now - ONLINE > seen));
            let online = !late && at(&row, ACTIVE) != false;
            row.insert("Online".to_owned(), online.into());
        } else if at(&row, MONITOR).is_null() {
            row.insert(MONITOR.to_owned(), self.monitor(customer).into());
        }
        Some(shown(class.members(), row))
    }

    /// The agent that watches what no client has given one: the customer's first (`inferred`); 0 where
    /// there is none.
    pub(super) fn monitor(&self, customer: u64) -> u64 {
        let agents = self.of(Class::Agent).owned(customer);
        agents.first().copied().unwrap_or_default()
    }

    pub(super) fn truth(&self) -> Vec<TruthRow> {
        let rows = self.ledger.truth().into_iter();
        rows.map(|row| TruthRow {
            external_id: external(row.kind, row.external_id),
            ..row
        })
        .collect()
    }

    pub(super) fn unclaimed(&self) -> Vec<(Kind, String)> {
        let rows = self.ledger.unclaimed().into_iter();
        rows.map(|(kind, id)| (kind, external(kind, id))).collect()
    }

    pub(super) fn claim(&mut self, kind: Kind, external_id: &str, key: &str, truth: &str) {
        let id = match kind {
            Kind::Device => Class::read(external_id),
            _ => external_id.parse().ok(),
        };
        if let Some(id) = id {
            self.ledger.know(kind, id, key, truth);
        }
    }
}

/// Who watches a machine without an agent.
pub(super) const MONITOR: &str = "MonitoringAgentID";

/// How an id of the ledger's is named outside.
fn external(kind: Kind, id: String) -> String {
    match (kind, id.parse()) {
        (Kind::Device, Ok(joint)) => Class::shown(joint),
        _ => id,
    }
}

fn first_folder(id: u64, customer: u64) -> Object {
    object(json!({ "FolderID": id, "CustomerID": customer, "Name": "Main Office" }))
}

fn founded(id: u64, mut row: Object, now: Timestamp) -> Object {
    row.insert("CustomerID".to_owned(), id.into());
    row.insert("CreatedOn".to_owned(), moment(now));
    row.insert("LastModified".to_owned(), moment(now));
    row
}

/// A row with every member that its kind has, null where there is no value (`documented`).
fn shown(members: &[&str], row: Object) -> Value {
    let members = members.iter().map(|name| (*name, at(&row, name).clone()));
    let members = members.filter(|(name, value)| *name != BATTERY || !value.is_null());
    Value::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

pub(super) fn text(row: &Object, member: &str) -> String {
    at(row, member).as_str().unwrap_or_default().to_owned()
}

fn unknown(kind: Kind, key: &str) -> ChangeError {
    ChangeError::Unknown {
        vendor: Vendor::Atera,
        kind,
        key: key.to_owned(),
    }
}
