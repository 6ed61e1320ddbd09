//! Making connectors by name, address and credentials.

use super::super::Syncro;
use super::{
    ConnectorOptions, ConnectorSetupError, PSA_VENDORS, RMM_VENDORS, companies, psa,
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
