//! A simulator under a `wiremock::MockServer`: a test lays its own stubs over a vendor that answers
//! everything else, and the stubs win.

use std::sync::Arc;

use syncrig::connectors::{self, ConnectorOptions};
use syncrig::engine::{Engine, PsaSettings};
use syncrig::model::Tool;
use syncrig::rig::RigClock;
use syncrig::store::Account;
use syncrig::transport::{HttpOptions, HttpTransport};
use syncrig_mocks::front::wiremock::mount;
use syncrig_mocks::{Vendor, simulator};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::account::state;
use crate::support::rig::{Rig, block_on, epoch};
use crate::support::tenants;

async fn connect(server: &MockServer, clock: &RigClock) -> Engine {
    let world = tenants::clean(21, 3);
    let vendor = Vendor::ConnectwisePsa;
    let simulator = simulator(vendor, &world, epoch());
    let access = simulator.access();
    mount(server, simulator, Arc::new(clock.clone())).await;
    let transport = HttpTransport::new(HttpOptions::default()).expect("an HTTP client");
    let options = ConnectorOptions::new(Arc::new(transport), clock.shared(), 1);
    let url = format!("{}{}", server.uri(), access.base_path);
    let psa = connectors::psa(vendor.slug(), &url, &access.credentials, &options);
    let account = Account::in_memory().expect("an account in memory");
    let mut engine = Engine::new(account, None, Box::new(()));
    engine
        .connect_psa(psa.expect("a connector"), PsaSettings::default())
        .expect("an empty account takes a PSA");
    engine
}

#[test]
fn a_sync_through_wiremock_is_a_sync() {
    block_on(async {
        let server = MockServer::start().await;
        let mut engine = connect(&server, &RigClock::new(epoch())).await;
        let report = engine.sync(Tool::Psa).await.expect("a sync can begin");
        assert!(report.error.is_none(), "{:?}", report.error);
        let found = state(&engine.outcome().expect("a readable account"));

        let rig = Rig::new(tenants::clean(21, 3), 250);
        let account = Account::in_memory().expect("an account in memory");
        let mut engine = Engine::new(account, None, Box::new(()));
        engine
            .connect_psa(rig.psa_connector(), PsaSettings::default())
            .expect("an empty account takes a PSA");
        engine.sync(Tool::Psa).await.expect("a sync can begin");
        let wanted = state(&engine.outcome().expect("a readable account"));
        assert_eq!(crate::support::account::difference(&wanted, &found), "");
        assert!(wanted.lines().count() > 20, "{wanted}");
    });
}

fn refusal() -> Mock {
    Mock::given(method("GET"))
        .and(path_regex("(?i)/company/configurations$"))
        .respond_with(ResponseTemplate::new(401).set_body_string("{\"message\":\"stub\"}"))
        .expect(1)
        .named("configurations are refused")
}

async fn sync_is_refused(engine: &mut Engine) {
    let report = engine.sync(Tool::Psa).await.expect("a sync can begin");
    let error = report.error.expect("the stub refuses");
    assert_eq!(error.code(), "vendor-unauthorized", "{error}");
    assert!(error.to_string().contains("stub"), "{error}");
    let outcome = engine.outcome().expect("a readable account");
    assert_eq!(outcome.organizations.len(), 3, "of the simulator");
    assert_eq!(outcome.configurations.len(), 0, "kept back by the stub");
}

async fn sync_is_whole(engine: &mut Engine) {
    let report = engine.sync(Tool::Psa).await.expect("a sync can begin");
    assert!(report.error.is_none(), "{:?}", report.error);
    let outcome = engine.outcome().expect("a readable account");
    assert_eq!(outcome.configurations.len(), 12);
}

#[test]
fn stubs_win_over_the_simulator_and_give_way_again() {
    block_on(async {
        let server = MockServer::start().await;
        let mut engine = connect(&server, &RigClock::new(epoch())).await;
        refusal().up_to_n_times(1).mount(&server).await;
        sync_is_refused(&mut engine).await;
        sync_is_whole(&mut engine).await;
        server.verify().await;
    });
}

#[test]
fn a_scoped_stub_from_before_the_simulator_ends_with_its_guard() {
    block_on(async {
        let server = MockServer::start().await;
        let refusal = refusal().mount_as_scoped(&server).await;
        let mut engine = connect(&server, &RigClock::new(epoch())).await;
        sync_is_refused(&mut engine).await;
        // Checks that exactly one request came to it.
        drop(refusal);
        sync_is_whole(&mut engine).await;
    });
}
