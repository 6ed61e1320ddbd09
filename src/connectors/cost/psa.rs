//! The PSAs' calls.

use super::{Amounts, Calls, Reading, pages, syncro_page, until_short};
use crate::connectors::{Autotask, Bms, ConnectwisePsa, HaloPsa, Syncro, Tigerpaw};

/// What a reading asks a PSA for, in the order of its walks; none when there is no such PSA.
pub fn psa_calls(vendor: &str, reading: &Reading<'_>) -> Option<Vec<Calls>> {
    let mut calls = match vendor {
        ConnectwisePsa::VENDOR => connectwise(reading),
        Autotask::VENDOR => autotask(reading),
        Bms::KASEYA_BMS | Bms::PULSEWAY_PSA => bms(reading),
        Tigerpaw::VENDOR => tigerpaw(reading),
        HaloPsa::VENDOR => halopsa(reading),
        Syncro::VENDOR => syncro(reading),
        _ => return None,
    };
    calls.retain(|calls| calls.requests > 0);
    Some(calls)
}

fn connectwise(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(ConnectwisePsa::LARGEST_PAGE);
    let Amounts {
        organizations,
        locations,
        contacts,
        configurations,
        ..
    } = *reading.amounts;
    let of_each = locations / organizations.max(1);
    let sites = organizations * until_short(of_each, page);
    let mut calls = vec![
        Calls::one_by_one("companyinfo", u64::from(reading.is_first())),
        Calls::one_by_one("companies.list", until_short(organizations, page)),
        Calls::several("sites.list", sites, ConnectwisePsa::SITE_CONCURRENCY),
    ];
    match reading.changed {
        None => calls.push(Calls::one_by_one(
            "contacts.list",
            until_short(contacts, page),
        )),
        Some(changed) => {
            // The names that contacts show are asked for changes first.
            let names = ["contact_types.changed", "communication_types.changed"];
            calls.extend(names.map(|list| Calls::one_by_one(list, 1)));
            let changed = until_short(changed.contacts, page);
            calls.push(Calls::one_by_one("contacts.changed", changed));
            calls.push(Calls::one_by_one("contacts.count", 1));
        }
    }
    if !reading.configurations {
        return calls;
    }
    match reading.changed {
        None => {
            let list = until_short(configurations, page);
            calls.push(Calls::one_by_one("configurations.list", list));
        }
        Some(changed) => {
            let names = [
                "configuration_types.changed",
                "configuration_statuses.changed",
                "manufacturers.changed",
            ];
            calls.extend(names.map(|list| Calls::one_by_one(list, 1)));
            let changed = until_short(changed.configurations, page);
            calls.push(Calls::one_by_one("configurations.changed", changed));
            calls.push(Calls::one_by_one("configurations.count", 1));
        }
    }
    calls
}

fn autotask(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(Autotask::LARGEST_PAGE);
    let Amounts {
        organizations,
        locations,
        contacts,
        configurations,
        ..
    } = *reading.amounts;
    let batches = organizations.div_ceil(Autotask::COMPANIES_AT_ONCE as u64);
    let of_batch = locations.div_ceil(batches.max(1));
    let first = u64::from(reading.is_first());
    let mut calls = vec![
        Calls::one_by_one("zone", first),
        Calls::one_by_one("company_types.list", 1),
        Calls::one_by_one("countries.list", 1),
        Calls::one_by_one("locations.primary", pages(organizations, page)),
        Calls::one_by_one("companies.list", pages(organizations, page)),
        Calls::one_by_one("locations.list", batches * pages(of_batch, page)),
    ];
    match reading.changed {
        None => calls.push(Calls::one_by_one("contacts.list", pages(contacts, page))),
        Some(changed) => {
            let changed = pages(changed.contacts, page);
            calls.push(Calls::one_by_one("contacts.changed", changed));
            calls.push(Calls::one_by_one("contacts.count", 1));
        }
    }
    if !reading.configurations {
        return calls;
    }
    calls.push(Calls::one_by_one("configuration_types.list", 1));
    // Products are asked for by their ids when a page first names them; nearly all stand on the first one.
    calls.push(Calls::one_by_one("products.list", 1));
    match reading.changed {
        None => {
            let list = pages(configurations, page);
            calls.push(Calls::one_by_one("configurations.list", list));
        }
        Some(changed) => {
            let changed = pages(changed.configurations, page);
            calls.push(Calls::one_by_one("configurations.changed", changed));
            calls.push(Calls::one_by_one("configurations.count", 1));
        }
    }
    calls
}

fn bms(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(Bms::LARGEST_PAGE);
    let Amounts {
        organizations,
        contacts,
        configurations,
        ..
    } = *reading.amounts;
    let accounts = until_short(organizations, page);
    let mut calls = vec![
        Calls::one_by_one("auth.token", 1),
        // Once for organizations, once for their locations.
        Calls::one_by_one("companies.list", 2 * accounts),
        Calls::one_by_one("contacts.list", until_short(contacts, page)),
    ];
    if reading.configurations {
        // The short list of assets has no total: a first page that is not full may have been capped.
        let list = match configurations {
            0 => 1,
            few if few < page => 2,
            many => until_short(many, page),
        };
        calls.push(Calls::one_by_one("configurations.list", list));
        let assets = Bms::ASSET_CONCURRENCY;
        calls.push(Calls::several("configurations.get", configurations, assets));
    }
    calls
}

fn tigerpaw(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(Tigerpaw::LARGEST_PAGE);
    let Amounts {
        organizations,
        contacts,
        ..
    } = *reading.amounts;
    // Which location an address is can be told only from all accounts and contacts: for the locations, and
    // once more for the contacts.
    vec![
        Calls::one_by_one("companies.list", 3 * pages(organizations, page)),
        Calls::one_by_one("contacts.list", 3 * pages(contacts, page)),
        Calls::several("contacts.get", contacts, Tigerpaw::CONTACT_CONCURRENCY),
    ]
}

fn halopsa(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(HaloPsa::LARGEST_PAGE);
    let Amounts {
        organizations,
        locations,
        contacts,
        configurations,
        ..
    } = *reading.amounts;
    let mut calls = vec![
        Calls::one_by_one("auth.token", 1),
        // Once for organizations, once for which sites are their main ones.
        Calls::one_by_one("companies.list", 2 * pages(organizations, page)),
        Calls::one_by_one("locations.list", pages(locations, page)),
    ];
    match reading.changed {
        None => calls.push(Calls::one_by_one("contacts.list", pages(contacts, page))),
        Some(changed) => {
            let changed = pages(changed.contacts, page);
            calls.push(Calls::one_by_one("contacts.changed", changed));
            calls.push(Calls::one_by_one("contacts.count", 1));
        }
    }
    if reading.configurations {
        let list = pages(configurations, page);
        calls.push(Calls::one_by_one("configurations.list", list));
    }
    calls
}

fn syncro(reading: &Reading<'_>) -> Vec<Calls> {
    let Amounts {
        organizations,
        contacts,
        configurations,
        ..
    } = *reading.amounts;
    let mut calls = vec![
        Calls::one_by_one(
            "companies.list",
            2 * pages(organizations, syncro_page::CUSTOMERS),
        ),
        Calls::one_by_one("contacts.list", pages(contacts, syncro_page::CONTACTS)),
    ];
    if reading.configurations {
        calls.push(Calls::one_by_one(
            "configurations.list",
            pages(configurations, syncro_page::ASSETS),
        ));
    }
    calls
}
