//! The truth of a run in the judge's words. Which records can reach the account is worked out here
//! from the world and the script's settings, apart from the engine's own gates.

use std::collections::BTreeSet;

use syncrig_mocks::world::{Kind, Tool as WorldTool, ToolRecords};

use super::stage::{Actor, Stage};
use crate::connectors::Places;
use crate::engine::{PsaRows, PsaSettings};
use crate::judge::{Entity, HandMade, Presence, SourceRow, Truth};
use crate::model::{RecordKind, Tool};

/// Begins the key of a record that a vendor made by itself when a client wrote another.
pub(super) const STRAY: &str = "made-by-the-vendor:";

/// What is true now, for the tools that are connected.
pub(super) fn truth(
    stage: &Stage,
    psa: Option<(&PsaSettings, &PsaRows)>,
    rmm_connected: bool,
    hand_made: &[HandMade],
) -> Truth {
    let mut truth = Truth {
        hand_made: hand_made.to_vec(),
        ..Truth::default()
    };
    for entity in stage.world.entities() {
        truth.entities.push(Entity {
            kind: record_kind(entity.kind),
            key: entity.key.to_owned(),
            name: entity.name.clone(),
        });
    }
    for actor in stage.actors() {
        let tool = actor.vendor.tool();
        let records = stage.world.project(tool);
        let present = present_keys(&records);
        let delivered = match (tool, psa) {
            (WorldTool::Psa, Some((settings, cut))) => psa_delivers(&records, settings, cut),
            (WorldTool::Rmm, _) if rmm_connected => rmm_delivers(&records, stage),
            _ => BTreeSet::new(),
        };
        rows(stage, actor, &present, &delivered, &mut truth.rows);
        if let (WorldTool::Psa, Some(table)) = (tool, stage.narrow) {
            let addressed = addressed(&records, table.locations == Places::Main);
            truth.rows.retain(|row| {
                (table.configurations || row.kind != RecordKind::Configuration)
                    && (table.locations == Places::Records
                        || row.kind != RecordKind::Location
                        || addressed.contains(&row.key))
                    && (table.makes_first_location || !row.key.starts_with(STRAY))
            });
        }
    }
    truth
}

/// Locations that are the address of an organization, or of an active contact unless only the main
/// ones count.
fn addressed(records: &ToolRecords, only_main: bool) -> BTreeSet<String> {
    let contacts = records.contacts.iter().filter(|contact| contact.active);
    let seats: BTreeSet<&str> = contacts.filter_map(|it| it.location.as_deref()).collect();
    let locations = records.locations.iter();
    locations
        .filter(|it| it.address.line_1.is_some())
        .filter(|it| it.primary || (!only_main && seats.contains(it.key.as_str())))
        .map(|it| it.key.clone())
        .collect()
}

type Keys = BTreeSet<(Kind, String)>;

fn rows(stage: &Stage, actor: &Actor, present: &Keys, delivered: &Keys, rows: &mut Vec<SourceRow>) {
    for row in stage.truth(actor) {
        let key = (row.kind, row.key.clone());
        let presence = if row.key.starts_with(STRAY) {
            Presence::Delivered
        } else if !present.contains(&key) {
            Presence::Removed
        } else if delivered.contains(&key) {
            Presence::Delivered
        } else {
            Presence::Withheld
        };
        rows.push(SourceRow {
            tool: tool_of(actor.vendor.tool()),
            vendor: actor.vendor.slug().to_owned(),
            kind: record_kind(row.kind),
            external_id: row.external_id,
            key: row.key,
            truth: row.truth,
            presence,
        });
    }
}

fn present_keys(records: &ToolRecords) -> Keys {
    let organizations = records
        .organizations
        .iter()
        .map(|it| (Kind::Organization, it.key.clone()));
    let locations = records
        .locations
        .iter()
        .map(|it| (Kind::Location, it.key.clone()));
    let contacts = records
        .contacts
        .iter()
        .map(|it| (Kind::Contact, it.key.clone()));
    let devices = records
        .devices
        .iter()
        .map(|it| (Kind::Device, it.key.clone()));
    organizations
        .chain(locations)
        .chain(contacts)
        .chain(devices)
        .collect()
}

/// `cut` are the rows of types and statuses that are paused or disconnected.
fn psa_delivers(records: &ToolRecords, settings: &PsaSettings, cut: &PsaRows) -> Keys {
    let open = |rows: &[String], name: &Option<String>| {
        name.as_ref().is_none_or(|name| !rows.contains(name))
    };
    let allowed = |list: &Option<Vec<String>>, name: &Option<String>| match (list, name) {
        (None, _) => true,
        (Some(list), Some(name)) => list.contains(name),
        (Some(_), None) => false,
    };
    let mut keys = Keys::new();
    let mut syncing = BTreeSet::new();
    for it in &records.organizations {
        if allowed(&settings.organization_types, &it.organization_type)
            && allowed(&settings.organization_statuses, &it.status)
            && open(&cut.organization_types, &it.organization_type)
            && open(&cut.organization_statuses, &it.status)
        {
            syncing.insert(it.key.as_str());
            keys.insert((Kind::Organization, it.key.clone()));
        }
    }
    for it in &records.locations {
        if settings.locations && syncing.contains(it.organization.as_str()) {
            keys.insert((Kind::Location, it.key.clone()));
        }
    }
    for it in &records.contacts {
        if settings.contacts && syncing.contains(it.organization.as_str()) {
            keys.insert((Kind::Contact, it.key.clone()));
        }
    }
    for it in &records.devices {
        if syncing.contains(it.organization.as_str())
            && allowed(&settings.configuration_types, &it.configuration_type)
            && allowed(&settings.configuration_statuses, &it.status)
            && open(&cut.configuration_types, &it.configuration_type)
            && open(&cut.configuration_statuses, &it.status)
        {
            keys.insert((Kind::Device, it.key.clone()));
        }
    }
    keys
}

/// A company without devices does not appear. One that is switched off does, and so do its devices:
/// Datto's on-demand sites are listed like any other. What the vendor has not counts for nothing.
fn rmm_delivers(records: &ToolRecords, stage: &Stage) -> Keys {
    let mut keys = Keys::new();
    let devices = records.devices.iter();
    for it in devices.filter(|it| stage.rmm_has(&it.key)) {
        keys.insert((Kind::Device, it.key.clone()));
        keys.insert((Kind::Organization, it.organization.clone()));
    }
    keys
}

pub(super) const fn record_kind(kind: Kind) -> RecordKind {
    match kind {
        Kind::Organization => RecordKind::Organization,
        Kind::Location => RecordKind::Location,
        Kind::Contact => RecordKind::Contact,
        Kind::Device => RecordKind::Configuration,
    }
}

pub(super) const fn tool_of(tool: WorldTool) -> Tool {
    match tool {
        WorldTool::Psa => Tool::Psa,
        WorldTool::Rmm => Tool::Rmm,
    }
}
