//! N-central as what plays company there, and its limits on calls at once, over a socket: connector and
//! simulator agree on which record is whose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use syncrig::connectors::{
    ConnectorError, ErrorKind, NCentral, NCentralCompanies, NCentralConfig, Page, PageStream,
    RmmConnector as _,
};
use syncrig::model::RemoteDevice;
use syncrig::transport::{HttpOptions, HttpTransport, RetryPolicy, Secret, SystemClock};
use syncrig_mocks::front::{Loopback, LoopbackOptions, RealTime};
use syncrig_mocks::world::Kind;
use syncrig_mocks::{Simulator, Vendor, simulator};

use crate::support::rig::{block_on, epoch};
use crate::support::tenants;

/// A server that takes a while over each call and keeps its limits.
async fn server() -> (Arc<dyn Simulator>, Loopback) {
    let world = tenants::clean(5, 3);
    let simulator = simulator(Vendor::NCentral, &world, epoch());
    simulator.set_limits(true);
    let options = LoopbackOptions {
        latency_ms: 40,
        ..LoopbackOptions::default()
    };
    let server = Loopback::start(Arc::clone(&simulator), Arc::new(RealTime), options);
    (simulator, server.await.expect("a free port"))
}

/// A connector that tries everything once.
fn connector(
    simulator: &dyn Simulator,
    server: &Loopback,
    companies: NCentralCompanies,
    asset_concurrency: u32,
) -> NCentral {
    let config = NCentralConfig {
        base_url: server.base_url(),
        jwt: Secret::new(simulator.access().credentials["jwt"].clone()),
        companies,
        page_size: 5,
        asset_concurrency,
        retry: RetryPolicy::never(),
    };
    let transport = HttpTransport::new(HttpOptions::default()).expect("an HTTP client");
    let clock = Arc::new(SystemClock);
    NCentral::new(config, Arc::new(transport), clock, 1).expect("a connector")
}

async fn whole<T>(mut pages: PageStream<'_, T>) -> Result<Vec<T>, ConnectorError> {
    let mut whole = Vec::new();
    while let Some(Page {
        records, rejected, ..
    }) = pages.next_page().await?
    {
        assert!(rejected.is_empty(), "{rejected:?}");
        whole.extend(records);
    }
    Ok(whole)
}

#[test]
fn either_choice_of_companies_finds_each_device_below_its_organization() {
    block_on(async {
        let (simulator, server) = server().await;
        let mut told = Vec::new();
        for companies in [NCentralCompanies::Customers, NCentralCompanies::Sites] {
            simulator.set_company(match companies {
                NCentralCompanies::Customers => "customers",
                NCentralCompanies::Sites => "sites",
            });
            let rows = simulator.truth();
            let truths: BTreeMap<(Kind, &str), &str> = rows
                .iter()
                .map(|row| ((row.kind, &*row.external_id), &*row.truth))
                .collect();
            let connector = connector(&*simulator, &server, companies, NCentral::ASSET_CONCURRENCY);
            let found = whole(connector.companies()).await.expect("companies");
            let ids: BTreeSet<&str> = found.iter().map(|it| &*it.id).collect();
            assert_eq!(ids.len(), 3);
            let devices: Vec<RemoteDevice> = whole(connector.devices()).await.expect("devices");
            assert_eq!(devices.len(), 12);
            assert!(devices.iter().all(|it| ids.contains(&*it.company_id)));
            let owners: Vec<(String, String)> = devices
                .iter()
                .map(|it| {
                    let own = truths[&(Kind::Device, &*it.id)];
                    let company = truths[&(Kind::Organization, &*it.company_id)];
                    (own.to_owned(), company.to_owned())
                })
                .collect();
            told.push((
                found.iter().map(|it| it.name.clone()).collect::<Vec<_>>(),
                owners,
            ));
        }
        assert_eq!(told[0], told[1]);
    });
}

#[test]
fn as_many_calls_at_once_as_are_usual_are_never_too_many() {
    block_on(async {
        let (simulator, server) = server().await;
        let with = |at_once| connector(&*simulator, &server, NCentralCompanies::Customers, at_once);
        let usual = with(NCentral::ASSET_CONCURRENCY);
        assert_eq!(whole(usual.devices()).await.expect("devices").len(), 12);
        // One more is one too many.
        let greedy = with(NCentral::ASSET_CONCURRENCY + 1);
        let error = whole(greedy.devices()).await.expect_err("a limit");
        assert!(
            matches!(error.kind, ErrorKind::RateLimited { attempts: 1 }),
            "{error}"
        );
    });
}
