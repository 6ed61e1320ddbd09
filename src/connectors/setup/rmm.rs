//! The connectors of RMMs by slug. It knows each one's credentials and choices and nothing of their APIs.

use std::collections::BTreeMap;

use super::{ConnectorOptions, ConnectorSetupError, Credentials, syncro, unknown};
use crate::connectors::atera::{Atera, AteraConfig};
use crate::connectors::connectwise_automate::{AutomateConfig, ConnectwiseAutomate};
use crate::connectors::datto_rmm::{DattoConfig, DattoRmm};
use crate::connectors::intune::{Intune, IntuneConfig};
use crate::connectors::kaseya_vsa9::{KaseyaVsa9, Vsa9Config};
use crate::connectors::n_central::{Companies, NCentral, NCentralConfig};
use crate::connectors::ninjaone::{NinjaConfig, NinjaOne};
use crate::connectors::syncro::Syncro;
use crate::connectors::vsa_x::{VsaX, VsaXConfig};
use crate::connectors::{RmmCapabilities, RmmConnector};
use crate::transport::{RequestLimit, Secret};

/// The RMM vendors, by slug.
pub const RMM_VENDORS: &[&str] = &[
    DattoRmm::VENDOR,
    NinjaOne::VENDOR,
    KaseyaVsa9::VENDOR,
    NCentral::VENDOR,
    ConnectwiseAutomate::VENDOR,
    Atera::VENDOR,
    Syncro::VENDOR,
    Intune::VENDOR,
    VsaX::VSA_X,
    VsaX::PULSEWAY_RMM,
];

/// What an RMM can give, by slug; none when there is no such RMM.
pub fn rmm_capabilities(vendor: &str) -> Option<RmmCapabilities> {
    match vendor {
        DattoRmm::VENDOR => Some(DattoRmm::CAPABILITIES),
        NinjaOne::VENDOR => Some(NinjaOne::CAPABILITIES),
        KaseyaVsa9::VENDOR => Some(KaseyaVsa9::CAPABILITIES),
        NCentral::VENDOR => Some(NCentral::CAPABILITIES),
        ConnectwiseAutomate::VENDOR => Some(ConnectwiseAutomate::CAPABILITIES),
        Atera::VENDOR => Some(Atera::CAPABILITIES),
        Syncro::VENDOR => Some(Syncro::RMM_CAPABILITIES),
        Intune::VENDOR => Some(Intune::CAPABILITIES),
        VsaX::VSA_X | VsaX::PULSEWAY_RMM => Some(VsaX::CAPABILITIES),
        _ => None,
    }
}

/// What can play the company in an RMM, the usual choice first.
pub fn companies(vendor: &str) -> &'static [&'static str] {
    match vendor {
        DattoRmm::VENDOR => DattoRmm::COMPANIES,
        NinjaOne::VENDOR => NinjaOne::COMPANIES,
        KaseyaVsa9::VENDOR => KaseyaVsa9::COMPANIES,
        NCentral::VENDOR => NCentral::COMPANIES,
        ConnectwiseAutomate::VENDOR => ConnectwiseAutomate::COMPANIES,
        Atera::VENDOR => Atera::COMPANIES,
        Syncro::VENDOR => Syncro::COMPANIES,
        Intune::VENDOR => Intune::COMPANIES,
        VsaX::VSA_X | VsaX::PULSEWAY_RMM => VsaX::COMPANIES,
        _ => &[],
    }
}

/// An RMM's limit of requests, by slug; none when there is no such RMM, or no limit that is known.
pub fn rmm_limit(vendor: &str) -> Option<RequestLimit> {
    match vendor {
        DattoRmm::VENDOR => Some(DattoRmm::LIMIT),
        NinjaOne::VENDOR => Some(NinjaOne::LIMIT),
        ConnectwiseAutomate::VENDOR => Some(ConnectwiseAutomate::LIMIT),
        Atera::VENDOR => Some(Atera::LIMIT),
        Syncro::VENDOR => Some(Syncro::LIMIT),
        Intune::VENDOR => Some(Intune::LIMIT),
        VsaX::VSA_X | VsaX::PULSEWAY_RMM => Some(VsaX::LIMIT),
        _ => None,
    }
}

/// The limit that an RMM's connector keeps to: a little below the vendor's, since requests travel, and
/// below nine tenths of Datto RMM's, from where on that slows every call down.
pub fn rmm_pace(vendor: &str) -> Option<RequestLimit> {
    let percent = if vendor == DattoRmm::VENDOR { 85 } else { 90 };
    rmm_limit(vendor).map(|limit| limit.percent(percent))
}

pub(super) fn rmm_itself(
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
                limit: options.pace(rmm_pace(DattoRmm::VENDOR)),
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
                limit: options.pace(rmm_pace(NinjaOne::VENDOR)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = NinjaOne::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        KaseyaVsa9::VENDOR => {
            let wanted = Credentials {
                vendor: KaseyaVsa9::VENDOR,
                given: credentials,
            };
            let config = Vsa9Config {
                user_name: wanted.get("user_name")?,
                password: Secret::new(wanted.get("password")?),
                company: options.company.clone(),
                page_size: options.page_size.unwrap_or(KaseyaVsa9::LARGEST_PAGE),
                retry: options.retry,
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = KaseyaVsa9::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        NCentral::VENDOR => {
            let wanted = Credentials {
                vendor: NCentral::VENDOR,
                given: credentials,
            };
            let chosen = options.company.as_deref().and_then(Companies::named);
            let config = NCentralConfig {
                jwt: Secret::new(wanted.get("jwt")?),
                companies: chosen.unwrap_or_default(),
                page_size: options.page_size.unwrap_or(NCentral::LARGEST_PAGE),
                asset_concurrency: options.concurrency.unwrap_or(NCentral::ASSET_CONCURRENCY),
                retry: options.retry,
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = NCentral::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        ConnectwiseAutomate::VENDOR => {
            let wanted = Credentials {
                vendor: ConnectwiseAutomate::VENDOR,
                given: credentials,
            };
            let config = AutomateConfig {
                user_name: wanted.get("user_name")?,
                password: Secret::new(wanted.get("password")?),
                client_id: wanted.get("client_id")?,
                company: options.company.clone(),
                page_size: options
                    .page_size
                    .unwrap_or(ConnectwiseAutomate::LARGEST_PAGE),
                detail_concurrency: options
                    .concurrency
                    .unwrap_or(ConnectwiseAutomate::DETAIL_CONCURRENCY),
                remembered_bytes: options.remembered_bytes,
                retry: options.retry,
                limit: options.pace(rmm_pace(ConnectwiseAutomate::VENDOR)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = ConnectwiseAutomate::new(config, transport, clock, options.seed)?;
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
                limit: options.pace(rmm_pace(Atera::VENDOR)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = Atera::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        Syncro::VENDOR => Ok(Box::new(syncro(base_url, credentials, options)?)),
        Intune::VENDOR => {
            let wanted = Credentials {
                vendor: Intune::VENDOR,
                given: credentials,
            };
            let config = IntuneConfig {
                tenant_id: wanted.get("tenant_id")?,
                client_id: wanted.get("client_id")?,
                client_secret: Secret::new(wanted.get("client_secret")?),
                page_size: options.page_size.unwrap_or(Intune::LARGEST_PAGE),
                concurrency: options.concurrency.unwrap_or(Intune::CONCURRENCY),
                remembered_bytes: options.remembered_bytes,
                retry: options.retry,
                limit: options.pace(rmm_pace(Intune::VENDOR)),
                base_url: base_url.to_owned(),
            };
            let (transport, clock) = (options.transport.clone(), options.clock.clone());
            let connector = Intune::new(config, transport, clock, options.seed)?;
            Ok(Box::new(connector))
        }
        VsaX::VSA_X => vsa_x(VsaX::VSA_X, base_url, credentials, options),
        VsaX::PULSEWAY_RMM => vsa_x(VsaX::PULSEWAY_RMM, base_url, credentials, options),
        _ => Err(unknown(vendor, "RMM", RMM_VENDORS)),
    }
}

/// A member of the family of VSA X.
fn vsa_x(
    vendor: &'static str,
    base_url: &str,
    credentials: &BTreeMap<String, String>,
    options: &ConnectorOptions,
) -> Result<Box<dyn RmmConnector>, ConnectorSetupError> {
    let wanted = Credentials {
        vendor,
        given: credentials,
    };
    let config = VsaXConfig {
        vendor,
        token_id: wanted.get("token_id")?,
        token_secret: Secret::new(wanted.get("token_secret")?),
        company: options.company.clone(),
        page_size: options.page_size.unwrap_or(VsaX::LARGEST_PAGE),
        device_concurrency: options.concurrency.unwrap_or(VsaX::DEVICE_CONCURRENCY),
        retry: options.retry,
        limit: options.pace(rmm_pace(vendor)),
        base_url: base_url.to_owned(),
    };
    let (transport, clock) = (options.transport.clone(), options.clock.clone());
    let connector = VsaX::new(config, transport, clock, options.seed)?;
    Ok(Box::new(connector))
}
