//! Making a connector from a vendor's name, an address and credentials by the vendor's own names.
//! A new vendor joins here.

mod psa;
mod rmm;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::syncro::{Syncro, SyncroConfig};
use super::{
    Amounts, Autotask, Bms, ConnectwiseAutomate, DattoRmm, Intune, PsaCapabilities, PsaConnector,
    RmmCapabilities, RmmConnector, narrowed, narrowed_rmm,
};
use crate::model::{Evidence, Tool};
use crate::transport::{BaseUrlError, Clock, RequestLimit, RetryPolicy, Secret, Transport};
pub use psa::{PSA_VENDORS, psa_capabilities, psa_limit, psa_pace};
pub use rmm::{RMM_VENDORS, companies, rmm_capabilities, rmm_limit, rmm_pace};

/// How many bytes of replies are remembered when nothing else is said: about 30,000 audits.
const REMEMBERED_BYTES: usize = 128 << 20;

/// What every connector needs beside address and credentials.
#[derive(Debug, Clone)]
pub struct ConnectorOptions {
    /// How requests travel.
    pub transport: Arc<dyn Transport>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Seed of the spread of waits between attempts.
    pub seed: u64,
    /// Records asked for in one request; the vendor's largest page when left out.
    pub page_size: Option<u32>,
    /// Calls in flight at once where a resource is read record by record; the vendor's default when
    /// left out.
    pub concurrency: Option<u32>,
    /// What plays the company in an RMM, in the vendor's own word; its usual choice when left out.
    pub company: Option<String>,
    /// How many bytes of replies about single records are remembered, where the vendor says which
    /// records changed; 0 for none.
    pub remembered_bytes: usize,
    /// When to repeat.
    pub retry: RetryPolicy,
    /// Whether to keep below the vendor's published limit.
    pub respect_limits: bool,
    /// What a PSA is narrowed to, when it stands in for another vendor.
    pub narrow: Option<PsaCapabilities>,
    /// What an RMM is narrowed to, when it stands in for another vendor.
    pub narrow_rmm: Option<RmmCapabilities>,
}

impl ConnectorOptions {
    /// The usual choice: the vendor's largest pages, default retries, no limit of our own.
    pub fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self {
            transport,
            clock,
            seed,
            page_size: None,
            concurrency: None,
            company: None,
            remembered_bytes: REMEMBERED_BYTES,
            retry: RetryPolicy::default(),
            respect_limits: false,
            narrow: None,
            narrow_rmm: None,
        }
    }
}

impl ConnectorOptions {
    /// The pace to keep to.
    fn pace(&self, pace: Option<RequestLimit>) -> Option<RequestLimit> {
        pace.filter(|_| self.respect_limits)
    }
}

/// How a vendor's limit is known.
pub fn limit_evidence(vendor: &str) -> Evidence {
    match vendor {
        Autotask::VENDOR
        | Bms::KASEYA_BMS
        | Bms::PULSEWAY_PSA
        | Syncro::VENDOR
        | DattoRmm::VENDOR
        | Intune::VENDOR => Evidence::Documented,
        ConnectwiseAutomate::VENDOR => Evidence::Inferred,
        _ => Evidence::Seen,
    }
}

/// Into how many allowances a vendor's limit is spread over a tenant: Intune counts in each customer's
/// tenant by itself.
pub fn allowances(tool: Tool, vendor: &str, amounts: &Amounts) -> u64 {
    match (tool, vendor) {
        (Tool::Rmm, Intune::VENDOR) => amounts.organizations.max(1),
        _ => 1,
    }
}

/// Makes the connector of a PSA. Credentials of `connectwise-psa`: `company_id`, `public_key`,
/// `private_key`, `client_id`; of `autotask`: `user_name`, `secret`, `integration_code`;
/// of `kaseya-bms` and `pulseway-psa`: `user_name`, `password`, `tenant`;
/// of `tigerpaw`: `public_key`, `private_key`; of `halopsa`: `client_id`, `client_secret`;
/// of `syncro`: `api_token`.
///
/// # Errors
/// [`ConnectorSetupError`] when the vendor is unknown, a credential is missing, or a value cannot be.
pub fn psa(
    vendor: &str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn PsaConnector>, ConnectorSetupError> {
    let connector = psa::psa_itself(vendor, base_url, credentials, options)?;
    Ok(match options.narrow {
        Some(table) => narrowed(connector, table),
        None => connector,
    })
}

/// Syncro, which is a PSA and an RMM.
fn syncro(
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Syncro, ConnectorSetupError> {
    let wanted = Credentials {
        vendor: Syncro::VENDOR,
        given: credentials,
    };
    let config = SyncroConfig {
        api_token: Secret::new(wanted.get("api_token")?),
        retry: options.retry,
        limit: options.pace(psa_pace(Syncro::VENDOR)),
        base_url: base_url.to_owned(),
    };
    let (transport, clock) = (options.transport.clone(), options.clock.clone());
    Syncro::new(config, transport, clock, options.seed)
}

/// Makes the connector of an RMM. Credentials of `datto-rmm`: `api_key`, `api_secret`;
/// of `ninjaone`: `client_id`, `client_secret`; of `kaseya-vsa9`: `user_name`, `password`;
/// of `n-central`: `jwt`; of `connectwise-automate`: `user_name`, `password`, `client_id`;
/// of `atera`: `api_key`; of `syncro`: `api_token`;
/// of `intune`: `tenant_id` (the partner's), `client_id`, `client_secret`;
/// of `vsa-x` and `pulseway-rmm`: `token_id`, `token_secret`.
///
/// # Errors
/// [`ConnectorSetupError`] when the vendor is unknown, a credential is missing, or a value cannot be.
pub fn rmm(
    vendor: &str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn RmmConnector>, ConnectorSetupError> {
    let connector = rmm::rmm_itself(vendor, base_url, credentials, options)?;
    company(
        connector.vendor(),
        companies(vendor),
        options.company.as_deref(),
    )?;
    Ok(match options.narrow_rmm {
        Some(table) => narrowed_rmm(connector, table),
        None => connector,
    })
}

/// Why a connector cannot be made. No variant repeats a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectorSetupError {
    /// No connector of that name.
    #[error("there is no {tool} connector `{name}`; there is {known}")]
    UnknownVendor {
        /// `PSA` or `RMM`.
        tool: &'static str,
        /// The name that was given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A credential is missing or empty.
    #[error("{vendor} needs the credential `{name}`, which is missing or empty")]
    MissingCredential {
        /// The vendor's slug.
        vendor: &'static str,
        /// Name of the credential.
        name: &'static str,
    },
    /// A credential that no request can carry.
    #[error("{vendor}: the credential `{name}` holds a character that no HTTP header can carry")]
    Unsendable {
        /// The vendor's slug.
        vendor: &'static str,
        /// Name of the credential.
        name: &'static str,
    },
    /// The base URL is none.
    #[error("{vendor}: the base URL cannot be used: {error}; give one like {example}")]
    BaseUrl {
        /// The vendor's slug.
        vendor: &'static str,
        /// What is wrong.
        error: BaseUrlError,
        /// One that could be right.
        example: &'static str,
    },
    /// Something that cannot play the company.
    #[error("{vendor}: `{given}` cannot play the company; choose {choices}")]
    Company {
        /// The vendor's slug.
        vendor: &'static str,
        /// What was asked for.
        given: String,
        /// What can.
        choices: String,
    },
    /// A page size that the vendor does not give.
    #[error("{vendor}: a page of {given} records is not possible; choose 1 to {largest}")]
    PageSize {
        /// The vendor's slug.
        vendor: &'static str,
        /// What was asked for.
        given: u32,
        /// The vendor's largest.
        largest: u32,
    },
}

impl ConnectorSetupError {
    /// Stable code for reports.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownVendor { .. } => "unknown-vendor",
            Self::MissingCredential { .. } => "credential-missing",
            Self::Unsendable { .. } => "credential-unsendable",
            Self::BaseUrl { .. } => "base-url",
            Self::Company { .. } => "company",
            Self::PageSize { .. } => "page-size",
        }
    }
}

/// Makes sure that a page size is one that the vendor gives.
pub(crate) fn check_page_size(
    vendor: &'static str,
    given: u32,
    largest: u32,
) -> Result<(), ConnectorSetupError> {
    if (1..=largest).contains(&given) {
        return Ok(());
    }
    Err(ConnectorSetupError::PageSize {
        vendor,
        given,
        largest,
    })
}

/// Which of the vendor's choices plays the company: its place in the list.
pub(crate) fn company(
    vendor: &'static str,
    choices: &[&str],
    given: Option<&str>,
) -> Result<usize, ConnectorSetupError> {
    let Some(given) = given else {
        return Ok(0);
    };
    let place = choices.iter().position(|choice| *choice == given);
    place.ok_or_else(|| ConnectorSetupError::Company {
        vendor,
        given: given.to_owned(),
        choices: choices.join(" or "),
    })
}

struct Credentials<'a> {
    vendor: &'static str,
    given: &'a BTreeMap<String, String>,
}

impl Credentials<'_> {
    fn get(&self, name: &'static str) -> Result<String, ConnectorSetupError> {
        match self.given.get(name) {
            Some(value) if !value.is_empty() => Ok(value.clone()),
            _ => Err(ConnectorSetupError::MissingCredential {
                vendor: self.vendor,
                name,
            }),
        }
    }
}

fn unknown(name: &str, tool: &'static str, known: &[&str]) -> ConnectorSetupError {
    ConnectorSetupError::UnknownVendor {
        tool,
        name: name.to_owned(),
        known: known.join(", "),
    }
}
