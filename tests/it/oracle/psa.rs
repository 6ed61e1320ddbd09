//! A sync of the PSA [4]: gates, links, first contact, creation, orphans.

use syncrig::model::{LinkState, Origin, RecordKind};
use syncrig::scenario::PsaSettings;
use syncrig_mocks::world::{Located, Nic, ToolRecords};

use super::model::{Account, Connection, Fields, Id, Link, Record};
use super::values::is_one_mac;

/// One record that the PSA delivers.
struct Delivered<'a> {
    kind: RecordKind,
    key: &'a str,
    /// Whether it may sync: gates [4.2], and its organization syncs [4.5].
    passes: bool,
    owner: Option<Id>,
    /// All mapped fields [4.6]; what has no value is empty here too.
    fields: Fields,
}

/// Fields that the PSA writes, by kind [4.6]. It does not know a hostname.
pub(super) const fn mapped(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Organization => &["name", "short_name", "organization_type", "status"],
        RecordKind::Location => &["name", "address_1", "address_2", "city", "country", "phone"],
        RecordKind::Contact => &["first_name", "last_name", "title", "location_id"],
        RecordKind::Configuration => &[
            "name",
            "configuration_type",
            "status",
            "serial",
            "primary_mac",
            "manufacturer",
            "model",
            "asset_tag",
            "notes",
            "location_id",
            "contact_id",
        ],
    }
}

pub(super) fn sync(account: &mut Account, psa: &ToolRecords) {
    let settings = account.settings.clone();
    // Parents before children [4.5]: each kind in the PSA's order, which is that of creation.
    organizations(account, psa, &settings);
    if settings.locations {
        locations(account, psa);
    }
    if settings.contacts {
        contacts(account, psa);
    }
    configurations(account, psa, &settings);
    leave_orphans(account, psa, &settings);
    account.psa_synced = true;
}

fn organizations(account: &mut Account, psa: &ToolRecords, settings: &PsaSettings) {
    for it in &psa.organizations {
        // psa-gate-organization: type and status both ticked.
        let passes = ticked(&settings.organization_types, it.organization_type.as_ref())
            && ticked(&settings.organization_statuses, it.status.as_ref());
        let fields = fields([
            ("name", Some(&it.name)),
            ("short_name", it.short_name.as_ref()),
            ("organization_type", it.organization_type.as_ref()),
            ("status", it.status.as_ref()),
        ]);
        take(
            account,
            Delivered {
                kind: RecordKind::Organization,
                key: &it.key,
                passes,
                owner: None,
                fields,
            },
        );
    }
}

/// The PSA lists its sites company by company.
fn locations(account: &mut Account, psa: &ToolRecords) {
    let companies = psa.organizations.iter();
    let sites = companies.flat_map(|company| {
        let sites = psa.locations.iter();
        sites.filter(|site| site.organization == company.key)
    });
    for it in sites {
        let owner = syncing_organization(account, &it.organization);
        let fields = fields([
            ("name", Some(&it.name)),
            ("address_1", it.address.line_1.as_ref()),
            ("address_2", it.address.line_2.as_ref()),
            ("city", it.address.city.as_ref()),
            ("country", it.address.country.as_ref()),
            ("phone", it.phone.as_ref()),
        ]);
        take(
            account,
            Delivered {
                kind: RecordKind::Location,
                key: &it.key,
                passes: owner.is_some(),
                owner,
                fields,
            },
        );
    }
}

fn contacts(account: &mut Account, psa: &ToolRecords) {
    for it in &psa.contacts {
        let owner = syncing_organization(account, &it.organization);
        let mut fields = fields([
            ("first_name", Some(&it.first_name)),
            ("last_name", Some(&it.last_name)),
            ("title", it.title.as_ref()),
        ]);
        let location = it.location.as_deref();
        let location = location.and_then(|key| account.linked(RecordKind::Location, key));
        point(&mut fields, "location_id", location);
        take(
            account,
            Delivered {
                kind: RecordKind::Contact,
                key: &it.key,
                passes: owner.is_some(),
                owner,
                fields,
            },
        );
    }
}

fn configurations(account: &mut Account, psa: &ToolRecords, settings: &PsaSettings) {
    for it in &psa.devices {
        let owner = syncing_organization(account, &it.organization);
        // psa-gate-configuration: type and status both ticked.
        let passes = owner.is_some()
            && ticked(
                &settings.configuration_types,
                it.configuration_type.as_ref(),
            )
            && ticked(&settings.configuration_statuses, it.status.as_ref());
        let mac = mac_field(&it.nics);
        let mut fields = fields([
            ("name", Some(&it.name)),
            ("configuration_type", it.configuration_type.as_ref()),
            ("status", it.status.as_ref()),
            ("serial", it.serial.as_ref()),
            ("primary_mac", mac.as_ref()),
            ("manufacturer", it.manufacturer.as_ref()),
            ("model", it.model.as_ref()),
            ("asset_tag", it.asset_tag.as_ref()),
            ("notes", it.notes.as_ref()),
        ]);
        let location = it.location.as_deref();
        let location = location.and_then(|key| account.linked(RecordKind::Location, key));
        point(&mut fields, "location_id", location);
        // A contact from outside of the client is ignored [4.2].
        let contact = it.contact.as_deref();
        let contact = contact.and_then(|key| account.linked(RecordKind::Contact, key));
        let contact = contact.filter(|id| account.records[*id].owner == owner);
        point(&mut fields, "contact_id", contact);
        take(
            account,
            Delivered {
                kind: RecordKind::Configuration,
                key: &it.key,
                passes,
                owner,
                fields,
            },
        );
    }
}

/// The PSA has one text for all MAC addresses. psa-several-macs: what is not one MAC is not synced.
fn mac_field(nics: &[Nic]) -> Option<String> {
    let macs: Vec<&str> = nics.iter().filter_map(|nic| nic.mac.as_deref()).collect();
    let text = macs.join(", ");
    is_one_mac(&text).then_some(text)
}

/// What becomes of one record.
fn take(account: &mut Account, it: Delivered<'_>) {
    let known = account.linked(it.kind, it.key);
    // Sync that is switched off leaves a record as it is, whatever becomes of it in the PSA [4.8].
    let off = |id: Id| {
        let link = account.records[id].live_link();
        link.is_some_and(|link| link.state == LinkState::Disabled)
    };
    if known.is_some_and(off) {
        return;
    }
    if !it.passes {
        // What no longer passes is kept as an orphan; what never passed does not come [4.8].
        if let Some(id) = known {
            account.set_link(id, LinkState::Orphaned);
        }
        return;
    }
    // Once linked, the PSA's id is the identity, whatever the names say. An orphan whose gate passes
    // again syncs again over its old link. What is linked to nothing meets what exists.
    let id = known
        .or_else(|| first_contact(account, &it))
        .unwrap_or_else(|| {
            // psa-create
            account.create(it.kind, it.owner, Origin::Psa, Fields::new())
        });
    let record = &mut account.records[id];
    if record.live_link().is_none() {
        record.links.push(Link {
            key: it.key.to_owned(),
            state: LinkState::Enabled,
        });
    }
    // The PSA wins every conflict, with empty values too [4.4].
    record.owner = it.owner;
    for name in mapped(it.kind) {
        record.fields.remove(name);
    }
    record.fields.extend(it.fields);
    // What syncs cannot be in the archive.
    record.archived = false;
    account.set_link(id, LinkState::Enabled);
}

/// First contact [4.3]: the oldest record without a link to this PSA whose key is exactly equal.
fn first_contact(account: &Account, it: &Delivered<'_>) -> Option<Id> {
    let free = |record: &Record| record.live_link().is_none() && !record.archived;
    let ids = account.living(it.kind).into_iter();
    ids.map(|id| (id, &account.records[id]))
        .find(|(_, record)| free(record) && same_key(record, it))
        .map(|(id, _)| id)
}

fn same_key(record: &Record, it: &Delivered<'_>) -> bool {
    let same = |name: &str| record.field(name) == it.fields.get(name).map(String::as_str);
    let parts: &[&str] = match it.kind {
        // psa-key-organization
        RecordKind::Organization => &["name"],
        // psa-key-location
        RecordKind::Location => &["name", "address_1", "address_2", "city", "country"],
        // psa-key-contact
        RecordKind::Contact => &["first_name", "last_name"],
        // psa-key-configuration; a part that is empty on both sides counts as equal.
        RecordKind::Configuration => &["configuration_type", "name", "serial", "primary_mac"],
    };
    record.owner == it.owner && parts.iter().all(|name| same(name))
}

/// Whatever the PSA no longer has is kept as an orphan (psa-deleted), and so is what belongs to an
/// organization that stopped syncing (psa-parent).
fn leave_orphans(account: &mut Account, psa: &ToolRecords, settings: &PsaSettings) {
    for kind in RecordKind::ALL {
        let keys: Vec<&str> = match kind {
            RecordKind::Organization => {
                psa.organizations.iter().map(|it| it.key.as_str()).collect()
            }
            RecordKind::Location => psa.locations.iter().map(|it| it.key.as_str()).collect(),
            RecordKind::Contact => psa.contacts.iter().map(|it| it.key.as_str()).collect(),
            RecordKind::Configuration => psa.devices.iter().map(|it| it.key.as_str()).collect(),
        };
        // Contacts or locations that are switched off: what is here stays as it is.
        let looked_at = match kind {
            RecordKind::Location => settings.locations,
            RecordKind::Contact => settings.contacts,
            _ => true,
        };
        for id in account.living(kind) {
            let record = &account.records[id];
            let Some(link) = record.live_link() else {
                continue;
            };
            // psa-deleted, where it was looked at; psa-parent, whatever is switched off.
            let gone = looked_at && !keys.contains(&link.key.as_str());
            let alone = record
                .owner
                .is_some_and(|owner| !account.records[owner].syncs());
            if (gone || alone) && link.state != LinkState::Disabled {
                account.set_link(id, LinkState::Orphaned);
            }
        }
    }
}

/// The record of an organization that syncs.
fn syncing_organization(account: &Account, key: &str) -> Option<Id> {
    let id = account.linked(RecordKind::Organization, key)?;
    account.records[id].syncs().then_some(id)
}

/// Left out: all are ticked.
pub(super) fn ticked(list: &Option<Vec<Located<String>>>, name: Option<&String>) -> bool {
    match (list, name) {
        (None, _) => true,
        (Some(list), Some(name)) => list.iter().any(|ticked| ticked.value == *name),
        (Some(_), None) => false,
    }
}

pub(super) fn fields<const N: usize>(values: [(&'static str, Option<&String>); N]) -> Fields {
    let values = values.into_iter();
    values
        .filter_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?.clone())))
        .collect()
}

fn point(fields: &mut Fields, name: &'static str, to: Option<Id>) {
    fields.extend(to.map(|id| (name, id.to_string())));
}

/// Disconnects for good [6]: the data stays as stand-alone records, and the PSA's ids are remembered.
pub(super) fn disconnect_keeping(account: &mut Account) {
    for record in &mut account.records {
        for link in &mut record.links {
            link.state = LinkState::Disconnected;
        }
    }
    account.psa = Connection::Gone;
    account.psa_synced = false;
}

/// Disconnects for good and deletes what came from the PSA, children included [6].
pub(super) fn disconnect_deleting(account: &mut Account) {
    for id in 0..account.records.len() {
        if account.records[id].live_link().is_some() {
            delete(account, id);
        }
    }
    account.psa = Connection::Gone;
    account.psa_synced = false;
}

/// Deletes a record for good, an organization with all that it has. RMM data of a deleted record
/// returns to the matching screen [6].
pub(super) fn delete(account: &mut Account, id: Id) {
    if account.records[id].kind == RecordKind::Organization {
        for child in 0..account.records.len() {
            if account.records[child].owner == Some(id) {
                delete(account, child);
            }
        }
    }
    account.records[id].deleted = true;
    let name = id.to_string();
    for record in &mut account.records {
        let pointers = ["location_id", "contact_id"];
        let pointed = |field: &&str, value: &String| pointers.contains(field) && *value == name;
        record.fields.retain(|field, value| !pointed(field, value));
    }
    super::screen::forget(account, id);
}
