//! The PSA pass: organizations, then locations, contacts and configurations, each through the same
//! walk. The PSA wins every conflict in the stored layer.

mod candidates;
mod entity;
mod kinds;
mod walk;

use std::collections::BTreeSet;

use super::changes::Memory;
use super::error::EngineError;
use super::pass::Pass;
use super::rules;
use super::settings::{CutRows, PsaSettings};
use crate::connectors::PsaConnector;
use crate::model::RecordKind;
use walk::{sweep, sweep_switched_off, walk_changes};

pub(super) use entity::Owners;
pub(super) use kinds::{Configurations, Contacts, Locations, Organizations};
pub(super) use walk::absorb;

/// Pulls what the settings let through: everything, or what changed where that is enough.
pub(super) async fn run(
    pass: &mut Pass<'_>,
    connector: &dyn PsaConnector,
    settings: &PsaSettings,
    cut: &CutRows,
) -> Result<(), EngineError> {
    let psa = connector.capabilities();
    let integration_id = pass.integration_id;
    if cut.pauses() {
        // What a paused row holds back is known only of organizations that were read.
        pass.last = None;
    }
    let since = pass.last.as_ref().map(Memory::since);
    let since = since.filter(|_| pass.asks_changes);
    let mut changes = since.and_then(|since| Some((connector.changes()?, since)));
    let before = match pass.last {
        Some(_) => Some(Owners::load(
            &pass.account.reader(),
            integration_id,
            BTreeSet::new(),
        )?),
        None => None,
    };
    let mut organizations = Organizations {
        psa,
        settings,
        cut,
        held: BTreeSet::new(),
    };
    let part = changes.map(|(it, since)| (it, it.organizations(since)));
    walk_changes(pass, part, &mut organizations, || connector.organizations()).await?;
    let held = organizations.held;
    let mut owners = Owners::load(&pass.account.reader(), integration_id, held)?;
    // Whether a record syncs depends on its organization, and the vendor does not tell of records whose
    // organization alone changed.
    pass.same_ground = before.is_some_and(|before| before.same(&owners));
    if !pass.same_ground {
        changes = None;
    }

    if settings.locations {
        let ids = owners.in_order.clone();
        let part = changes.map(|(it, since)| (it, it.locations(&ids, since)));
        let whole = || connector.locations(ids.clone());
        let owners = &mut owners;
        let walked = walk_changes(pass, part, &mut Locations { psa, owners }, whole).await?;
        // Contacts and configurations may have been waiting for it.
        pass.same_ground &= !walked.linked;
        pass.write(|writer, _| Ok(writer.resolve_references(integration_id)?))?;
    } else {
        sweep_switched_off(pass, RecordKind::Location)?;
    }
    if settings.contacts {
        let part = changes.map(|(it, since)| (it, it.contacts(since)));
        let whole = || connector.contacts();
        let owners = &mut owners;
        let walked = walk_changes(pass, part, &mut Contacts { psa, owners }, whole).await?;
        if walked.moved {
            // A configuration keeps a contact of its own organization alone.
            changes = None;
        }
        pass.same_ground &= !walked.moved && !walked.linked;
    } else {
        sweep_switched_off(pass, RecordKind::Contact)?;
    }
    if settings.syncs_configurations() && psa.configurations {
        let mut configurations = Configurations {
            psa,
            settings,
            cut,
            owners: &mut owners,
        };
        let part = changes.map(|(it, since)| (it, it.configurations(since)));
        let whole = || connector.configurations();
        walk_changes(pass, part, &mut configurations, whole).await?;
    } else {
        // With every type unticked nothing is asked for; what synced before becomes an orphan.
        sweep(
            pass,
            RecordKind::Configuration,
            &|_| false,
            rules::PSA_GATE_CONFIGURATION,
        )?;
    }
    Ok(())
}
