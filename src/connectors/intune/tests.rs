//! Against replies of the vendor's shape, written by hand.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Intune, IntuneConfig};
use crate::connectors::testing::{Answer, Scripted, Sent, all, clock, json as answer, reply};
use crate::connectors::{ErrorKind, RmmConnector};
use crate::transport::{RequestLimit, RetryPolicy, Secret};

const SECRET: &str = "s3c~ret&=";
const HOST: &str = "http://graph.example";
const PARTNER: &str = "00000000-0000-4000-8000-000000000001";
const ELM: &str = "00000000-0000-4000-8000-0000000000e1";
const OAK: &str = "00000000-0000-4000-8000-0000000000a1";

fn config() -> IntuneConfig {
    IntuneConfig {
        base_url: HOST.to_owned(),
        tenant_id: PARTNER.to_owned(),
        client_id: "2f5e".to_owned(),
        client_secret: Secret::new(SECRET),
        page_size: 1_000,
        concurrency: 4,
        remembered_bytes: 100_000,
        retry: RetryPolicy::default(),
        limit: None,
    }
}

/// A connector whose requests a function answers: the tenant whose token was sent, and the path.
fn intune_with(
    config: IntuneConfig,
    script: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
) -> (Intune, Arc<Scripted>) {
    let clock = clock();
    let wire = Scripted::new(&clock, move |_, sent| {
        let tenant = sent.headers.get("authorization");
        let tenant = tenant.map(|header| header.to_str().unwrap());
        script(
            tenant.unwrap_or_default().trim_start_matches("Bearer "),
            &sent.target,
        )
    });
    let intune = Intune::new(config, Arc::clone(&wire) as _, clock, 1).unwrap();
    (intune, wire)
}

/// The same where every tenant hands out a token, which is its own id, and the partner has two customers.
fn intune(
    script: impl Fn(&str, &str) -> Option<Answer> + Send + Sync + 'static,
) -> (Intune, Arc<Scripted>) {
    intune_with(config(), move |tenant, target| {
        script(tenant, target).unwrap_or_else(|| usual(tenant, target))
    })
}

fn usual(tenant: &str, target: &str) -> Answer {
    if let Some(of) = target.strip_suffix("/oauth2/v2.0/token") {
        return token(of.trim_start_matches('/'));
    }
    let path = target.split('?').next().unwrap();
    match path {
        "/v1.0/contracts" => list(&[contract(ELM, "Elm"), contract(OAK, "Oak (old)")]),
        "/v1.0/organization" => {
            let name = if tenant == OAK { "Oak" } else { "Elm" };
            list(&[json!({ "id": tenant, "displayName": name })])
        }
        "/v1.0/deviceManagement/managedDevices" => list(&[]),
        _ => answer(
            404,
            json!({ "error": { "code": "ResourceNotFound", "message": "no" } }).to_string(),
        ),
    }
}

fn token(name: &str) -> Answer {
    let body = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": name });
    answer(200, body.to_string())
}

fn contract(id: &str, name: &str) -> Value {
    json!({ "id": "c", "contractType": "ResellerPartner", "customerId": id, "displayName": name })
}

fn list(rows: &[Value]) -> Answer {
    answer(
        200,
        json!({ "@odata.context": "x", "value": rows }).to_string(),
    )
}

fn page(rows: &[Value], next: &str) -> Answer {
    let body = json!({ "@odata.count": rows.len(), "@odata.nextLink": next, "value": rows });
    answer(200, body.to_string())
}

fn device(id: &str) -> Value {
    json!({ "id": id, "deviceName": id, "lastSyncDateTime": "2025-05-30T09:17:06Z" })
}

/// A refusal of the token endpoint.
fn closed(status: u16, number: u32) -> Answer {
    let text = format!("AADSTS{number}: It is so. Trace ID: x Correlation ID: y Timestamp: z");
    let body = json!({ "error": "unauthorized_client", "error_description": text, "error_codes": [number] });
    answer(status, body.to_string())
}

const LIST: &str = "/v1.0/deviceManagement/managedDevices?";

fn is_list(target: &str) -> bool {
    target.starts_with(LIST)
}

fn targets(wire: &Scripted, part: &str) -> Vec<String> {
    let targets = wire.targets().into_iter();
    targets.filter(|target| target.contains(part)).collect()
}

#[tokio::test]
async fn each_tenant_is_asked_with_a_token_of_its_own() {
    let (intune, wire) = intune(|_, _| None);
    intune.check().await.unwrap();
    let (companies, rejected) = all(intune.companies()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let told: Vec<(&str, &str)> = companies.iter().map(|it| (&*it.id, &*it.name)).collect();
    // The contract's name is an old one, the tenant's is not.
    assert_eq!(told, [(ELM, "Elm"), (OAK, "Oak")]);
    {
        let sent = wire.sent.lock().unwrap();
        let lines: Vec<(&str, &str)> = sent
            .iter()
            .map(|sent| {
                let who = sent.headers.get("authorization");
                (who.map_or("", |who| who.to_str().unwrap()), &*sent.target)
            })
            .collect();
        let tokens: Vec<&Sent> = sent
            .iter()
            .filter(|sent| sent.target.ends_with("/token"))
            .collect();
        assert_eq!(tokens.len(), 3, "{lines:?}");
        assert_eq!(tokens[0].target, format!("/{PARTNER}/oauth2/v2.0/token"));
        assert_eq!(
            std::str::from_utf8(&tokens[0].body).unwrap(),
            "grant_type=client_credentials&client_id=2f5e&client_secret=s3c%7Eret%26%3D&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        );
        let partner = format!("Bearer {PARTNER}");
        assert!(lines.contains(&(&partner, "/v1.0/contracts?$top=1")));
        assert!(lines.contains(&(&partner, "/v1.0/contracts?$top=999")));
        for tenant in [ELM, OAK] {
            let own = format!("Bearer {tenant}");
            assert!(
                lines.contains(&(&own, "/v1.0/organization?$select=id,displayName")),
                "{lines:?}"
            );
        }
    }
    // The tokens are good still.
    all(intune.devices()).await.unwrap();
    assert_eq!(targets(&wire, "/token").len(), 3);
    assert_eq!(intune.stats().operation("auth.token").requests, 3);
    assert_eq!(intune.stats().operation("sites.get").requests, 2);
}

#[tokio::test]
async fn a_device_has_what_the_list_says_and_what_it_says_itself() {
    let id = "7d0f3d1c-1111-4222-8333-0000000000a1";
    let (intune, wire) = intune(move |tenant, target| {
        if target.contains(id) {
            return Some(answer(200, json!({ "id": id, "ethernetMacAddress": "00E04C680001", "physicalMemoryInBytes": 17_179_869_184_u64 }).to_string()));
        }
        let row = json!({
            "id": id, "deviceName": "ELM-LT-03", "operatingSystem": "Windows", "osVersion": "10.0.22631.4317",
            "manufacturer": "LENOVO", "model": "ThinkPad T14 Gen 4", "serialNumber": "PF4EXMPL",
            "wiFiMacAddress": "D46E0E0A0B0C", "lastSyncDateTime": "2025-10-09T09:17:06.4821957Z",
            "physicalMemoryInBytes": 0, "ethernetMacAddress": null,
        });
        (is_list(target) && tenant == ELM).then(|| list(&[row]))
    });
    let (devices, rejected) = all(intune.devices()).await.unwrap();
    assert_eq!(rejected, [""; 0]);
    let asked = targets(&wire, "managedDevices");
    let listed = "/v1.0/deviceManagement/managedDevices?$select=id,deviceName,operatingSystem,osVersion,manufacturer,model,serialNumber,wiFiMacAddress,lastSyncDateTime&$top=1000";
    let single = format!(
        "/v1.0/deviceManagement/managedDevices/{id}?$select=id,ethernetMacAddress,physicalMemoryInBytes"
    );
    assert_eq!(asked, [listed, &single, listed]);
    let [it] = devices.try_into().unwrap();
    assert_eq!(
        (&*it.id, &*it.company_id, &*it.name),
        (id, ELM, "ELM-LT-03")
    );
    assert_eq!(it.hostname.as_deref(), Some("ELM-LT-03"));
    assert_eq!(it.device_type.as_deref(), Some("Windows"));
    assert_eq!(
        it.operating_system.as_deref(),
        Some("Windows 10.0.22631.4317")
    );
    assert_eq!(
        (it.manufacturer.as_deref(), it.model.as_deref()),
        (Some("LENOVO"), Some("ThinkPad T14 Gen 4"))
    );
    assert_eq!(it.serial.as_deref(), Some("PF4EXMPL"));
    let adapters: Vec<(&str, &str)> = it
        .interfaces
        .iter()
        .map(|it| (it.name.as_deref().unwrap(), it.mac.as_deref().unwrap()))
        .collect();
    assert_eq!(
        adapters,
        [("Wi-Fi", "D46E0E0A0B0C"), ("Ethernet", "00E04C680001")]
    );
    assert_eq!(it.memory_bytes, Some(17_179_869_184));
    assert_eq!(
        it.last_seen.unwrap().to_string(),
        "2025-10-09T09:17:06.4821957Z"
    );
    assert_eq!(
        (it.ip, it.cpu, it.last_user, it.warranty_expires_on),
        (None, None, None, None)
    );
    assert!(it.disks.is_empty() && it.last_reboot.is_none() && it.location.is_none());
}

#[tokio::test]
async fn empty_texts_zeros_and_the_year_one_are_no_values() {
    let (intune, wire) = intune(|tenant, target| {
        if target.contains("/bare?") {
            let body =
                json!({ "id": "bare", "ethernetMacAddress": "", "physicalMemoryInBytes": 0 });
            return Some(answer(200, body.to_string()));
        }
        let row = json!({
            "id": "bare", "deviceName": "", "operatingSystem": "", "osVersion": "", "manufacturer": "", "model": null,
            "serialNumber": "", "wiFiMacAddress": "", "lastSyncDateTime": "0001-01-01T00:00:00Z",
        });
        let system = json!({ "id": "gone", "operatingSystem": "iOS", "osVersion": null });
        (is_list(target) && tenant == ELM).then(|| list(&[row, system]))
    });
    let (devices, _) = all(intune.devices()).await.unwrap();
    let [bare, gone] = devices.try_into().unwrap();
    assert_eq!((&*bare.name, bare.hostname), ("bare", None));
    assert_eq!(
        (bare.device_type, bare.operating_system, bare.serial),
        (None, None, None)
    );
    assert_eq!(
        (
            bare.manufacturer,
            bare.model,
            bare.memory_bytes,
            bare.last_seen
        ),
        (None, None, None, None)
    );
    assert!(bare.interfaces.is_empty());
    // One that is gone when it is asked about itself has what the list said.
    assert_eq!(gone.operating_system.as_deref(), Some("iOS"));
    assert_eq!(targets(&wire, "/gone?").len(), 1);
}

#[tokio::test]
async fn pages_are_followed_through_each_tenant_in_the_order_of_the_contracts() {
    let (intune, wire) = intune(|tenant, target| {
        let next = |token: &str| format!("{HOST}{LIST}$top=1000&$skiptoken={token}");
        match (tenant, target) {
            (PARTNER, "/v1.0/contracts?$top=999") => Some(page(
                &[contract(OAK, "Oak")],
                &format!("{HOST}/v1.0/contracts?$top=999&$skiptoken=c"),
            )),
            (PARTNER, target) if target.ends_with("skiptoken=c") => {
                Some(list(&[contract(ELM, "Elm"), contract(OAK, "Oak again")]))
            }
            (OAK, target) if target.ends_with("skiptoken=2") => Some(page(&[], &next("3"))),
            (OAK, target) if target.ends_with("skiptoken=3") => {
                Some(list(&[device("o2"), device("o1")]))
            }
            (OAK, target) if is_list(target) => Some(page(&[device("o1")], &next("2"))),
            (ELM, target) if is_list(target) => Some(list(&[device("e1")])),
            _ => None,
        }
    });
    let (devices, _) = all(intune.devices()).await.unwrap();
    let told: Vec<(&str, &str)> = devices
        .iter()
        .map(|it| (&*it.company_id, &*it.id))
        .collect();
    assert_eq!(told, [(OAK, "o1"), (OAK, "o2"), (ELM, "e1")]);
    assert_eq!(targets(&wire, LIST).len(), 4);
    let (companies, _) = all(intune.companies()).await.unwrap();
    let told: Vec<&str> = companies.iter().map(|it| &*it.id).collect();
    assert_eq!(
        told,
        [OAK, ELM],
        "two contracts with one customer are one company"
    );
}

#[tokio::test]
async fn a_tenant_that_lets_nobody_in_is_rejected_and_the_others_are_read() {
    for number in [700_016, 90_002, 65_001, 7_000_112, 7_000_229] {
        let (intune, _) = intune(move |tenant, target| {
            if target.starts_with(&format!("/{ELM}/")) {
                return Some(closed(400, number));
            }
            (is_list(target) && tenant == OAK).then(|| list(&[device("o1")]))
        });
        let (companies, rejected) = all(intune.companies()).await.unwrap();
        assert_eq!(companies.len(), 1);
        let [told] = rejected.try_into().unwrap();
        assert!(
            told.starts_with(&format!(
                "record {ELM}, field tenant: AADSTS{number}: It is so."
            )),
            "{told}"
        );
        let (devices, rejected) = all(intune.devices()).await.unwrap();
        assert_eq!((devices.len(), rejected.len()), (1, 0), "it is told once");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_application_itself_fails_the_sync() {
    // The secret ran out between the partner's token and the customer's.
    for (status, number) in [(401, 7_000_215), (401, 7_000_222), (400, 1_002_012)] {
        let (intune, _) = intune(move |_, target| {
            target
                .starts_with(&format!("/{ELM}/"))
                .then(|| closed(status, number))
        });
        for error in [
            all(intune.companies()).await.unwrap_err(),
            all(intune.devices()).await.unwrap_err(),
        ] {
            assert!(
                matches!(error.kind, ErrorKind::Unauthorized { .. }),
                "{error}"
            );
            assert!(
                error
                    .to_string()
                    .contains("check client_id and client_secret"),
                "{error}"
            );
        }
    }
    let (intune, _) = intune(|_, target| {
        let words = json!({ "error": "invalid_client", "error_description": format!("AADSTS700016: not {SECRET}") });
        target
            .starts_with(&format!("/{PARTNER}/"))
            .then(|| answer(400, words.to_string()))
    });
    // The partner's own tenant is not one of many.
    let error = all(intune.companies()).await.unwrap_err();
    assert!(
        matches!(error.kind, ErrorKind::Unauthorized { .. }),
        "{error}"
    );
    assert!(!error.to_string().contains(SECRET) && !format!("{intune:?}").contains(SECRET));
}

fn forbidden() -> Answer {
    let body =
        json!({ "error": { "code": "Forbidden", "message": "Application is not authorized" } });
    answer(403, body.to_string())
}

#[tokio::test]
async fn a_permission_that_one_tenant_lacks_is_told_and_one_that_all_lack_fails() {
    let (some, _) = intune(|tenant, target| {
        (is_list(target)).then(|| {
            if tenant == ELM {
                forbidden()
            } else {
                list(&[device("o1")])
            }
        })
    });
    let (devices, rejected) = all(some.devices()).await.unwrap();
    assert_eq!(devices.len(), 1);
    assert_eq!(
        rejected,
        [format!(
            "record without id, field tenant {ELM}: Application is not authorized"
        )]
    );
    let (none, _) = intune(|_, target| is_list(target).then(forbidden));
    let error = all(none.devices()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Forbidden { .. }), "{error}");
    // Whoever may not read a tenant's name has the contract's.
    let (unnamed, _) = intune(|_, target| target.starts_with("/v1.0/organization").then(forbidden));
    let (companies, _) = all(unnamed.companies()).await.unwrap();
    let names: Vec<&str> = companies.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["Elm", "Oak (old)"]);
}

#[tokio::test]
async fn a_tenant_without_intune_has_no_devices() {
    let (intune, _) = intune(|tenant, target| {
        let words = json!({ "_version": 3, "Message": "Request not applicable to target tenant." });
        let body = json!({ "error": { "code": "BadRequest", "message": words.to_string() } });
        is_list(target).then(|| {
            if tenant == ELM {
                answer(400, body.to_string())
            } else {
                list(&[device("o1")])
            }
        })
    });
    let (devices, rejected) = all(intune.devices()).await.unwrap();
    assert_eq!((devices.len(), rejected.len()), (1, 0));
    // Any other bad request is a mistake of ours.
    let (wrong, _) = self::intune(|_, target| {
        let body = json!({ "error": { "code": "BadRequest", "message": "Invalid filter clause" } });
        is_list(target).then(|| answer(400, body.to_string()))
    });
    let error = all(wrong.devices()).await.unwrap_err();
    assert!(
        error.to_string().contains("Invalid filter clause"),
        "{error}"
    );
}

#[tokio::test]
async fn a_record_that_cannot_be_read_costs_itself_alone() {
    let (intune, _) = intune(|tenant, target| {
        if target.contains("/bad?") {
            return Some(answer(
                200,
                json!({ "id": "bad", "physicalMemoryInBytes": "much" }).to_string(),
            ));
        }
        match (tenant, target) {
            (PARTNER, target) if target.starts_with("/v1.0/contracts") => Some(list(&[
                json!({ "customerId": ELM, "displayName": 7 }),
                json!({ "customerId": null, "displayName": "Nobody" }),
                contract(OAK, "Oak"),
            ])),
            (ELM, target) if is_list(target) => {
                Some(list(&[json!({ "id": "e1", "model": 7 }), device("e2")]))
            }
            (OAK, target) if is_list(target) => Some(list(&[device("bad"), device("o1")])),
            _ => None,
        }
    });
    let (companies, rejected) = all(intune.companies()).await.unwrap();
    assert_eq!(companies.len(), 1);
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    let (devices, rejected) = all(intune.devices()).await.unwrap();
    let ids: Vec<&str> = devices.iter().map(|it| &*it.id).collect();
    assert_eq!(
        ids,
        ["e2", "o1"],
        "a contract without a name leads to devices still"
    );
    let begins: Vec<&str> = rejected
        .iter()
        .map(|it| it.split(':').next().unwrap())
        .collect();
    assert_eq!(
        begins,
        [
            "record without id, field customerId",
            "record e1, field model",
            "record bad, field physicalMemoryInBytes",
        ]
    );
}

#[tokio::test]
async fn details_are_read_again_only_after_a_device_has_checked_in() {
    let day = Arc::new(std::sync::atomic::AtomicU32::new(1));
    let today = Arc::clone(&day);
    let (intune, wire) = intune(move |tenant, target| {
        if target.contains("/d1?") || target.contains("/d2?") {
            return Some(answer(
                200,
                json!({ "ethernetMacAddress": "00E04C680001" }).to_string(),
            ));
        }
        let day = today.load(std::sync::atomic::Ordering::Relaxed);
        let fresh = json!({ "id": "d1", "lastSyncDateTime": format!("2025-05-0{day}T00:00:00Z") });
        let never = json!({ "id": "d2", "lastSyncDateTime": "0001-01-01T00:00:00Z" });
        (is_list(target) && tenant == ELM).then(|| list(&[fresh, never]))
    });
    let calls = |part: &str| targets(&wire, part).len();
    for expected in [(1, 1), (1, 2), (1, 3)] {
        let (devices, _) = all(intune.devices()).await.unwrap();
        assert!(
            devices
                .iter()
                .all(|it| it.primary_mac() == Some("00E04C680001"))
        );
        assert_eq!(
            (calls("/d1?"), calls("/d2?")),
            expected,
            "one without a stamp is always asked for"
        );
    }
    day.store(2, std::sync::atomic::Ordering::Relaxed);
    all(intune.devices()).await.unwrap();
    assert_eq!(calls("/d1?"), 2);
    assert_eq!(intune.stats().operation("devices.get").remembered, 2);
}

#[tokio::test]
async fn a_busy_tenant_is_waited_for() {
    let busy = std::sync::atomic::AtomicBool::new(true);
    let (intune, wire) = intune(move |tenant, target| {
        let first = is_list(target)
            && tenant == ELM
            && busy.swap(false, std::sync::atomic::Ordering::Relaxed);
        let body =
            json!({ "error": { "code": "TooManyRequests", "message": "Too many requests" } });
        first.then(|| reply(429, &[("retry-after", "7")], body.to_string()))
    });
    all(intune.devices()).await.unwrap();
    let sent = wire.sent.lock().unwrap();
    let lists: Vec<i64> = sent
        .iter()
        .filter(|sent| is_list(&sent.target))
        .map(|sent| sent.at_ms)
        .collect();
    assert_eq!(lists[1] - lists[0], 7_000);
}

#[tokio::test]
async fn our_own_limit_is_each_tenant_s() {
    let limit = RequestLimit {
        requests: 2,
        window_ms: 10_000,
    };
    let (intune, wire) = intune_with(
        IntuneConfig {
            limit: Some(limit),
            ..config()
        },
        |tenant, target| {
            if is_list(target) {
                return list(&[device(&format!("{tenant}-1"))]);
            }
            usual(tenant, target)
        },
    );
    all(intune.devices()).await.unwrap();
    let times = wire.times();
    // A token and a list in the first window, a device in the second; Oak does not wait for Elm.
    assert_eq!(times.len(), 2 + 3 + 3);
    assert_eq!(times[7] - times[0], 20_002, "{times:?}");
}

#[tokio::test]
async fn links_elsewhere_and_lists_without_an_end_are_errors() {
    let next = |next: &'static str| {
        move |_: &str, target: &str| is_list(target).then(|| page(&[device("d1")], next))
    };
    let (elsewhere, _) = intune(next(
        "https://evil.example/v1.0/deviceManagement/managedDevices",
    ));
    let error = all(elsewhere.devices()).await.unwrap_err();
    assert!(
        matches!(error.kind, ErrorKind::ForeignLink { .. }),
        "{error}"
    );
    let (endless, _) = intune(next(
        "/v1.0/deviceManagement/managedDevices?$skiptoken=again",
    ));
    let error = all(endless.devices()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    let (empty, _) = intune(|_, target| {
        is_list(target).then(|| page(&[], "/v1.0/deviceManagement/managedDevices?$skiptoken=x"))
    });
    let error = all(empty.devices()).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Paging { .. }), "{error}");
    let (html, _) = intune(|_, target| {
        let page = reply(
            200,
            &[("content-type", "text/html")],
            "<html>Sign in</html>",
        );
        is_list(target).then_some(page)
    });
    let error = all(html.devices()).await.unwrap_err();
    assert!(error.to_string().contains("text/html"), "{error}");
}
