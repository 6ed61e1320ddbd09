//! Each fault over a simulator that lists numbers and counts writes.

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;

use super::*;
use crate::front::FaultRule;

#[derive(Default)]
struct Numbers {
    writes: AtomicU32,
    /// Keeps its operations to itself until it has answered.
    silent: bool,
}

impl Simulator for Numbers {
    fn vendor(&self) -> Vendor {
        Vendor::DattoRmm
    }

    fn handle(&self, request: &Request, _now: Timestamp) -> Reply {
        let operation = name(request);
        if request.method() == Method::POST {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        let body = match request.uri().query() {
            Some(page) => format!(r#"[{{"id":1,"page":"{page}"}},{{"id":2,"page":"{page}"}}]"#),
            None => r#"{"id":1}"#.to_owned(),
        };
        Reply::with_body(operation, StatusCode::OK, "application/json", body)
    }

    fn operation(&self, request: &Request) -> Option<&'static str> {
        (!self.silent).then(|| name(request))
    }

    fn error_body(&self, _request: &Request, status: StatusCode, _now: Timestamp) -> Option<Reply> {
        (status == StatusCode::NOT_FOUND)
            .then(|| Reply::with_body("", status, "application/json", "\"own\""))
    }

    fn apply(&self, _change: &Change, _now: Timestamp) -> Result<(), ChangeError> {
        Ok(())
    }

    fn truth(&self) -> Vec<TruthRow> {
        Vec::new()
    }

    fn access(&self) -> Access {
        Access::default()
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }

    fn set_limits(&self, _on: bool) {}
}

fn name(request: &Request) -> &'static str {
    match (request.method(), request.uri().path()) {
        (&Method::POST, _) => "numbers.create",
        (_, "/numbers") => "numbers.list",
        _ => "other.list",
    }
}

struct Rig {
    numbers: Arc<Numbers>,
    faulty: Faulty,
}

fn rig(silent: bool) -> Rig {
    let numbers = Arc::new(Numbers {
        silent,
        ..Numbers::default()
    });
    let inner: Arc<dyn Simulator> = Arc::clone(&numbers) as Arc<dyn Simulator>;
    Rig {
        numbers,
        faulty: Faulty::new(inner, Arc::new(Faults::new())),
    }
}

impl Rig {
    fn with(rule: FaultRule) -> Self {
        let rig = rig(false);
        rig.faulty.faults().add(rule);
        rig
    }

    fn get(&self, uri: &str) -> Reply {
        let request = http::Request::get(uri).body(Bytes::new()).unwrap();
        self.faulty.handle(&request, Timestamp::UNIX_EPOCH)
    }

    fn post(&self) -> Reply {
        let request = http::Request::post("/numbers").body(Bytes::new()).unwrap();
        self.faulty.handle(&request, Timestamp::UNIX_EPOCH)
    }

    fn writes(&self) -> u32 {
        self.numbers.writes.load(Ordering::Relaxed)
    }

    fn fired(&self) -> u32 {
        self.faulty.faults().fired().iter().map(|(_, n)| n).sum()
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body_bytes().to_vec()).unwrap()
}

fn status(code: u16) -> Fault {
    Fault::Status {
        code,
        retry_after_s: None,
    }
}

#[test]
fn skips_then_fires_so_often_and_only_on_its_operation() {
    let rig = Rig::with(
        FaultRule::new(status(500))
            .on("numbers.*")
            .after(1)
            .times(2),
    );
    let codes: Vec<u16> = (0..5)
        .map(|_| rig.get("/numbers?0").status.as_u16())
        .collect();
    assert_eq!(codes, [200, 500, 500, 200, 200]);
    let rig = Rig::with(FaultRule::new(status(500)).on("numbers.list"));
    assert_eq!(rig.get("/other?0").status, 200);
    assert_eq!(rig.get("/numbers?0").status, 500);
}

#[test]
fn a_status_keeps_the_write_from_happening_and_names_the_operation() {
    let rig = Rig::with(FaultRule::new(Fault::Status {
        code: 429,
        retry_after_s: Some(30),
    }));
    let reply = rig.post();
    assert_eq!((reply.status.as_u16(), rig.writes()), (429, 0));
    assert_eq!(reply.headers[RETRY_AFTER], "30");
    assert_eq!(reply.operation, "numbers.create");
    assert_eq!(text(&reply), r#"{"message":"Too Many Requests"}"#);
}

#[test]
fn the_vendor_words_its_own_errors() {
    let rig = Rig::with(FaultRule::new(status(404)));
    let reply = rig.get("/numbers?0");
    assert_eq!(
        (text(&reply).as_str(), reply.operation),
        ("\"own\"", "numbers.list")
    );
}

#[test]
fn html_is_an_error_page() {
    let rig = Rig::with(FaultRule::new(Fault::Html { code: 502 }));
    let reply = rig.post();
    assert_eq!(reply.headers[CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(text(&reply).contains("502 Bad Gateway"));
    assert_eq!(rig.writes(), 0);
}

#[test]
fn empty_truncated_and_late_answers_come_after_the_write() {
    for (fault, body, delay_ms) in [
        (Fault::Empty, "", 0),
        (Fault::Truncate, "{\"id", 0),
        (Fault::Delay { ms: 70 }, "{\"id\":1}", 70),
    ] {
        let rig = Rig::with(FaultRule::new(fault));
        let reply = rig.post();
        assert_eq!(
            (text(&reply).as_str(), reply.delay_ms, rig.writes()),
            (body, delay_ms, 1)
        );
        assert!(!reply.dropped);
    }
}

#[test]
fn drops_with_and_without_the_write() {
    for (fault, writes) in [(Fault::Reset, 0), (Fault::CommitThenDrop, 1)] {
        let rig = Rig::with(FaultRule::new(fault));
        assert!(rig.post().dropped);
        assert_eq!(rig.writes(), writes);
    }
}

#[test]
fn a_simulator_that_cannot_say_beforehand_is_asked_first() {
    let rig = rig(true);
    rig.faulty
        .faults()
        .add(FaultRule::new(status(500)).on("numbers.create"));
    assert_eq!(rig.post().status, 500);
    assert_eq!(rig.writes(), 1);
}

#[test]
fn edits_one_record_and_waits_for_one_that_has_the_field() {
    let rig = Rig::with(
        FaultRule::new(Fault::RetypeField {
            field: "page".to_owned(),
            value: Some(serde_json::json!(7)),
            record: 1,
        })
        .times(1),
    );
    // A single record has no record 1, so the rule is still to come.
    assert_eq!(text(&rig.get("/numbers")), r#"{"id":1}"#);
    assert_eq!(rig.fired(), 0);
    assert_eq!(
        text(&rig.get("/numbers?a")),
        r#"[{"id":1,"page":"a"},{"id":2,"page":7}]"#
    );
    assert_eq!(
        text(&rig.get("/numbers?b")),
        r#"[{"id":1,"page":"b"},{"id":2,"page":"b"}]"#
    );
    assert_eq!(rig.fired(), 1);
}

#[test]
fn repeats_the_page_before_on_the_same_path() {
    let rig = Rig::with(
        FaultRule::new(Fault::RepeatPage)
            .on("numbers.list")
            .times(2),
    );
    let page = |query: &str| text(&rig.get(&format!("/numbers?{query}")));
    assert!(page("0").contains("\"page\":\"0\""));
    rig.get("/other?x");
    // Asking for the same page again has no page before it.
    assert!(page("0").contains("\"page\":\"0\""));
    assert_eq!(rig.fired(), 0);
    assert!(page("1").contains("\"page\":\"0\""));
    assert!(page("1").contains("\"page\":\"0\""));
    assert!(page("1").contains("\"page\":\"1\""));
    assert_eq!(rig.fired(), 2);
}

#[test]
fn a_guard_takes_its_rule_away_and_clear_takes_all() {
    let rig = rig(false);
    let faults = Arc::clone(rig.faulty.faults());
    faults.add(FaultRule::new(status(503)).on("other.list"));
    let guard = faults.scoped(FaultRule::new(status(500)));
    assert_eq!(rig.get("/numbers?0").status, 500);
    drop(guard);
    assert_eq!(rig.get("/numbers?0").status, 200);
    assert_eq!(rig.get("/other?0").status, 503);
    faults.clear();
    assert_eq!(rig.get("/other?0").status, 200);
}

#[test]
fn the_first_rule_in_turn_answers_alone() {
    let rig = rig(false);
    let faults = rig.faulty.faults();
    faults.add(FaultRule::new(status(500)).times(1));
    faults.add(FaultRule::new(status(503)).times(1));
    let codes: Vec<u16> = (0..3)
        .map(|_| rig.get("/numbers?0").status.as_u16())
        .collect();
    assert_eq!(codes, [500, 503, 200]);
}

#[test]
fn rules_read_and_write_as_a_script_has_them() {
    for (text, rule) in [
        (r#"{"answer":"empty"}"#, FaultRule::new(Fault::Empty)),
        (
            r#"{"operation":"devices.*","skip":1,"times":2,"answer":{"status":{"code":500,"retry_after_s":30}}}"#,
            FaultRule::new(Fault::Status {
                code: 500,
                retry_after_s: Some(30),
            })
            .on("devices.*")
            .after(1)
            .times(2),
        ),
        (
            r#"{"answer":{"retype_field":{"field":"a.b","value":null,"record":2}}}"#,
            FaultRule::new(Fault::RetypeField {
                field: "a.b".to_owned(),
                value: Some(serde_json::Value::Null),
                record: 2,
            }),
        ),
        (
            r#"{"answer":{"retype_field":{"field":"a"}}}"#,
            FaultRule::new(Fault::RetypeField {
                field: "a".to_owned(),
                value: None,
                record: 0,
            }),
        ),
        (
            r#"{"answer":"commit_then_drop"}"#,
            FaultRule::new(Fault::CommitThenDrop),
        ),
    ] {
        assert_eq!(serde_json::from_str::<FaultRule>(text).unwrap(), rule);
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        assert_eq!(serde_saphyr::from_str::<FaultRule>(text).unwrap(), rule);
    }
    for wrong in [
        r#"{"answer":"emty"}"#,
        r#"{"answer":"empty","often":1}"#,
        r#"{"answer":{"status":{"code":99}}}"#,
        r#"{"answer":{"status":{"code":500,"body":"x"}}}"#,
        r#"{"operation":"x"}"#,
    ] {
        assert!(serde_json::from_str::<FaultRule>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_schema_asks_only_for_what_has_no_default() {
    let schema = serde_json::to_value(schemars::schema_for!(FaultRule)).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["answer"]));
    assert_eq!(schema["additionalProperties"], false);
    let kinds = schema["$defs"]["Fault"]["oneOf"].as_array().unwrap();
    let retype = kinds
        .iter()
        .find_map(|kind| kind["properties"].get("retype_field"))
        .unwrap();
    assert_eq!(retype["required"], serde_json::json!(["field"]));
    assert_eq!(retype["additionalProperties"], false);
}
