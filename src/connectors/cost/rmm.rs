//! The RMMs' calls.

use super::{Amounts, Calls, Reading, pages, syncro_page, until_empty, until_short};
use crate::connectors::{
    Atera, ConnectwiseAutomate, DattoRmm, Intune, KaseyaVsa9, NCentral, NinjaOne, Syncro, VsaX,
};

/// What a reading asks an RMM for, in the order of its walks; none when there is no such RMM.
pub fn rmm_calls(vendor: &str, reading: &Reading<'_>) -> Option<Vec<Calls>> {
    let mut calls = match vendor {
        DattoRmm::VENDOR => datto(reading),
        NinjaOne::VENDOR => ninjaone(reading),
        KaseyaVsa9::VENDOR => vsa9(reading),
        NCentral::VENDOR => n_central(reading),
        ConnectwiseAutomate::VENDOR => automate(reading),
        Atera::VENDOR => atera(reading),
        Syncro::VENDOR => syncro(reading),
        Intune::VENDOR => intune(reading),
        VsaX::VSA_X | VsaX::PULSEWAY_RMM => vsa_x(reading),
        _ => return None,
    };
    calls.retain(|calls| calls.requests > 0);
    Some(calls)
}

/// No token lives until the next reading, but Datto RMM's.
const TOKEN: Calls = Calls::one_by_one("auth.token", 1);

/// Datto RMM's own sites, which belong to no client.
const PSEUDO_SITES: u64 = 3;

/// Audits are read of devices whose stamp of the last audit is new.
fn datto(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(DattoRmm::LARGEST_PAGE);
    let (amounts, fresh) = (reading.amounts, &reading.fresh().devices);
    let Amounts {
        organizations,
        devices,
        ..
    } = *amounts;
    // Adapters of what has no audit come with a list of its whole site.
    let sites = organizations.min(devices.network);
    let of_site = devices.total().div_ceil(organizations.max(1));
    let audits = DattoRmm::AUDIT_CONCURRENCY;
    vec![
        Calls::one_by_one("auth.token", u64::from(reading.is_first())),
        Calls::one_by_one("sites.list", pages(organizations + PSEUDO_SITES, page)),
        Calls::one_by_one("devices.list", pages(devices.total(), page)),
        Calls::several(
            "devices.network-interface",
            sites * pages(of_site, page),
            audits,
        ),
        Calls::several("audit.device", fresh.computers(), audits),
        Calls::several("audit.esxihost", fresh.hosts, audits),
        Calls::several("audit.printer", fresh.printers, audits),
    ]
}

fn ninjaone(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(NinjaOne::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    vec![
        TOKEN,
        Calls::one_by_one("sites.list", until_short(organizations, page)),
        Calls::one_by_one("devices.list", until_short(devices.total(), page)),
    ]
}

fn vsa9(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(KaseyaVsa9::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    let assets = devices.hosts + devices.watched();
    vec![
        TOKEN,
        Calls::one_by_one("sites.list", pages(organizations, page)),
        Calls::one_by_one("groups.list", pages(organizations, page)),
        Calls::one_by_one("audit.list", pages(devices.computers(), page)),
        Calls::one_by_one("assets.list", pages(assets, page)),
    ]
}

fn n_central(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(NCentral::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    let at_once = NCentral::ASSET_CONCURRENCY;
    vec![
        TOKEN,
        Calls::one_by_one("sites.list", pages(organizations, page)),
        Calls::one_by_one("devices.list", pages(devices.total(), page)),
        Calls::several("assets.get", devices.total(), at_once),
        Calls::several("lifecycle.get", devices.watched(), at_once),
    ]
}

/// Processors are read of computers whose inventory is new.
fn automate(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(ConnectwiseAutomate::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    let fresh = &reading.fresh().devices;
    let computers = devices.computers() + devices.hosts;
    vec![
        TOKEN,
        // With the client that new computers come to.
        Calls::one_by_one("sites.list", until_empty(organizations + 1, page)),
        Calls::one_by_one("chassis.list", until_empty(computers, page)),
        Calls::one_by_one("drives.list", until_empty(computers, page)),
        Calls::one_by_one("devices.list", until_empty(computers, page)),
        Calls::several(
            "audit.device",
            fresh.computers() + fresh.hosts,
            ConnectwiseAutomate::DETAIL_CONCURRENCY,
        ),
        Calls::one_by_one("network.list", until_empty(devices.watched(), page)),
    ]
}

fn atera(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(Atera::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    // Agents, then what is watched by SNMP, and three lists of other watched things.
    let watched = devices.hosts + devices.watched();
    let lists = pages(devices.computers(), page) + pages(watched, page) + 3;
    vec![
        // With the customer that is the MSP itself.
        Calls::one_by_one("sites.list", pages(organizations + 1, page)),
        Calls::one_by_one("devices.list", lists),
    ]
}

fn syncro(reading: &Reading<'_>) -> Vec<Calls> {
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    vec![
        Calls::one_by_one("sites.list", pages(organizations, syncro_page::CUSTOMERS)),
        Calls::one_by_one("devices.list", pages(devices.total(), syncro_page::ASSETS)),
    ]
}

/// Only workstations are managed. A device is read by itself when it checked in since it was read last.
fn intune(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(Intune::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    let fresh = reading.fresh().devices.workstations;
    let of_each = devices.workstations.div_ceil(organizations.max(1));
    vec![
        Calls::one_by_one("auth.token", organizations + 1),
        // Customers are listed for companies, and for devices once more.
        Calls::one_by_one("sites.list", 2 * pages(organizations, page)),
        Calls::one_by_one("sites.get", organizations),
        Calls::one_by_one("devices.list", organizations * pages(of_each, page)),
        Calls::several("devices.get", fresh, Intune::CONCURRENCY),
    ]
}

fn vsa_x(reading: &Reading<'_>) -> Vec<Calls> {
    let page = reading.page(VsaX::LARGEST_PAGE);
    let Amounts {
        organizations,
        devices,
        ..
    } = *reading.amounts;
    let without_agent = devices.hosts + devices.watched();
    vec![
        Calls::one_by_one("sites.list", pages(organizations, page)),
        Calls::one_by_one("assets.list", pages(devices.computers(), page)),
        // Where those with an agent belong, and what the others are.
        Calls::one_by_one(
            "devices.list",
            pages(devices.computers(), page) + pages(without_agent, page),
        ),
        Calls::several("devices.get", without_agent, VsaX::DEVICE_CONCURRENCY),
    ]
}
