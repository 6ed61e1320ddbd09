//! One connector a vendor: the vendor's API in, the model's records out, page by page. A connector
//! knows its vendor's contract and nothing of the account, the rules of the sync, or simulators.

mod atera;
mod autotask;
mod capabilities;
mod changes;
mod client;
mod connectwise_automate;
mod connectwise_psa;
mod cost;
mod datto_rmm;
mod decode;
mod details;
mod error;
mod grant;
mod halopsa;
mod intune;
mod kaseya_bms;
mod kaseya_vsa9;
mod n_central;
mod narrowed;
mod ninjaone;
mod same;
mod setup;
mod steady;
mod syncro;
#[cfg(test)]
mod testing;
mod tigerpaw;
mod values;
mod vsa_x;
mod walk;

use futures_util::future::BoxFuture;

pub use atera::{Atera, AteraConfig};
pub use autotask::{Autotask, AutotaskConfig};
pub use capabilities::{DeviceKind, Places, PsaCapabilities, RmmCapabilities, Vocabulary};
pub use changes::{Ids, PsaChanges, RmmChanges};
pub use connectwise_automate::{AutomateConfig, ConnectwiseAutomate};
pub use connectwise_psa::{ConnectwiseConfig, ConnectwisePsa};
pub use cost::{Amounts, Calls, Fleet, Reading, psa_calls, rmm_calls};
pub use datto_rmm::{DattoConfig, DattoRmm};
pub use error::{ConnectorError, ErrorKind, Rejected};
pub use halopsa::{HaloConfig, HaloPsa};
pub use intune::{Intune, IntuneConfig};
pub use kaseya_bms::{Bms, BmsConfig};
pub use kaseya_vsa9::{KaseyaVsa9, Vsa9Config};
pub use n_central::{Companies as NCentralCompanies, NCentral, NCentralConfig};
pub use narrowed::{narrowed, narrowed_rmm};
pub use ninjaone::{NinjaConfig, NinjaOne};
pub use same::{Known, KnownPages, Print};
pub use setup::{
    ConnectorOptions, ConnectorSetupError, PSA_VENDORS, RMM_VENDORS, allowances, companies,
    limit_evidence, psa, psa_capabilities, psa_limit, psa_pace, rmm, rmm_capabilities, rmm_limit,
    rmm_pace,
};
pub use syncro::{Syncro, SyncroConfig};
pub use tigerpaw::{Tigerpaw, TigerpawConfig};
pub use vsa_x::{VsaX, VsaXConfig};

use crate::model::{
    RemoteCompany, RemoteConfiguration, RemoteContact, RemoteDevice, RemoteLocation,
    RemoteOrganization, RemoteType,
};
use crate::transport::CallStats;

/// The result of a call to a vendor.
pub type Result<T, E = ConnectorError> = std::result::Result<T, E>;

/// One page of records. Fetched records = `records` + `rejected`; on a page that was passed over, which
/// has a print and no records, those that the print counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Records that could be read, in the vendor's order.
    pub records: Vec<T>,
    /// Records that could not.
    pub rejected: Vec<Rejected>,
    /// What the page is known again by, where it was asked for and all of it could be read.
    pub print: Option<Print>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            rejected: Vec::new(),
            print: None,
        }
    }
}

/// A walk over all pages of one resource. Records that a vendor repeats on a later page because the
/// list moved under the reader are delivered once.
pub trait Pages<T>: Send {
    /// The next page, or `None` at the end. After an error the walk is over.
    fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<T>>>>;

    /// Asks for prints of the pages to come, and lets the walk pass over those that are known. A walk
    /// that cannot tell reads everything and gives none.
    fn pass_over(&mut self, _known: Known) {}
}

/// A boxed walk.
pub type PageStream<'a, T> = Box<dyn Pages<T> + 'a>;

/// The statuses of vendors that have a flag in place of a list.
fn flags() -> Vec<RemoteType> {
    ["Active", "Inactive"]
        .map(|name| RemoteType {
            id: name.to_owned(),
            name: name.to_owned(),
            inactive: false,
        })
        .to_vec()
}

/// Reads a PSA.
pub trait PsaConnector: Send + Sync {
    /// The vendor's slug.
    fn vendor(&self) -> &'static str;

    /// What its API can give.
    fn capabilities(&self) -> PsaCapabilities;

    /// What its calls cost so far.
    fn stats(&self) -> CallStats;

    /// Proves that the credentials work, with one cheap call.
    fn check(&self) -> BoxFuture<'_, Result<()>>;

    /// Organization types.
    fn organization_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>>;

    /// Organization statuses.
    fn organization_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>>;

    /// Configuration types.
    fn configuration_types(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>>;

    /// Configuration statuses.
    fn configuration_statuses(&self) -> BoxFuture<'_, Result<Vec<RemoteType>>>;

    /// All organizations.
    fn organizations(&self) -> PageStream<'_, RemoteOrganization>;

    /// Locations of the given organizations (by the vendor's ids), in that order.
    fn locations(&self, organization_ids: Vec<String>) -> PageStream<'_, RemoteLocation>;

    /// All contacts.
    fn contacts(&self) -> PageStream<'_, RemoteContact>;

    /// All configurations.
    fn configurations(&self) -> PageStream<'_, RemoteConfiguration>;

    /// Tells what changed; none when the vendor cannot say of any list.
    fn changes(&self) -> Option<&dyn PsaChanges> {
        None
    }

    /// Writes records; none when the vendor takes none.
    fn writer(&self) -> Option<&dyn PsaWriter> {
        None
    }
}

/// Writes to a PSA: the other half of a two-way sync. Drafts are the model's records with an empty
/// id; what comes back is the record as the vendor keeps it now, which is what a later read delivers.
pub trait PsaWriter: Send + Sync {
    /// Creates an organization.
    fn create_organization(
        &self,
        draft: RemoteOrganization,
    ) -> BoxFuture<'_, Result<RemoteOrganization>>;

    /// Changes the named fields of the organization with the draft's id; the rest stays.
    fn update_organization(
        &self,
        draft: RemoteOrganization,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteOrganization>>;

    /// Creates a location.
    fn create_location(&self, draft: RemoteLocation) -> BoxFuture<'_, Result<RemoteLocation>>;

    /// Changes the named fields of a location; the rest stays.
    fn update_location(
        &self,
        draft: RemoteLocation,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteLocation>>;

    /// Creates a contact.
    fn create_contact(&self, draft: RemoteContact) -> BoxFuture<'_, Result<RemoteContact>>;

    /// Changes the named fields of a contact; the rest stays.
    fn update_contact(
        &self,
        draft: RemoteContact,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteContact>>;

    /// Creates a configuration.
    fn create_configuration(
        &self,
        draft: RemoteConfiguration,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>>;

    /// Changes the named fields of a configuration; the rest stays.
    fn update_configuration(
        &self,
        draft: RemoteConfiguration,
        changed: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<RemoteConfiguration>>;
}

/// Reads an RMM.
pub trait RmmConnector: Send + Sync {
    /// The vendor's slug.
    fn vendor(&self) -> &'static str;

    /// What its calls cost so far.
    fn stats(&self) -> CallStats;

    /// Proves that the credentials work, with one cheap call.
    fn check(&self) -> BoxFuture<'_, Result<()>>;

    /// All companies (sites, groups, customers), the vendor's pseudo-sites left out.
    fn companies(&self) -> PageStream<'_, RemoteCompany>;

    /// All devices, with every detail that matching and overlay need.
    fn devices(&self) -> PageStream<'_, RemoteDevice>;

    /// Tells what changed; none when the vendor cannot say.
    fn changes(&self) -> Option<&dyn RmmChanges> {
        None
    }
}
