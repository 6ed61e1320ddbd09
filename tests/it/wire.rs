//! No credential leaves the connection it is for: not in an error, an event, a report, a snapshot, a
//! kept file or a `Debug` form, not even when a vendor throws the request back at us.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jiff::Timestamp;
use syncrig::connectors;
use syncrig::engine::{Engine, PsaSettings};
use syncrig::judge::{Scope, SnapshotOptions, Truth, full_snapshot, judge};
use syncrig::model::{Method, Tool};
use syncrig::scenario;
use syncrig::store::Account;
use syncrig_mocks::world::{Change, Tool as WorldTool};
use syncrig_mocks::{Access, ChangeError, Reply, Request, Simulator, TruthRow, Vendor, simulator};

use crate::support::bin::{Run, syncrig_in};
use crate::support::rig::{Recorder, Rig, Wire, block_on, epoch};
use crate::support::tenants;

/// What nobody may read: keys and tokens, and the forms in which they travel. The login company and
/// the codebase stand in URLs and are no secrets.
fn secrets(access: &Access) -> Vec<String> {
    let secret = |name: &str| !matches!(name, "company_id" | "codebase");
    let mut secrets: Vec<String> = access
        .credentials
        .iter()
        .filter(|(name, _)| secret(name))
        .map(|(_, value)| value.clone())
        .collect();
    let value = |name: &str| access.credentials.get(name).map_or("", String::as_str);
    // Two vendors write them together into a header.
    let basic = if access.credentials.contains_key("company_id") {
        let keys = (value("public_key"), value("private_key"));
        Some(format!("{}+{}:{}", value("company_id"), keys.0, keys.1))
    } else if access.credentials.contains_key("api_key") {
        Some(format!("{}:{}", value("api_key"), value("api_secret")))
    } else {
        None
    };
    secrets.extend(basic.map(|basic| STANDARD.encode(basic)));
    assert!(!secrets.is_empty(), "{access:?}");
    assert!(
        secrets.iter().all(|secret| secret.len() >= 8),
        "{secrets:?}"
    );
    secrets
}

/// Fails when one of the secrets stands in the bytes.
#[track_caller]
fn clean(what: &str, bytes: &[u8], secrets: &[String]) {
    for secret in secrets {
        let found = bytes
            .windows(secret.len())
            .position(|window| window.eq_ignore_ascii_case(secret.as_bytes()));
        if let Some(at) = found {
            let from = at.saturating_sub(60);
            let around = String::from_utf8_lossy(&bytes[from..(at + 20).min(bytes.len())]);
            panic!("{what} shows a secret: …{around}…");
        }
    }
}

/// A vendor that refuses or breaks, and repeats all of the request in its answer.
struct Echo {
    inner: Arc<dyn Simulator>,
    status: StatusCode,
    /// Operations that are still answered properly.
    spares: &'static [&'static str],
}

impl Simulator for Echo {
    fn vendor(&self) -> Vendor {
        self.inner.vendor()
    }

    fn handle(&self, request: &Request, now: Timestamp) -> Reply {
        let reply = self.inner.handle(request, now);
        if self.spares.contains(&reply.operation) {
            return reply;
        }
        let headers: BTreeMap<String, String> = request
            .headers()
            .iter()
            .map(|(name, value)| {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.to_string(), text)
            })
            .collect();
        let message = format!(
            "{} {headers:?} {}",
            request.uri(),
            String::from_utf8_lossy(request.body())
        );
        let body = serde_json::json!({ "message": message, "error_description": message });
        Reply::with_body(
            reply.operation,
            self.status,
            "application/json",
            body.to_string(),
        )
    }

    fn apply(&self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        self.inner.apply(change, now)
    }

    fn truth(&self) -> Vec<TruthRow> {
        self.inner.truth()
    }

    fn access(&self) -> Access {
        self.inner.access()
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        self.inner.counts()
    }

    fn set_limits(&self, on: bool) {
        self.inner.set_limits(on);
    }
}

/// Runs one sync against an echo and looks through all that could be read of it. True when a secret
/// came back and was starred out.
async fn nothing_leaks(
    rig: &Rig,
    tool: Tool,
    status: StatusCode,
    spares: &'static [&'static str],
) -> bool {
    let side = match tool {
        Tool::Psa => &rig.psa,
        Tool::Rmm => &rig.rmm,
    };
    let world_tool = match tool {
        Tool::Psa => WorldTool::Psa,
        Tool::Rmm => WorldTool::Rmm,
    };
    let access = side.simulator.access();
    let mut secrets = secrets(&access);
    let inner = Arc::clone(&side.simulator);
    let echo = Echo {
        inner,
        status,
        spares,
    };
    let mut options = rig.options(world_tool);
    options.transport = Arc::new(Wire {
        simulator: Arc::new(echo),
        clock: Arc::clone(&rig.clock),
    });
    // A token is as good as a password while it lasts.
    secrets.extend(token(rig, tool));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("account.sqlite");
    let account = Account::open(&path).expect("a new account");
    let recorder = Recorder::default();
    let mut engine = Engine::new(account, Some(Method::B), Box::new(recorder.clone()));
    let url = format!("http://vendor.test{}", access.base_path);
    let vendor = side.vendor.slug();
    match tool {
        Tool::Psa => {
            let psa = connectors::psa(vendor, &url, &access.credentials, &options);
            let psa = psa.expect("a connector");
            let check = psa.check().await;
            clean("the check", format!("{check:?}").as_bytes(), &secrets);
            engine.connect_psa(psa, PsaSettings::default())
        }
        Tool::Rmm => {
            let rmm = connectors::rmm(vendor, &url, &access.credentials, &options);
            let rmm = rmm.expect("a connector");
            let check = rmm.check().await;
            clean("the check", format!("{check:?}").as_bytes(), &secrets);
            engine.connect_rmm(rmm)
        }
    }
    .expect("an empty account takes a tool");
    let report = engine.sync(tool).await.expect("a sync can begin");
    let error = report.error.as_ref().expect("the vendor refuses");
    let what = |part: &str| format!("{part} of {vendor} after {status}");
    let starred = error.to_string().contains("***");
    clean(&what("the error"), error.to_string().as_bytes(), &secrets);
    clean(
        &what("the report"),
        format!("{report:?}").as_bytes(),
        &secrets,
    );
    clean(
        &what("the options"),
        format!("{options:?}").as_bytes(),
        &secrets,
    );
    let events = recorder.lines();
    assert!(events.len() >= 3, "{events:?}");
    clean(&what("the events"), events.join("\n").as_bytes(), &secrets);
    let outcome = engine.outcome().expect("the account can be read");
    let json = serde_json::to_vec(&outcome).expect("an outcome is JSON");
    clean(&what("the outcome"), &json, &secrets);
    let truth = Truth::default();
    let judgement = judge(&outcome, &truth, &Scope::new(Method::B));
    let snapshot = full_snapshot(&outcome, &truth, &judgement, &SnapshotOptions::default());
    clean(&what("the snapshot"), snapshot.as_bytes(), &secrets);
    drop(engine);
    files_are_clean(folder.path(), &secrets);
    starred
}

/// The token that the simulator hands out, where it hands out any: the same request, the same token.
fn token(rig: &Rig, tool: Tool) -> Option<String> {
    if tool == Tool::Psa {
        return None;
    }
    let access = rig.rmm.simulator.access();
    let form = format!(
        "grant_type=password&username={}&password={}",
        access.credentials["api_key"], access.credentials["api_secret"]
    );
    let request = http::Request::post("/auth/oauth/token")
        .header("authorization", "Basic cHVibGljLWNsaWVudDpwdWJsaWM=")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .expect("a request");
    let reply = rig.rmm.simulator.handle(&request, epoch());
    let body: serde_json::Value =
        serde_json::from_slice(&reply.body_bytes()).expect("a token reply is JSON");
    let token = body["access_token"].as_str().expect("a token");
    Some(token.to_owned())
}

fn files_are_clean(folder: &Path, secrets: &[String]) {
    let mut files = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                let bytes = fs::read(&path).expect("a readable file");
                clean(&path.display().to_string(), &bytes, secrets);
            }
        }
    }
    assert!(files > 0, "no file was written");
}

#[test]
fn a_vendor_that_repeats_the_request_gives_nothing_away() {
    block_on(async {
        let mut starred = 0;
        // A success that cannot be read is quoted, too.
        for status in [200, 400, 401, 403, 404, 500] {
            let status = StatusCode::from_u16(status).expect("a status");
            for tool in [Tool::Psa, Tool::Rmm] {
                // Behind the door, the key or token is in every request.
                for spares in [&[][..], &["companyinfo.get", "auth.token"]] {
                    let rig = Rig::new(tenants::clean(3, 2), 50);
                    starred += u32::from(nothing_leaks(&rig, tool, status, spares).await);
                }
            }
        }
        // Otherwise there was nothing to hide.
        assert!(starred >= 8, "{starred} errors quote the request");
    });
}

const REFUSED: &str = "\
title: The vendors refuse
method: B
tenant:
  organizations:
    acme: { name: Acme Dental }
  devices:
    ws1: { organization: acme, name: ACME-WS1, serial: 5CG01234XY }
steps:
  - connect: { psa: {} }
  - sync: psa
  - fault: { in: psa, answer: { status: { code: 401 } } }
  - sync: { tool: psa, fails: vendor-unauthorized }
  - connect: { rmm: {} }
  - fault: { in: rmm, operation: auth.token, answer: { status: { code: 401 } } }
  - sync: rmm
expect:
  configurations: 73
";

/// Through the program: standard output in each form, standard error, and every file it keeps.
#[test]
fn a_run_in_which_nobody_is_let_in_shows_no_key() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("refused.yaml");
    fs::write(&script, REFUSED).expect("a file in it");
    let read = scenario::load(&script).expect("a script that is right");
    let world = read.tenant().into_world().expect("a tenant that is right");
    let all: Vec<String> = Vendor::ALL
        .iter()
        .flat_map(|vendor| secrets(&simulator(*vendor, &world, epoch()).access()))
        .collect();
    for format in ["human", "json", "junit"] {
        let arguments = ["run", "refused.yaml", "--keep", "kept", "--format", format];
        let Run {
            code,
            stdout,
            stderr,
        } = syncrig_in(folder.path(), arguments);
        assert_ne!(code, Some(0), "{stdout}");
        assert!(stdout.contains("vendor-unauthorized"), "{stdout}");
        clean("standard output", stdout.as_bytes(), &all);
        clean("standard error", stderr.as_bytes(), &all);
        files_are_clean(folder.path(), &all);
    }
}
