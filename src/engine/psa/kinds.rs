//! The four kinds of PSA record: gates, fields and keys. Field maps and keys are the vendor's
//! documented tables.

use std::collections::BTreeSet;

use super::entity::{Entity, Owners, Part, PartForm, Read};
use crate::connectors::PsaCapabilities;
use crate::engine::error::EngineError;
use crate::engine::normal::single_mac;
use crate::engine::pass::compared;
use crate::engine::rules;
use crate::engine::settings::{CutRows, PsaSettings, ticked};
use crate::model::{RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization};
use crate::store::{Configuration, Contact, List, Location, Organization, RowId, Writer};

pub(in crate::engine) struct Organizations<'a> {
    pub(in crate::engine) psa: PsaCapabilities,
    pub(in crate::engine) settings: &'a PsaSettings,
    pub(in crate::engine) cut: &'a CutRows,
    /// Organizations that were delivered and whose row is paused, by the PSA's id.
    pub(in crate::engine) held: BTreeSet<String>,
}

impl Organizations<'_> {
    /// The type that counts: several are possible in the PSA, one here. The first ticked one
    /// (inferred), one whose row is cut off only when there is no other.
    fn pick<'r>(&self, types: &'r [String]) -> Option<&'r String> {
        let ticked_types = self.settings.organization_types.as_deref();
        let mut ticked_ones = types.iter().filter(|name| ticked(ticked_types, Some(name)));
        let open = |name: &&String| {
            let one = std::slice::from_ref(*name);
            !self.cut.paused.organization(one, None)
                && !self.cut.disconnected.organization(one, None)
        };
        ticked_ones
            .clone()
            .find(open)
            .or_else(|| ticked_ones.next())
    }
}

impl Entity for Organizations<'_> {
    type Remote = RemoteOrganization;
    type Stored = Organization;
    const KEY_RULE: &'static str = rules::PSA_KEY_ORGANIZATION;

    fn psa(&self) -> &PsaCapabilities {
        &self.psa
    }

    fn id(remote: &RemoteOrganization) -> &str {
        &remote.id
    }

    fn read(
        &mut self,
        _writer: &Writer<'_>,
        _integration_id: i64,
        remote: RemoteOrganization,
    ) -> Result<Read<Organization>, EngineError> {
        if remote.deleted {
            return Ok(Read::Skip {
                rule: rules::PSA_DELETED,
                compared: Vec::new(),
            });
        }
        let types = self.settings.organization_types.as_deref();
        let organization_type = self.pick(&remote.types).cloned();
        let type_passes = organization_type.is_some() || types.is_none();
        let statuses = self.settings.organization_statuses.as_deref();
        if !type_passes || !ticked(statuses, remote.status.as_deref()) {
            let their_types = remote.types.join(", ");
            return Ok(Read::Skip {
                rule: rules::PSA_GATE_ORGANIZATION,
                compared: vec![
                    compared("type", Some(&their_types), shown(types).as_deref()),
                    compared(
                        "status",
                        remote.status.as_deref(),
                        shown(statuses).as_deref(),
                    ),
                ],
            });
        }
        let status = remote.status.as_deref();
        let own = organization_type.as_slice();
        let cut = self.cut.disconnected.organization(own, status);
        if self.cut.paused.organization(own, status) {
            self.held.insert(remote.id);
            return Ok(Read::Hold {
                rule: rules::PSA_ROW_PAUSED,
            });
        }
        Ok(Read::Keep {
            value: Organization {
                name: remote.name,
                short_name: remote.short_name,
                organization_type,
                status: remote.status,
                parent_remote_id: remote.parent_id,
                primary_location_remote_id: remote.primary_location_id,
                ..Organization::default()
            },
            note: None,
            cut,
        })
    }

    fn key(stored: &Organization) -> Vec<Part<'_>> {
        vec![Part::text("name", Some(&stored.name))]
    }

    fn owner(_stored: &Organization) -> Option<RowId> {
        None
    }

    fn reconnected(&self, link_id: RowId) -> bool {
        self.cut.reconnected.contains(&link_id)
    }

    fn keep_unmapped(existing: Organization, incoming: &mut Organization) {
        incoming.parent_id = existing.parent_id;
        incoming.primary_location_id = existing.primary_location_id;
        incoming.quick_notes = existing.quick_notes;
        incoming.is_primary = existing.is_primary;
    }
}

pub(in crate::engine) struct Locations<'a> {
    pub(in crate::engine) psa: PsaCapabilities,
    pub(in crate::engine) owners: &'a mut Owners,
}

impl Entity for Locations<'_> {
    type Remote = RemoteLocation;
    type Stored = Location;
    const KEY_RULE: &'static str = rules::PSA_KEY_LOCATION;

    fn psa(&self) -> &PsaCapabilities {
        &self.psa
    }

    fn id(remote: &RemoteLocation) -> &str {
        &remote.id
    }

    fn read(
        &mut self,
        _writer: &Writer<'_>,
        _integration_id: i64,
        remote: RemoteLocation,
    ) -> Result<Read<Location>, EngineError> {
        let organization_id = match self.owners.owner(&remote.organization_id) {
            Ok(id) => id,
            Err(read) => return Ok(read),
        };
        Ok(Read::keep(Location {
            organization_id,
            name: remote.name,
            address_1: remote.address_1,
            address_2: remote.address_2,
            city: remote.city,
            region: remote.region,
            postal_code: remote.postal_code,
            country: remote.country,
            phone: remote.phone,
            fax: remote.fax,
            is_primary: remote.primary,
        }))
    }

    fn key(stored: &Location) -> Vec<Part<'_>> {
        vec![
            Part::text("name", Some(&stored.name)),
            Part::text("address_1", stored.address_1.as_deref()),
            Part::text("address_2", stored.address_2.as_deref()),
            Part::text("city", stored.city.as_deref()),
            Part::text("region", stored.region.as_deref()),
            Part::text("country", stored.country.as_deref()),
        ]
    }

    fn owner(stored: &Location) -> Option<RowId> {
        Some(stored.organization_id)
    }

    fn keep_unmapped(_existing: Location, _incoming: &mut Location) {}
}

pub(in crate::engine) struct Contacts<'a> {
    pub(in crate::engine) psa: PsaCapabilities,
    pub(in crate::engine) owners: &'a mut Owners,
}

impl Entity for Contacts<'_> {
    type Remote = RemoteContact;
    type Stored = Contact;
    const KEY_RULE: &'static str = rules::PSA_KEY_CONTACT;

    fn psa(&self) -> &PsaCapabilities {
        &self.psa
    }

    fn id(remote: &RemoteContact) -> &str {
        &remote.id
    }

    fn read(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        remote: RemoteContact,
    ) -> Result<Read<Contact>, EngineError> {
        let their_organization = remote.organization_id.as_deref().unwrap_or_default();
        let organization_id = match self.owners.owner(their_organization) {
            Ok(id) => id,
            Err(read) => return Ok(read),
        };
        let location = remote.location_id.as_deref();
        Ok(Read::keep(Contact {
            organization_id,
            location_id: self.owners.location(writer, integration_id, location)?,
            first_name: remote.first_name,
            last_name: remote.last_name,
            title: remote.title,
            contact_type: remote.contact_type,
            emails: List(remote.emails),
            phones: List(remote.phones),
        }))
    }

    fn key(stored: &Contact) -> Vec<Part<'_>> {
        vec![
            Part::text("first_name", Some(&stored.first_name)),
            Part::text("last_name", stored.last_name.as_deref()),
        ]
    }

    fn owner(stored: &Contact) -> Option<RowId> {
        Some(stored.organization_id)
    }

    fn keep_unmapped(_existing: Contact, _incoming: &mut Contact) {}
}

pub(in crate::engine) struct Configurations<'a> {
    pub(in crate::engine) psa: PsaCapabilities,
    pub(in crate::engine) settings: &'a PsaSettings,
    pub(in crate::engine) cut: &'a CutRows,
    pub(in crate::engine) owners: &'a mut Owners,
}

impl Configurations<'_> {
    fn gate(&self, remote: &RemoteConfiguration) -> Option<Read<Configuration>> {
        let types = self.settings.configuration_types.as_deref();
        let statuses = self.settings.configuration_statuses.as_deref();
        let their_type = remote.configuration_type.as_deref();
        let status = remote.status.as_deref();
        if !ticked(types, their_type) || !ticked(statuses, status) {
            return Some(Read::Skip {
                rule: rules::PSA_GATE_CONFIGURATION,
                compared: vec![
                    compared("type", their_type, shown(types).as_deref()),
                    compared("status", status, shown(statuses).as_deref()),
                ],
            });
        }
        let paused = self.cut.paused.configuration(their_type, status);
        paused.then_some(Read::Hold {
            rule: rules::PSA_ROW_PAUSED,
        })
    }
}

impl Entity for Configurations<'_> {
    type Remote = RemoteConfiguration;
    type Stored = Configuration;
    const KEY_RULE: &'static str = rules::PSA_KEY_CONFIGURATION;

    fn psa(&self) -> &PsaCapabilities {
        &self.psa
    }

    fn id(remote: &RemoteConfiguration) -> &str {
        &remote.id
    }

    fn read(
        &mut self,
        writer: &Writer<'_>,
        integration_id: i64,
        remote: RemoteConfiguration,
    ) -> Result<Read<Configuration>, EngineError> {
        if let Some(skip) = self.gate(&remote) {
            return Ok(skip);
        }
        let organization_id = match self.owners.owner(&remote.organization_id) {
            Ok(id) => id,
            Err(read) => return Ok(read),
        };
        let location = remote.location_id.as_deref();
        let location_id = self.owners.location(writer, integration_id, location)?;
        let contact = remote.contact_id.as_deref();
        let contact = self.owners.contact(writer, integration_id, contact)?;
        // A contact from outside the client is ignored.
        let contact = contact.filter(|(_, owner)| *owner == organization_id);
        let contact_id = contact.map(|(id, _)| id);
        let primary_mac = remote
            .mac
            .as_deref()
            .and_then(single_mac)
            .map(str::to_owned);
        let note = match (&remote.mac, &primary_mac) {
            (Some(text), None) if !text.is_empty() => Some((
                rules::PSA_SEVERAL_MACS,
                vec![compared("mac", Some(text), None)],
            )),
            _ => None,
        };
        let value = Configuration {
            organization_id,
            location_id,
            contact_id,
            name: remote.name,
            hostname: None,
            configuration_type: remote.configuration_type,
            status: remote.status,
            asset_tag: remote.asset_tag,
            serial: remote.serial,
            primary_mac,
            primary_ip: remote.ip,
            default_gateway: remote.default_gateway,
            manufacturer: remote.manufacturer,
            model: remote.model,
            operating_system: remote.operating_system,
            purchased_on: remote.purchased_on.map(|date| date.to_string()),
            installed_on: remote.installed_on.map(|date| date.to_string()),
            installed_by: remote.installed_by,
            warranty_expires_on: remote.warranty_expires_on.map(|date| date.to_string()),
            rmm_location: None,
            notes: remote.notes,
            interfaces: None,
        };
        let (own, status) = (&value.configuration_type, &value.status);
        let rows = &self.cut.disconnected;
        let cut = rows.configuration(own.as_deref(), status.as_deref());
        Ok(Read::Keep { value, note, cut })
    }

    fn key(stored: &Configuration) -> Vec<Part<'_>> {
        let part = |field, value, form| Part { field, value, form };
        let (serial, mac) = (stored.serial.as_deref(), stored.primary_mac.as_deref());
        vec![
            part(
                "configuration_type",
                stored.configuration_type.as_deref(),
                PartForm::Exact,
            ),
            Part::text("name", Some(&stored.name)),
            part("serial", serial, PartForm::Serial),
            part("primary_mac", mac, PartForm::Mac),
        ]
    }

    fn owner(stored: &Configuration) -> Option<RowId> {
        Some(stored.organization_id)
    }

    fn reconnected(&self, link_id: RowId) -> bool {
        self.cut.reconnected.contains(&link_id)
    }

    fn keep_unmapped(existing: Configuration, incoming: &mut Configuration) {
        incoming.hostname = existing.hostname;
        incoming.rmm_location = existing.rmm_location;
        incoming.interfaces = existing.interfaces;
    }
}

/// What is ticked, as text; nothing to say when everything is.
fn shown(ticked: Option<&[String]>) -> Option<String> {
    ticked.map(|names| names.join(", "))
}
