//! The PSA pass: organizations, then locations, contacts and configurations, each through the same
//! walk. The PSA wins every conflict in the stored layer.

mod candidates;
mod entity;
mod kinds;
mod walk;

use std::collections::HashMap;

use super::error::EngineError;
use super::pass::Pass;
use super::rules;
use super::settings::PsaSettings;
use crate::connectors::PsaConnector;
use crate::model::{LinkState, RecordKind};
use crate::store::RowId;
use entity::Owners;
use kinds::{Configurations, Contacts, Locations, Organizations};
use walk::{sweep, walk};

/// Pulls everything that the settings let through.
pub(super) async fn run(
    pass: &mut Pass<'_>,
    connector: &dyn PsaConnector,
    settings: &PsaSettings,
) -> Result<(), EngineError> {
    walk(
        pass,
        connector.organizations(),
        &mut Organizations { settings },
    )
    .await?;
    let mut owners = owners(pass)?;

    if settings.locations {
        let ids = enabled_organizations(pass)?;
        walk(
            pass,
            connector.locations(ids),
            &mut Locations {
                owners: &mut owners,
            },
        )
        .await?;
        let integration_id = pass.integration_id;
        pass.write(|writer, _| Ok(writer.resolve_references(integration_id)?))?;
    }
    if settings.contacts {
        walk(
            pass,
            connector.contacts(),
            &mut Contacts {
                owners: &mut owners,
            },
        )
        .await?;
    }
    if settings.syncs_configurations() && connector.capabilities().configurations {
        let mut configurations = Configurations {
            settings,
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

/// The organizations that sync, by the PSA's id. There are few enough to keep at hand.
fn owners(pass: &Pass<'_>) -> Result<Owners, EngineError> {
    let links = pass
        .account
        .reader()
        .links(pass.integration_id, RecordKind::Organization)?;
    let organizations: HashMap<String, RowId> = links
        .into_iter()
        .filter(|link| link.state == LinkState::Enabled)
        .map(|link| (link.remote_id, link.record_id))
        .collect();
    Ok(Owners { organizations })
}

fn enabled_organizations(pass: &Pass<'_>) -> Result<Vec<String>, EngineError> {
    let links = pass
        .account
        .reader()
        .links(pass.integration_id, RecordKind::Organization)?;
    Ok(links
        .into_iter()
        .filter(|link| link.state == LinkState::Enabled)
        .map(|link| link.remote_id)
        .collect())
}
