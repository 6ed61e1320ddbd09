//! A PSA or RMM seen through the capability table of another: what that one could not give is not there.
//! Two vendors differ as the table says, and in nothing else, exactly when one of them, narrowed to
//! the other, gives the same outcome. It knows records and the table, and no vendor.

mod changes;
mod rmm;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::capabilities::{Places, PsaCapabilities, Vocabulary};
use super::{Page, PageStream, Pages, PsaChanges, PsaConnector, PsaWriter, Result};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization, RemoteType,
};
use crate::transport::CallStats;
pub use rmm::narrowed_rmm;

/// The PSA as it would look if it could give only what the table has.
pub fn narrowed(psa: Box<dyn PsaConnector>, table: PsaCapabilities) -> Box<dyn PsaConnector> {
    Box::new(Narrowed {
        psa,
        table,
        own_locations: Mutex::default(),
    })
}

struct Narrowed {
    psa: Box<dyn PsaConnector>,
    table: PsaCapabilities,
    /// Ids of the locations that the vendor made for new organizations, where the other makes none.
    own_locations: Mutex<BTreeSet<String>>,
}

/// What decides on records.
#[derive(Clone, Copy)]
struct Eye<'a> {
    table: &'a PsaCapabilities,
    own_locations: &'a Mutex<BTreeSet<String>>,
}

impl Eye<'_> {
    fn is_own(self, location_id: &str) -> bool {
        let own = self.own_locations.lock();
        own.unwrap_or_else(PoisonError::into_inner)
            .contains(location_id)
    }
}

impl Narrowed {
    fn types<'a>(
        &'a self,
        rows: BoxFuture<'a, Result<Vec<RemoteType>>>,
        names: Vocabulary,
    ) -> BoxFuture<'a, Result<Vec<RemoteType>>> {
        let Vocabulary::Fixed(names) = names else {
            return rows;
        };
        let rows = names.iter().map(|name| RemoteType {
            id: (*name).to_owned(),
            name: (*name).to_owned(),
            inactive: false,
        });
        std::future::ready(Ok(rows.collect())).boxed()
    }

    /// All records of a walk, none when one fails: for what cannot be told page by page.
    async fn whole<T>(mut pages: PageStream<'_, T>) -> Result<Vec<Page<T>>> {
        let mut whole = Vec::new();
        while let Some(page) = pages.next_page().await? {
            whole.push(page);
        }
        Ok(whole)
    }
}

/// What each record of a walk becomes; none leaves it out.
struct Through<'a, T> {
    pages: PageStream<'a, T>,
    eye: Eye<'a>,
    narrow: fn(Eye<'_>, T) -> Option<T>,
}

impl<T: Send> Pages<T> for Through<'_, T> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<T>>>> {
        Box::pin(async move {
            while let Some(page) = self.pages.next_page().await? {
                let records = page.records.into_iter();
                let records = records.filter_map(|record| (self.narrow)(self.eye, record));
                let page = Page {
                    records: records.collect(),
                    rejected: page.rejected,
                    ..Page::default()
                };
                // A walk delivers no empty pages.
                if !page.records.is_empty() || !page.rejected.is_empty() {
                    return Ok(Some(page));
                }
            }
            Ok(None)
        })
    }
}

/// Locations where they are addresses: that of an organization, and those of contacts.
struct Addresses<'a> {
    psa: &'a dyn PsaConnector,
    /// Those of organizations alone, all of one name.
    only_main: bool,
    organization_ids: Option<Vec<String>>,
}

impl Pages<RemoteLocation> for Addresses<'_> {
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<RemoteLocation>>>> {
        Box::pin(async move {
            let Some(ids) = self.organization_ids.take() else {
                return Ok(None);
            };
            let mut inhabited = BTreeSet::new();
            for page in Narrowed::whole(self.psa.contacts()).await? {
                let contacts = page.records.into_iter().filter(|contact| !contact.inactive);
                inhabited.extend(contacts.filter_map(|contact| contact.location_id));
            }
            let mut whole = Page::default();
            for page in Narrowed::whole(self.psa.locations(ids)).await? {
                whole.rejected.extend(page.rejected);
                for mut location in page.records {
                    let Some(line) = &location.address_1 else {
                        continue;
                    };
                    if location.primary || (!self.only_main && inhabited.contains(&location.id)) {
                        if self.only_main {
                            "Main".clone_into(&mut location.name);
                        } else {
                            location.name.clone_from(line);
                        }
                        if !location.primary {
                            // The numbers of a contact are the contact's.
                            (location.phone, location.fax) = (None, None);
                        }
                        whole.records.push(location);
                    }
                }
            }
            let empty = whole.records.is_empty() && whole.rejected.is_empty();
            Ok((!empty).then_some(whole))
        })
    }
}

/// The name that a type or status has at a vendor of these names: its own, or the first of them.
fn named(names: Vocabulary, name: Option<String>) -> Option<String> {
    match names {
        Vocabulary::Free => name,
        Vocabulary::Fixed(names) => match name {
            Some(name) if names.contains(&name.as_str()) => Some(name),
            _ => names.first().map(|name| (*name).to_owned()),
        },
    }
}

/// Empties the fields that the table has not.
macro_rules! blank {
    ($table:expr, $kind:expr, $record:expr, { $($field:literal => $member:ident),+ $(,)? }) => {
        $(if !$table.has($kind, $field) {
            $record.$member = Default::default();
        })+
    };
}

fn organization(eye: Eye<'_>, mut record: RemoteOrganization) -> Option<RemoteOrganization> {
    let table = eye.table;
    if record
        .primary_location_id
        .as_deref()
        .is_some_and(|id| eye.is_own(id))
    {
        record.primary_location_id = None;
    }
    if record.deleted && !table.lists_deleted {
        return None;
    }
    if let Vocabulary::Fixed(_) = table.organization_types {
        let first = record.types.into_iter().next();
        record.types = named(table.organization_types, first).into_iter().collect();
    }
    record.status = named(table.organization_statuses, record.status);
    blank!(table, RecordKind::Organization, record, {
        "short_name" => short_name,
        "organization_type" => types,
        "status" => status,
        "parent_id" => parent_id,
        "primary_location_id" => primary_location_id,
    });
    Some(record)
}

fn location(eye: Eye<'_>, mut record: RemoteLocation) -> Option<RemoteLocation> {
    let table = eye.table;
    if eye.is_own(&record.id) {
        return None;
    }
    blank!(table, RecordKind::Location, record, {
        "address_1" => address_1,
        "address_2" => address_2,
        "city" => city,
        "region" => region,
        "postal_code" => postal_code,
        "country" => country,
        "phone" => phone,
        "fax" => fax,
        "is_primary" => primary,
    });
    Some(record)
}

fn contact(eye: Eye<'_>, mut record: RemoteContact) -> Option<RemoteContact> {
    let table = eye.table;
    if record.inactive && table.active_contacts_only {
        return None;
    }
    blank!(table, RecordKind::Contact, record, {
        "location_id" => location_id,
        "last_name" => last_name,
        "title" => title,
        "contact_type" => contact_type,
        "emails" => emails,
        "phones" => phones,
    });
    Some(record)
}

fn configuration(eye: Eye<'_>, mut record: RemoteConfiguration) -> Option<RemoteConfiguration> {
    let table = eye.table;
    record.configuration_type = named(table.configuration_types, record.configuration_type);
    record.status = named(table.configuration_statuses, record.status);
    blank!(table, RecordKind::Configuration, record, {
        "configuration_type" => configuration_type,
        "status" => status,
        "location_id" => location_id,
        "contact_id" => contact_id,
        "asset_tag" => asset_tag,
        "serial" => serial,
        "primary_mac" => mac,
        "manufacturer" => manufacturer,
        "model" => model,
        "operating_system" => operating_system,
        "primary_ip" => ip,
        "default_gateway" => default_gateway,
        "purchased_on" => purchased_on,
        "installed_on" => installed_on,
        "installed_by" => installed_by,
        "warranty_expires_on" => warranty_expires_on,
        "notes" => notes,
    });
    Some(record)
}

impl PsaConnector for Narrowed {
    fn vendor(&self) -> &'static str {
        self.psa.vendor()
    }

    fn capabilities(&self) -> PsaCapabilities {
        self.table
    }

    fn stats(&self) -> CallStats {
        self.psa.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        self.psa.check()
    }

    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        self.types(self.psa.organization_types(), self.table.organization_types)
    }

    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        let rows = self.psa.organization_statuses();
        self.types(rows, self.table.organization_statuses)
    }

    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        let rows = self.psa.configuration_types();
        self.types(rows, self.table.configuration_types)
    }

    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>> {
        let rows = self.psa.configuration_statuses();
        self.types(rows, self.table.configuration_statuses)
    }

    fn organizations(&self) -> PageStream<'_, RemoteOrganization> {
        Box::new(Through {
            pages: self.psa.organizations(),
            eye: self.eye(),
            narrow: organization,
        })
    }

    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation> {
        let pages = match self.table.locations {
            Places::Records => self.psa.locations(organization_ids),
            places => Box::new(Addresses {
                psa: &*self.psa,
                only_main: places == Places::Main,
                organization_ids: Some(organization_ids),
            }),
        };
        Box::new(Through {
            pages,
            eye: self.eye(),
            narrow: location,
        })
    }

    fn contacts(&self) -> PageStream<'_, RemoteContact> {
        Box::new(Through {
            pages: self.psa.contacts(),
            eye: self.eye(),
            narrow: contact,
        })
    }

    fn configurations(&self) -> PageStream<'_, RemoteConfiguration> {
        Box::new(Through {
            pages: self.psa.configurations(),
            eye: self.eye(),
            narrow: configuration,
        })
    }

    fn changes(&self) -> Option<&dyn PsaChanges> {
        self.psa.changes().map(|_| self as _)
    }

    fn writer(&self) -> Option<&dyn PsaWriter> {
        if self.table.two_way && self.psa.writer().is_some() {
            Some(self)
        } else {
            None
        }
    }
}

/// A record on its way to the PSA and back.
macro_rules! write_through {
    ($create:ident, $update:ident, $remote:ty, $narrow:ident, $kind:expr) => {
        fn $create(&self, draft: $remote) -> BoxFuture<'_, Result<$remote>> {
            let draft = $narrow(self.eye(), draft).unwrap_or_default();
            Box::pin(async move {
                let kept = self.writes()?.$create(draft).await?;
                self.note(&kept);
                Ok($narrow(self.eye(), kept).unwrap_or_default())
            })
        }

        fn $update(
            &self,
            draft: $remote,
            mut changed: Vec<&'static str>,
        ) -> BoxFuture<'_, Result<$remote>> {
            let draft = $narrow(self.eye(), draft).unwrap_or_default();
            changed.retain(|field| self.table.has($kind, account_field(field)));
            Box::pin(async move {
                let kept = self.writes()?.$update(draft, changed).await?;
                Ok($narrow(self.eye(), kept).unwrap_or_default())
            })
        }
    };
}

/// The account's name of a field of the model.
fn account_field(field: &'static str) -> &'static str {
    match field {
        "types" => "organization_type",
        "mac" => "primary_mac",
        "ip" => "primary_ip",
        "primary" => "is_primary",
        other => other,
    }
}

/// A record that was just made, for what the vendor made beside it.
trait Made {
    fn first_location(&self) -> Option<&str> {
        None
    }
}

impl Made for RemoteOrganization {
    fn first_location(&self) -> Option<&str> {
        self.primary_location_id.as_deref()
    }
}

impl Made for RemoteLocation {}
impl Made for RemoteContact {}
impl Made for RemoteConfiguration {}

impl Narrowed {
    fn eye(&self) -> Eye<'_> {
        Eye {
            table: &self.table,
            own_locations: &self.own_locations,
        }
    }

    fn note(&self, made: &impl Made) {
        if let (false, Some(id)) = (self.table.makes_first_location, made.first_location()) {
            let own = self.own_locations.lock();
            own.unwrap_or_else(PoisonError::into_inner)
                .insert(id.to_owned());
        }
    }

    fn writes(&self) -> Result<&dyn PsaWriter> {
        self.psa.writer().ok_or_else(|| super::ConnectorError {
            vendor: self.psa.vendor(),
            operation: "write",
            kind: super::ErrorKind::Forbidden {
                message: "it takes no records".to_owned(),
            },
        })
    }
}

impl PsaWriter for Narrowed {
    write_through!(
        create_organization,
        update_organization,
        RemoteOrganization,
        organization,
        RecordKind::Organization
    );
    write_through!(
        create_location,
        update_location,
        RemoteLocation,
        location,
        RecordKind::Location
    );
    write_through!(
        create_contact,
        update_contact,
        RemoteContact,
        contact,
        RecordKind::Contact
    );
    write_through!(
        create_configuration,
        update_configuration,
        RemoteConfiguration,
        configuration,
        RecordKind::Configuration
    );
}
