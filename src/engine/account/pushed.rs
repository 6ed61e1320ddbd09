//! The four kinds of record as a two-way PSA takes them: which fields it maps, which gate lets them
//! through, and what is sent. Field maps are the vendor's documented tables, read in the other
//! direction.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use crate::connectors::{PsaCapabilities, PsaWriter, Result};
use crate::engine::error::EngineError;
use crate::engine::psa::{self, Configurations, Contacts, Locations, Organizations, Owners};
use crate::engine::settings::{CutRows, PsaSettings, ticked};
use crate::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteLocation, RemoteOrganization,
};
use crate::store::{Configuration, Contact, Location, Organization, Reader, RowId, Stored, Writer};

/// What a record's push needs to know of the integration.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Integration<'a> {
    pub(in crate::engine) psa: PsaCapabilities,
    pub(in crate::engine) id: i64,
    pub(in crate::engine) settings: &'a PsaSettings,
    pub(in crate::engine) cut: &'a CutRows,
}

/// A kind of record that can be pushed.
pub(in crate::engine) trait Pushed: Stored + Clone + Send {
    /// The record as the connector takes it.
    type Remote: Send;

    /// Fields of the model that a draft lacks although the record may have them.
    fn left_out(_draft: &Self::Remote) -> &'static [&'static str] {
        &[]
    }

    /// Fields that no PSA has; they stay open to people whatever syncs.
    const UNMAPPED: &'static [&'static str];

    /// Whether its own type and status, or the switch of its kind, let it through.
    fn passes(&self, integration: Integration<'_>) -> bool;

    /// The record as it is sent, with the PSA's ids of what it belongs to.
    fn draft(
        &self,
        reader: &Reader<'_>,
        integration: Integration<'_>,
        remote_id: Option<&str>,
    ) -> Result<Self::Remote, EngineError>;

    /// Sends a new record.
    fn create(writer: &dyn PsaWriter, draft: Self::Remote) -> BoxFuture<'_, Result<Self::Remote>>;

    /// Sends changes, named by the model's fields.
    fn update<'a>(
        writer: &'a dyn PsaWriter,
        draft: Self::Remote,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'a, Result<Self::Remote>>;

    /// Keeps the PSA's answer as a sync would have kept it, and says whether the record syncs now.
    fn absorb(
        writer: &Writer<'_>,
        integration: Integration<'_>,
        remote: Self::Remote,
        record_id: RowId,
    ) -> Result<bool, EngineError>;
}

/// The model's name of a field of the account.
pub(super) fn model_field(field: &'static str) -> &'static str {
    match field {
        "organization_type" => "types",
        "parent_id" | "parent_remote_id" => "parent_id",
        "primary_location_id" | "primary_location_remote_id" => "primary_location_id",
        "primary_mac" => "mac",
        "primary_ip" => "ip",
        "is_primary" => "primary",
        other => other,
    }
}

/// The PSA's id of a record that syncs.
fn remote_of(
    reader: &Reader<'_>,
    integration_id: i64,
    kind: RecordKind,
    record_id: Option<RowId>,
) -> Result<Option<String>, EngineError> {
    let Some(record_id) = record_id else {
        return Ok(None);
    };
    let link = reader.link_to(integration_id, kind, record_id)?;
    Ok(link
        .filter(|link| link.state.syncs())
        .map(|link| link.remote_id))
}

fn owner_of(
    reader: &Reader<'_>,
    integration: Integration<'_>,
    organization_id: RowId,
) -> Result<String, EngineError> {
    let kind = RecordKind::Organization;
    let remote = remote_of(reader, integration.id, kind, Some(organization_id))?;
    Ok(remote.unwrap_or_default())
}

impl Pushed for Organization {
    type Remote = RemoteOrganization;
    const UNMAPPED: &'static [&'static str] = &["quick_notes", "is_primary"];

    fn passes(&self, it: Integration<'_>) -> bool {
        let types = it.settings.organization_types.as_deref();
        let statuses = it.settings.organization_statuses.as_deref();
        let own = self.organization_type.as_slice();
        let status = self.status.as_deref();
        ticked(types, self.organization_type.as_deref())
            && ticked(statuses, status)
            && !it.cut.paused.organization(own, status)
            && !it.cut.disconnected.organization(own, status)
    }

    fn draft(
        &self,
        reader: &Reader<'_>,
        it: Integration<'_>,
        remote_id: Option<&str>,
    ) -> Result<RemoteOrganization, EngineError> {
        Ok(RemoteOrganization {
            id: remote_id.unwrap_or_default().to_owned(),
            name: self.name.clone(),
            short_name: self.short_name.clone(),
            types: self.organization_type.iter().cloned().collect(),
            status: self.status.clone(),
            parent_id: remote_of(reader, it.id, RecordKind::Organization, self.parent_id)?,
            primary_location_id: remote_of(
                reader,
                it.id,
                RecordKind::Location,
                self.primary_location_id,
            )?,
            deleted: false,
        })
    }

    fn create(writer: &dyn PsaWriter, draft: Self::Remote) -> BoxFuture<'_, Result<Self::Remote>> {
        writer.create_organization(draft)
    }

    fn update<'a>(
        writer: &'a dyn PsaWriter,
        draft: Self::Remote,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'a, Result<Self::Remote>> {
        writer.update_organization(draft, changed)
    }

    fn absorb(
        writer: &Writer<'_>,
        it: Integration<'_>,
        remote: Self::Remote,
        record_id: RowId,
    ) -> Result<bool, EngineError> {
        let mut entity = Organizations {
            psa: it.psa,
            settings: it.settings,
            cut: it.cut,
            held: BTreeSet::new(),
        };
        let syncs = psa::absorb(writer, it.id, &mut entity, remote, record_id)?;
        writer.resolve_references(it.id)?;
        Ok(syncs)
    }
}

impl Pushed for Location {
    type Remote = RemoteLocation;
    const UNMAPPED: &'static [&'static str] = &[];

    fn passes(&self, it: Integration<'_>) -> bool {
        it.settings.locations
    }

    fn draft(
        &self,
        reader: &Reader<'_>,
        it: Integration<'_>,
        remote_id: Option<&str>,
    ) -> Result<RemoteLocation, EngineError> {
        Ok(RemoteLocation {
            id: remote_id.unwrap_or_default().to_owned(),
            organization_id: owner_of(reader, it, self.organization_id)?,
            name: self.name.clone(),
            address_1: self.address_1.clone(),
            address_2: self.address_2.clone(),
            city: self.city.clone(),
            region: self.region.clone(),
            postal_code: self.postal_code.clone(),
            country: self.country.clone(),
            phone: self.phone.clone(),
            fax: self.fax.clone(),
            primary: self.is_primary,
            inactive: false,
        })
    }

    fn create(writer: &dyn PsaWriter, draft: Self::Remote) -> BoxFuture<'_, Result<Self::Remote>> {
        writer.create_location(draft)
    }

    fn update<'a>(
        writer: &'a dyn PsaWriter,
        draft: Self::Remote,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'a, Result<Self::Remote>> {
        writer.update_location(draft, changed)
    }

    fn absorb(
        writer: &Writer<'_>,
        it: Integration<'_>,
        remote: Self::Remote,
        record_id: RowId,
    ) -> Result<bool, EngineError> {
        let mut owners = Owners::load(writer, it.id, BTreeSet::new())?;
        let mut entity = Locations {
            psa: it.psa,
            owners: &mut owners,
        };
        psa::absorb(writer, it.id, &mut entity, remote, record_id)
    }
}

impl Pushed for Contact {
    type Remote = RemoteContact;
    const UNMAPPED: &'static [&'static str] = &[];

    fn passes(&self, it: Integration<'_>) -> bool {
        it.settings.contacts
    }

    fn draft(
        &self,
        reader: &Reader<'_>,
        it: Integration<'_>,
        remote_id: Option<&str>,
    ) -> Result<RemoteContact, EngineError> {
        let (email_type, phone_type) = (
            &it.settings.contact_email_type,
            &it.settings.contact_phone_type,
        );
        let mut emails = self.emails.0.clone();
        let mut phones = self.phones.0.clone();
        // A new contact goes without addresses whose type nobody chose (documented).
        if remote_id.is_none() && email_type.is_none() {
            emails.clear();
        }
        if remote_id.is_none() && phone_type.is_none() {
            phones.clear();
        }
        for email in &mut emails {
            email.label = email.label.take().or_else(|| email_type.clone());
        }
        for phone in &mut phones {
            phone.label = phone.label.take().or_else(|| phone_type.clone());
        }
        if remote_id.is_none() {
            // Without a type a new contact goes without its addresses and numbers (documented).
            emails.retain(|email| email.label.is_some());
            phones.retain(|phone| phone.label.is_some());
        }
        Ok(RemoteContact {
            id: remote_id.unwrap_or_default().to_owned(),
            organization_id: Some(owner_of(reader, it, self.organization_id)?),
            location_id: remote_of(reader, it.id, RecordKind::Location, self.location_id)?,
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            title: self.title.clone(),
            contact_type: self.contact_type.clone(),
            emails,
            phones,
            inactive: false,
        })
    }

    fn left_out(draft: &RemoteContact) -> &'static [&'static str] {
        match (draft.emails.is_empty(), draft.phones.is_empty()) {
            (true, true) => &["emails", "phones"],
            (true, false) => &["emails"],
            (false, true) => &["phones"],
            (false, false) => &[],
        }
    }

    fn create(writer: &dyn PsaWriter, draft: Self::Remote) -> BoxFuture<'_, Result<Self::Remote>> {
        writer.create_contact(draft)
    }

    fn update<'a>(
        writer: &'a dyn PsaWriter,
        draft: Self::Remote,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'a, Result<Self::Remote>> {
        writer.update_contact(draft, changed)
    }

    fn absorb(
        writer: &Writer<'_>,
        it: Integration<'_>,
        remote: Self::Remote,
        record_id: RowId,
    ) -> Result<bool, EngineError> {
        let mut owners = Owners::load(writer, it.id, BTreeSet::new())?;
        let mut entity = Contacts {
            psa: it.psa,
            owners: &mut owners,
        };
        psa::absorb(writer, it.id, &mut entity, remote, record_id)
    }
}

impl Pushed for Configuration {
    type Remote = RemoteConfiguration;
    const UNMAPPED: &'static [&'static str] = &["hostname", "rmm_location", "interfaces"];

    fn passes(&self, it: Integration<'_>) -> bool {
        let types = it.settings.configuration_types.as_deref();
        let statuses = it.settings.configuration_statuses.as_deref();
        let own = self.configuration_type.as_deref();
        let status = self.status.as_deref();
        it.settings.syncs_configurations()
            && ticked(types, own)
            && ticked(statuses, status)
            && !it.cut.paused.configuration(own, status)
            && !it.cut.disconnected.configuration(own, status)
    }

    fn draft(
        &self,
        reader: &Reader<'_>,
        it: Integration<'_>,
        remote_id: Option<&str>,
    ) -> Result<RemoteConfiguration, EngineError> {
        let date = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        Ok(RemoteConfiguration {
            id: remote_id.unwrap_or_default().to_owned(),
            organization_id: owner_of(reader, it, self.organization_id)?,
            name: self.name.clone(),
            configuration_type: self.configuration_type.clone(),
            status: self.status.clone(),
            location_id: remote_of(reader, it.id, RecordKind::Location, self.location_id)?,
            contact_id: remote_of(reader, it.id, RecordKind::Contact, self.contact_id)?,
            asset_tag: self.asset_tag.clone(),
            serial: self.serial.clone(),
            mac: self.primary_mac.clone(),
            manufacturer: self.manufacturer.clone(),
            model: self.model.clone(),
            operating_system: self.operating_system.clone(),
            ip: self.primary_ip.clone(),
            default_gateway: self.default_gateway.clone(),
            purchased_on: date(&self.purchased_on),
            installed_on: date(&self.installed_on),
            installed_by: self.installed_by.clone(),
            warranty_expires_on: date(&self.warranty_expires_on),
            notes: self.notes.clone(),
            inactive: false,
        })
    }

    fn create(writer: &dyn PsaWriter, draft: Self::Remote) -> BoxFuture<'_, Result<Self::Remote>> {
        writer.create_configuration(draft)
    }

    fn update<'a>(
        writer: &'a dyn PsaWriter,
        draft: Self::Remote,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'a, Result<Self::Remote>> {
        writer.update_configuration(draft, changed)
    }

    fn absorb(
        writer: &Writer<'_>,
        it: Integration<'_>,
        remote: Self::Remote,
        record_id: RowId,
    ) -> Result<bool, EngineError> {
        let mut owners = Owners::load(writer, it.id, BTreeSet::new())?;
        let mut entity = Configurations {
            psa: it.psa,
            settings: it.settings,
            cut: it.cut,
            owners: &mut owners,
        };
        psa::absorb(writer, it.id, &mut entity, remote, record_id)
    }
}
