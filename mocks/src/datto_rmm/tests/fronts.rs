//! A client that knows nothing of us, over the loopback server and over wiremock.

use std::sync::Arc;

use super::*;
use crate::front::{Fault, FaultRule, Faults, Faulty, Loopback, LoopbackOptions, RealTime};

/// Signs in and walks the device list by its links; the host names found.
async fn walk(base_url: &str, access: &crate::Access) -> Result<Vec<String>, reqwest::Error> {
    let client = reqwest::Client::new();
    let granted: Value = client
        .post(format!("{base_url}/auth/oauth/token"))
        .basic_auth("public-client", Some("public"))
        .form(&[
            ("grant_type", "password"),
            ("username", &access.credentials["api_key"]),
            ("password", &access.credentials["api_secret"]),
        ])
        .send()
        .await?
        .json()
        .await?;
    let token = granted["access_token"].as_str().unwrap_or_default();
    let mut names = Vec::new();
    let mut next = Some(format!("{base_url}/api/v2/account/devices?max=2"));
    while let Some(url) = next {
        let reply = client.get(url).bearer_auth(token).send().await?;
        let page: Value = reply.error_for_status()?.json().await?;
        names.extend(hostnames(&page));
        next = page["pageDetails"]["nextPageUrl"]
            .as_str()
            .map(str::to_owned);
    }
    names.sort();
    Ok(names)
}

const EVERY: [&str; 5] = ["ESX1", "LT07", "PRN1", "SRV1", "SW1"];

/// The real clock is far from the records' dates, so the simulator is stood up at that.
fn datto() -> Arc<DattoRmm> {
    use crate::front::Time;
    Arc::new(DattoRmm::new(&records(), RealTime.now()))
}

#[tokio::test]
async fn over_the_loopback_server() {
    let datto = datto();
    let faults = Arc::new(Faults::new());
    let faulty = Faulty::new(
        Arc::clone(&datto) as Arc<dyn Simulator>,
        Arc::clone(&faults),
    );
    let server = Loopback::start(
        Arc::new(faulty),
        Arc::new(RealTime),
        LoopbackOptions::default(),
    )
    .await
    .unwrap();
    let base_url = server.base_url();
    assert_eq!(walk(&base_url, &datto.access()).await.unwrap(), EVERY);
    assert_eq!(
        server.calls(),
        BTreeMap::from([("auth.token".to_owned(), 1), ("devices.list".to_owned(), 3)])
    );

    let guard = faults.scoped(
        FaultRule::new(Fault::Status {
            code: 500,
            retry_after_s: None,
        })
        .on("devices.list")
        .after(1),
    );
    let failed = walk(&base_url, &datto.access()).await.unwrap_err();
    assert_eq!(failed.status().unwrap(), 500);
    drop(guard);
    faults.add(FaultRule::new(Fault::Truncate).on("devices.*").times(1));
    assert!(
        walk(&base_url, &datto.access())
            .await
            .unwrap_err()
            .is_decode()
    );
    assert_eq!(walk(&base_url, &datto.access()).await.unwrap(), EVERY);
    server.stop().await;
}

#[test]
fn a_faulty_answer_is_worded_by_the_vendor() {
    let rig = Rig::new(&records());
    let faults = Arc::new(Faults::new());
    let faulty = Faulty::new(Arc::new(rig.datto), Arc::clone(&faults));
    faults.add(FaultRule::new(Fault::Status {
        code: 500,
        retry_after_s: None,
    }));
    let request = http::Request::get("/api/v2/account")
        .body(Bytes::new())
        .unwrap();
    let reply = faulty.handle(&request, start());
    assert_eq!(json(&reply)["path"], "/v2/account");
    assert_eq!(json(&reply)["error"], "Internal Server Error");
}

#[cfg(feature = "wiremock")]
#[tokio::test]
async fn over_wiremock_beneath_a_stub() {
    use wiremock::matchers::{path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    let datto = datto();
    let server = MockServer::start().await;
    let page_one = || Mock::given(path("/api/v2/account/devices")).and(query_param("page", "1"));
    let scoped = page_one()
        .respond_with(ResponseTemplate::new(503))
        .expect(1)
        .mount_as_scoped(&server)
        .await;
    let log = crate::front::wiremock::mount(
        &server,
        Arc::clone(&datto) as Arc<dyn Simulator>,
        Arc::new(RealTime),
    )
    .await;
    let failed = walk(&server.uri(), &datto.access()).await.unwrap_err();
    assert_eq!(failed.status().unwrap(), 503);
    drop(scoped);
    log.reset();
    assert_eq!(walk(&server.uri(), &datto.access()).await.unwrap(), EVERY);
    assert_eq!(log.calls()["devices.list"], 3);

    // A stub that stays may also come later.
    page_one()
        .respond_with(ResponseTemplate::new(502))
        .mount(&server)
        .await;
    let failed = walk(&server.uri(), &datto.access()).await.unwrap_err();
    assert_eq!(failed.status().unwrap(), 502);

    let head = reqwest::Client::new()
        .head(format!("{}/api/v2/system/status", server.uri()))
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
}
