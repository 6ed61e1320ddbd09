//! The PSA pass: organizations, then locations, contacts and configurations, each through the same
//! walk. The PSA wins every conflict in the stored layer.

mod candidates;
mod entity;
mod kinds;
mod walk;

use std::collections::BTreeSet;

use super::error::EngineError;
use super::pass::Pass;
use super::rules;
use super::settings::{CutRows, PsaSettings};
use crate::connectors::PsaConnector;
use crate::model::RecordKind;
use walk::{sweep, sweep_switched_off, walk};

pub(super) use entity::Owners;
pub(super) use kinds::{Configurations, Contacts, Locations, Organizations};
pub(super) use walk::absorb;

/// Pulls everything that the settings let through.
pub(super) async fn run(
    pass: &mut Pass<'_>,
    connector: &dyn PsaConnector,
    settings: &PsaSettings,
    cut: &CutRows,
) -> Result<(), EngineError> {
    let psa = connector.capabilities();
    let mut organizations = Organizations {
        psa,
        settings,
        cut,
        held: BTreeSet::new(),
    };
    walk(pass, connector.organizations(), &mut organizations).await?;
    let integration_id = pass.integration_id;
    let mut owners = Owners::load(&pass.account.reader(), integration_id, organizations.held)?;

    if settings.locations {
        let ids = owners.in_order.clone();
        walk(
            pass,
            connector.locations(ids),
            &mut Locations {
                psa,
                owners: &mut owners,
            },
        )
        .await?;
        pass.write(|writer, _| Ok(writer.resolve_references(integration_id)?))?;
    } else {
        sweep_switched_off(pass, RecordKind::Location)?;
    }
    if settings.contacts {
        walk(
            pass,
            connector.contacts(),
            &mut Contacts {
                psa,
                owners: &mut owners,
            },
        )
        .await?;
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
        walk(pass, connector.configurations(), &mut configurations).await?;
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
