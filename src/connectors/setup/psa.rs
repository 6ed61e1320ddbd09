//! The connectors of PSAs by slug. It knows each one's credentials and choices and nothing of their APIs.

use std::collections::BTreeMap;

use super::{ConnectorOptions, ConnectorSetupError, Credentials, syncro, unknown};
use crate::connectors::autotask::{Autotask, AutotaskConfig};
use crate::connectors::connectwise_psa::{ConnectwiseConfig, ConnectwisePsa};
use crate::connectors::halopsa::{HaloConfig, HaloPsa};
use crate::connectors::kaseya_bms::{Bms, BmsConfig};
use crate::connectors::syncro::Syncro;
use crate::connectors::tigerpaw::{Tigerpaw, TigerpawConfig};
use crate::connectors::{PsaCapabilities, PsaConnector};
use crate::transport::{RequestLimit, Secret};

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

/// A PSA's limit of requests, by slug; none when there is no such PSA, or no limit that is known.
pub fn psa_limit(vendor: &str) -> Option<RequestLimit> {
    match vendor {
        ConnectwisePsa::VENDOR => Some(ConnectwisePsa::LIMIT),
        Autotask::VENDOR => Some(Autotask::LIMIT),
        Bms::KASEYA_BMS | Bms::PULSEWAY_PSA => Some(Bms::LIMIT),
        HaloPsa::VENDOR => Some(HaloPsa::LIMIT),
        Syncro::VENDOR => Some(Syncro::LIMIT),
        _ => None,
    }
}

/// The limit that a PSA's connector keeps to: a little below the vendor's, since requests travel, and below
/// half of Autotask's, from where on that slows every call down.
pub fn psa_pace(vendor: &str) -> Option<RequestLimit> {
    let percent = if vendor == Autotask::VENDOR { 45 } else { 90 };
    psa_limit(vendor).map(|limit| limit.percent(percent))
}

pub(super) fn psa_itself(
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
                limit: options.pace(psa_pace(ConnectwisePsa::VENDOR)),
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
                limit: options.pace(psa_pace(Autotask::VENDOR)),
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
                limit: options.pace(psa_pace(HaloPsa::VENDOR)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = HaloPsa::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        Syncro::VENDOR => Ok(Box::new(syncro(base_url, credentials, options)?)),
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
        limit: options.pace(psa_pace(vendor)),
        base_url: base_url.to_owned(),
    };
    let (transport, clock) = (options.transport.clone(), options.clock.clone());
    let connector = Bms::new(config, transport, clock, options.seed)?;
    Ok(Box::new(connector))
}
