//! Making a connector from a vendor's name, an address and credentials by the vendor's own names.
//! A new vendor joins here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::atera::{Atera, AteraConfig};
use super::autotask::{Autotask, AutotaskConfig};
use super::connectwise_psa::{ConnectwiseConfig, ConnectwisePsa};
use super::datto_rmm::{DattoConfig, DattoRmm};
use super::halopsa::{HaloConfig, HaloPsa};
use super::kaseya_bms::{Bms, BmsConfig};
use super::ninjaone::{NinjaConfig, NinjaOne};
use super::syncro::{Syncro, SyncroConfig};
use super::tigerpaw::{Tigerpaw, TigerpawConfig};
use super::{PsaCapabilities, PsaConnector, RmmCapabilities, RmmConnector, narrowed, narrowed_rmm};
use crate::model::Tool;
use crate::transport::{BaseUrlError, Clock, RequestLimit, RetryPolicy, Secret, Transport};

/// The PSA vendors, by slug.
pub const PSA_VENDORS: &[&str] = &[
    ConnectwisePsa::VENDOR,
    Autotask::VENDOR,
    Bms::KASEYA_BMS,
    Bms::PULSEWAY_PSA,
    Tigerpaw::VENDOR,
    HaloPsa::VENDOR,
    Syncro::VENDOR,
];

/// The RMM vendors, by slug.
pub const RMM_VENDORS: &[&str] = &[DattoRmm::VENDOR, NinjaOne::VENDOR, Atera::VENDOR];

/// What a PSA can give and take, by slug; none when there is no such PSA.
pub fn psa_capabilities(vendor: &str) -> Option<PsaCapabilities> {
    match vendor {
        ConnectwisePsa::VENDOR => Some(ConnectwisePsa::CAPABILITIES),
        Autotask::VENDOR => Some(Autotask::CAPABILITIES),
        Bms::KASEYA_BMS | Bms::PULSEWAY_PSA => Some(Bms::CAPABILITIES),
        Tigerpaw::VENDOR => Some(Tigerpaw::CAPABILITIES),
        HaloPsa::VENDOR => Some(HaloPsa::CAPABILITIES),
        Syncro::VENDOR => Some(Syncro::CAPABILITIES),
        _ => None,
    }
}

/// What an RMM can give, by slug; none when there is no such RMM.
pub fn rmm_capabilities(vendor: &str) -> Option<RmmCapabilities> {
    match vendor {
        DattoRmm::VENDOR => Some(DattoRmm::CAPABILITIES),
        NinjaOne::VENDOR => Some(NinjaOne::CAPABILITIES),
        Atera::VENDOR => Some(Atera::CAPABILITIES),
        _ => None,
    }
}

/// What can play the company in an RMM, the usual choice first.
pub fn companies(vendor: &str) -> &'static [&'static str] {
    match vendor {
        DattoRmm::VENDOR => DattoRmm::COMPANIES,
        NinjaOne::VENDOR => NinjaOne::COMPANIES,
        Atera::VENDOR => Atera::COMPANIES,
        _ => &[],
    }
}

/// A vendor's limit of requests; none when there is no such vendor, or no limit that is known.
pub fn limit(tool: Tool, vendor: &str) -> Option<RequestLimit> {
    match (tool, vendor) {
        (Tool::Psa, ConnectwisePsa::VENDOR) => Some(ConnectwisePsa::LIMIT),
        (Tool::Psa, Autotask::VENDOR) => Some(Autotask::LIMIT),
        (Tool::Psa, Bms::KASEYA_BMS | Bms::PULSEWAY_PSA) => Some(Bms::LIMIT),
        (Tool::Psa, HaloPsa::VENDOR) => Some(HaloPsa::LIMIT),
        (Tool::Psa, Syncro::VENDOR) => Some(Syncro::LIMIT),
        (Tool::Rmm, DattoRmm::VENDOR) => Some(DattoRmm::LIMIT),
        (Tool::Rmm, NinjaOne::VENDOR) => Some(NinjaOne::LIMIT),
        (Tool::Rmm, Atera::VENDOR) => Some(Atera::LIMIT),
        _ => None,
    }
}

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
    let connector = psa_itself(vendor, base_url, credentials, options)?;
    Ok(match options.narrow {
        Some(table) => narrowed(connector, table),
        None => connector,
    })
}

fn psa_itself(
    vendor: &str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn PsaConnector>, ConnectorSetupError> {
    match vendor {
        ConnectwisePsa::VENDOR => {
            let wanted = Credentials {
                vendor: ConnectwisePsa::VENDOR,
                given: credentials,
            };
            let config = ConnectwiseConfig {
                company_id: wanted.get("company_id")?,
                public_key: wanted.get("public_key")?,
                private_key: Secret::new(wanted.get("private_key")?),
                client_id: wanted.get("client_id")?,
                page_size: options.page_size.unwrap_or(ConnectwisePsa::LARGEST_PAGE),
                site_concurrency: options
                    .concurrency
                    .unwrap_or(ConnectwisePsa::SITE_CONCURRENCY),
                retry: options.retry,
                limit: options
                    .respect_limits
                    .then(|| ConnectwisePsa::LIMIT.percent(90)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = ConnectwisePsa::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        Autotask::VENDOR => {
            let wanted = Credentials {
                vendor: Autotask::VENDOR,
                given: credentials,
            };
            let config = AutotaskConfig {
                user_name: wanted.get("user_name")?,
                secret: Secret::new(wanted.get("secret")?),
                integration_code: wanted.get("integration_code")?,
                page_size: options.page_size.unwrap_or(Autotask::LARGEST_PAGE),
                retry: options.retry,
                limit: options.respect_limits.then(|| Autotask::LIMIT.percent(45)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = Autotask::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        Bms::KASEYA_BMS => bms(Bms::KASEYA_BMS, base_url, credentials, options),
        Bms::PULSEWAY_PSA => bms(Bms::PULSEWAY_PSA, base_url, credentials, options),
        Tigerpaw::VENDOR => {
            let wanted = Credentials {
                vendor: Tigerpaw::VENDOR,
                given: credentials,
            };
            let config = TigerpawConfig {
                public_key: wanted.get("public_key")?,
                private_key: Secret::new(wanted.get("private_key")?),
                page_size: options.page_size.unwrap_or(Tigerpaw::LARGEST_PAGE),
                contact_concurrency: options.concurrency.unwrap_or(Tigerpaw::CONTACT_CONCURRENCY),
                retry: options.retry,
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = Tigerpaw::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        HaloPsa::VENDOR => {
            let wanted = Credentials {
                vendor: HaloPsa::VENDOR,
                given: credentials,
            };
            let config = HaloConfig {
                client_id: wanted.get("client_id")?,
                client_secret: Secret::new(wanted.get("client_secret")?),
                page_size: options.page_size.unwrap_or(HaloPsa::LARGEST_PAGE),
                retry: options.retry,
                limit: options.respect_limits.then(|| HaloPsa::LIMIT.percent(90)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = HaloPsa::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        Syncro::VENDOR => {
            let wanted = Credentials {
                vendor: Syncro::VENDOR,
                given: credentials,
            };
            let config = SyncroConfig {
                api_token: Secret::new(wanted.get("api_token")?),
                retry: options.retry,
                limit: options.respect_limits.then(|| Syncro::LIMIT.percent(90)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = Syncro::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        _ => Err(unknown(vendor, "PSA", PSA_VENDORS)),
    }
}

/// A member of the family of Kaseya BMS.
fn bms(
    vendor: &'static str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn PsaConnector>, ConnectorSetupError> {
    let wanted = Credentials {
        vendor,
        given: credentials,
    };
    let config = BmsConfig {
        vendor,
        user_name: wanted.get("user_name")?,
        password: Secret::new(wanted.get("password")?),
        tenant: wanted.get("tenant")?,
        page_size: options.page_size.unwrap_or(Bms::LARGEST_PAGE),
        asset_concurrency: options.concurrency.unwrap_or(Bms::ASSET_CONCURRENCY),
        retry: options.retry,
        limit: options.respect_limits.then(|| Bms::LIMIT.percent(90)),
        base_url: base_url.to_owned(),
    };
    let (transport, clock) = (options.transport.clone(), options.clock.clone());
    let connector = Bms::new(config, transport, clock, options.seed)?;
    Ok(Box::new(connector))
}

/// Makes the connector of an RMM. Credentials of `datto-rmm`: `api_key`, `api_secret`;
/// of `ninjaone`: `client_id`, `client_secret`; of `atera`: `api_key`.
///
/// # Errors
/// [`ConnectorSetupError`] when the vendor is unknown, a credential is missing, or a value cannot be.
pub fn rmm(
    vendor: &str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn RmmConnector>, ConnectorSetupError> {
    let connector = rmm_itself(vendor, base_url, credentials, options)?;
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

fn rmm_itself(
    vendor: &str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn RmmConnector>, ConnectorSetupError> {
    match vendor {
        DattoRmm::VENDOR => {
            let wanted = Credentials {
                vendor: DattoRmm::VENDOR,
                given: credentials,
            };
            let config = DattoConfig {
                api_key: wanted.get("api_key")?,
                api_secret: Secret::new(wanted.get("api_secret")?),
                page_size: options.page_size.unwrap_or(DattoRmm::LARGEST_PAGE),
                company: options.company.clone(),
                audit_concurrency: options.concurrency.unwrap_or(DattoRmm::AUDIT_CONCURRENCY),
                remembered_bytes: options.remembered_bytes,
                retry: options.retry,
                limit: options.respect_limits.then(|| DattoRmm::LIMIT.percent(85)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = DattoRmm::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        NinjaOne::VENDOR => {
            let wanted = Credentials {
                vendor: NinjaOne::VENDOR,
                given: credentials,
            };
            let config = NinjaConfig {
                client_id: wanted.get("client_id")?,
                client_secret: Secret::new(wanted.get("client_secret")?),
                page_size: options.page_size.unwrap_or(NinjaOne::LARGEST_PAGE),
                retry: options.retry,
                limit: options.respect_limits.then(|| NinjaOne::LIMIT.percent(90)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = NinjaOne::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        Atera::VENDOR => {
            let wanted = Credentials {
                vendor: Atera::VENDOR,
                given: credentials,
            };
            let config = AteraConfig {
                api_key: Secret::new(wanted.get("api_key")?),
                page_size: options.page_size.unwrap_or(Atera::LARGEST_PAGE),
                retry: options.retry,
                limit: options.respect_limits.then(|| Atera::LIMIT.percent(90)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = Atera::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        _ => Err(unknown(vendor, "RMM", RMM_VENDORS)),
    }
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

#[cfg(test)]
mod tests {
    use super::{
        ConnectorOptions, ConnectorSetupError, PSA_VENDORS, RMM_VENDORS, Syncro, companies, psa,
        psa_capabilities, rmm,
    };
    use crate::transport::{HttpOptions, HttpTransport, SystemClock};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    const URL: &str = "http://127.0.0.1:9";

    fn options() -> ConnectorOptions {
        let transport = HttpTransport::new(HttpOptions::default()).unwrap();
        ConnectorOptions::new(Arc::new(transport), Arc::new(SystemClock), 1)
    }

    fn credentials(names: &[&str]) -> BTreeMap<String, String> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), format!("hunter2-{name}")))
            .collect()
    }

    fn psa_error(url: &str, names: &[&str], options: &ConnectorOptions) -> String {
        match psa("connectwise-psa", url, &credentials(names), options) {
            Ok(_) => panic!("made from {names:?}"),
            Err(error) => {
                assert!(!error.to_string().contains("hunter2"), "{error}");
                error.to_string()
            }
        }
    }

    /// Gives a vendor each credential that it asks for, until it asks for no more.
    fn made<C>(
        vendor: &str,
        make: impl Fn(&BTreeMap<String, String>) -> Result<C, ConnectorSetupError>,
    ) -> (C, Vec<&'static str>) {
        let mut names = Vec::new();
        loop {
            match make(&credentials(&names)) {
                Ok(connector) => return (connector, names),
                Err(ConnectorSetupError::MissingCredential { vendor: of, name }) => {
                    assert_eq!(of, vendor);
                    assert!(!names.contains(&name), "{vendor} was given {name}");
                    names.push(name);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn every_vendor_of_the_lists_can_be_made() {
        for vendor in PSA_VENDORS {
            let (connector, names) = made(vendor, |given| psa(vendor, URL, given, &options()));
            assert_eq!(connector.vendor(), *vendor);
            assert!(!names.is_empty(), "{vendor} asks for no credential");
            assert_eq!(
                psa_capabilities(vendor),
                Some(connector.capabilities()),
                "{vendor}"
            );
        }
        for vendor in RMM_VENDORS {
            let (connector, names) = made(vendor, |given| rmm(vendor, URL, given, &options()));
            assert_eq!(connector.vendor(), *vendor);
            assert!(!names.is_empty(), "{vendor} asks for no credential");
        }
    }

    #[test]
    fn what_plays_the_company_is_a_choice_of_the_vendors() {
        for vendor in RMM_VENDORS {
            let (_, names) = made(vendor, |given| rmm(vendor, URL, given, &options()));
            let given = credentials(&names);
            let by = |company: &str| {
                let company = Some(company.to_owned());
                rmm(
                    vendor,
                    URL,
                    &given,
                    &ConnectorOptions {
                        company,
                        ..options()
                    },
                )
            };
            assert!(!companies(vendor).is_empty(), "{vendor}");
            for company in companies(vendor) {
                assert!(by(company).is_ok(), "{vendor}, {company}");
            }
            let error = by("nobody").err().unwrap();
            assert_eq!(error.code(), "company");
            assert!(error.to_string().contains(&companies(vendor).join(" or ")));
        }
    }

    #[test]
    fn every_vendor_explains_an_address_that_is_none_and_repeats_no_credential() {
        let wrong = "http://me:hunter2@127.0.0.1";
        for vendor in PSA_VENDORS {
            let (_, names) = made(vendor, |given| psa(vendor, URL, given, &options()));
            let error = psa(vendor, wrong, &credentials(&names), &options());
            let error = error.err().unwrap();
            assert_eq!(error.code(), "base-url", "{vendor}");
            let text = error.to_string();
            assert!(text.starts_with(vendor) && text.contains("http://127.0.0.1:8080"));
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_page_that_no_vendor_gives_is_refused_where_pages_have_a_size() {
        let sized = |size| ConnectorOptions {
            page_size: Some(size),
            ..options()
        };
        for vendor in PSA_VENDORS {
            let (_, names) = made(vendor, |given| psa(vendor, URL, given, &options()));
            let given = credentials(&names);
            // Syncro cuts its pages itself.
            let fixed = *vendor == Syncro::VENDOR;
            for size in [0, u32::MAX] {
                let refused = psa(vendor, URL, &given, &sized(size)).err();
                let code = refused.as_ref().map(ConnectorSetupError::code);
                assert_eq!(code, (!fixed).then_some("page-size"), "{vendor}, {size}");
            }
            assert!(psa(vendor, URL, &given, &sized(1)).is_ok(), "{vendor}");
        }
    }

    #[test]
    fn the_missing_credential_is_named() {
        let mut names = vec!["company_id", "public_key", "private_key", "client_id"];
        while let Some(missing) = names.pop() {
            let error = psa_error(URL, &names, &options());
            // The first that is missing is named; the list is taken from its end.
            assert!(error.contains(&format!("`{missing}`")), "{error}");
        }
        let mut empty = credentials(&["api_key"]);
        empty.insert("api_secret".to_owned(), String::new());
        let error = rmm("datto-rmm", URL, &empty, &options()).err().unwrap();
        assert_eq!(
            error,
            ConnectorSetupError::MissingCredential {
                vendor: "datto-rmm",
                name: "api_secret"
            }
        );
    }

    #[test]
    fn wrong_names_addresses_and_sizes_are_explained() {
        let names = ["company_id", "public_key", "private_key", "client_id"];
        let error = psa("datto-rmm", URL, &credentials(&names), &options());
        assert_eq!(
            error.err().unwrap().to_string(),
            format!(
                "there is no PSA connector `datto-rmm`; there is {}",
                PSA_VENDORS.join(", ")
            )
        );
        assert!(psa_error("localhost:8080", &names, &options()).contains("http"));
        let mut large = options();
        large.page_size = Some(1_001);
        assert!(psa_error(URL, &names, &large).contains("1 to 1000"));
        let mut odd = credentials(&names);
        odd.insert("client_id".to_owned(), "hunter2\n".to_owned());
        let error = psa("connectwise-psa", URL, &odd, &options()).err().unwrap();
        assert_eq!(error.code(), "credential-unsendable");
    }
}
