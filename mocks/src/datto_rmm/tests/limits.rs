//! Request limits on a clock made by hand.

use super::*;

fn limited() -> Rig {
    let rig = Rig::new(&records());
    rig.datto.set_limits(true);
    rig
}

/// So many reads at one moment; the last reply.
fn reads(rig: &Rig, count: usize, now: Timestamp) -> Reply {
    let mut last = None;
    for _ in 0..count {
        last = Some(rig.send(Method::GET, "/api/v2/system/pagination", "", now));
    }
    last.unwrap()
}

#[test]
fn off_until_switched_on() {
    let rig = Rig::new(&records());
    let last = reads(&rig, 2_000, start());
    assert_eq!((last.status.as_u16(), last.delay_ms), (200, 0));
    // Switching on starts anew.
    rig.datto.set_limits(true);
    assert_eq!(reads(&rig, 1, start()).delay_ms, 0);
}

#[test]
fn slow_from_ninety_percent_refused_above_all_blocked_when_it_goes_on() {
    let rig = limited();
    let reply = reads(&rig, 539, start());
    assert_eq!((reply.status.as_u16(), reply.delay_ms), (200, 0));
    let reply = reads(&rig, 1, start());
    assert_eq!((reply.status.as_u16(), reply.delay_ms), (200, 1_000));
    let reply = reads(&rig, 60, start());
    assert_eq!((reply.status.as_u16(), reply.delay_ms), (200, 1_000));
    let reply = reads(&rig, 1, start());
    assert_eq!(reply.status, 429);
    assert_eq!(json(&reply)["error"], "Too Many Requests");
    assert!(reply.headers.get("retry-after").is_none());
    assert_eq!(reads(&rig, 58, start()).status, 429);
    let block = reads(&rig, 1, start());
    assert_eq!(block.status, 403);
    assert_eq!(block.headers["content-type"], "text/html");
    // The block is on the address: tokens and status are refused too.
    let minutes = |n: i64| after(n * 60_000);
    let request = token_request(&rig.datto, BASIC);
    assert_eq!(rig.datto.handle(&request, minutes(4)).status, 403);
    assert_eq!(reads(&rig, 1, after(299_999)).status, 403);
    assert_eq!(reads(&rig, 1, minutes(5)).status, 200);
}

#[test]
fn the_window_rolls() {
    let rig = limited();
    reads(&rig, 300, start());
    assert_eq!(reads(&rig, 301, after(30_000)).status, 429);
    // The first half is out after a minute, the second is not.
    let reply = reads(&rig, 1, after(60_000));
    assert_eq!((reply.status.as_u16(), reply.delay_ms), (200, 0));
    assert_eq!(reads(&rig, 237, after(60_000)).delay_ms, 0);
    assert_eq!(reads(&rig, 1, after(60_000)).delay_ms, 1_000);
}

#[test]
fn writes_have_quotas_of_their_own() {
    let rig = limited();
    let create = || rig.write(Method::PUT, "/api/v2/site", r#"{"name": "x"}"#);
    let mut replies: Vec<Reply> = (0..101).map(|_| create()).collect();
    let refused = replies.pop().unwrap();
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!((replies[88].delay_ms, replies[89].delay_ms), (0, 1_000));
    assert_eq!(refused.status, 429);
    // What was refused was not done.
    assert_eq!(rig.datto.counts()["sites"], 105);
    // Reads and other writes go on.
    assert_eq!(rig.status("/api/v2/account"), 200);
    let udf = format!("/api/v2/device/{}/udf", rig.uid("lt07"));
    assert_eq!(rig.write(Method::POST, &udf, "{}").status, 200);
}

#[test]
fn the_rate_endpoint_tells_the_counters() {
    let rig = Rig::new(&records());
    reads(&rig, 36, start());
    rig.write(Method::PUT, "/api/v2/site", r#"{"name": "x"}"#);
    let rate = rig.get("/api/v2/system/request_rate");
    assert_eq!(rate["slidingTimeWindowSizeSeconds"], 60);
    assert_eq!(rate["accountUid"], rig.get("/api/v2/account")["uid"]);
    assert_eq!(
        (&rate["accountCount"], &rate["accountRateLimit"]),
        (&37.into(), &600.into())
    );
    assert_eq!(rate["accountCutOffRatio"], 0.9);
    assert_eq!(
        (&rate["accountWriteCount"], &rate["accountWriteRateLimit"]),
        (&1.into(), &600.into())
    );
    let operations = &rate["operationWriteStatus"];
    assert_eq!(
        operations["device-udf-set"],
        serde_json::json!({"limit": 600, "count": 0})
    );
    assert_eq!(
        operations["site-create"],
        serde_json::json!({"limit": 100, "count": 1})
    );
}

#[test]
fn what_is_not_authorized_is_not_counted() {
    let rig = limited();
    let request = http::Request::get("/api/v2/account")
        .body(Bytes::new())
        .unwrap();
    for _ in 0..1_000 {
        assert_eq!(rig.datto.handle(&request, start()).status, 401);
    }
    assert_eq!(rig.get("/api/v2/system/request_rate")["accountCount"], 1);
}
