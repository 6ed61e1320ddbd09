//! Retries, waits, tokens and secrets, in simulated time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::{BoxFuture, FutureExt, join_all, ready};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use super::{Auth, Call, Client, ClientSetup, Token, TokenSource, basic, sensitive};
use crate::connectors::testing::{Answer, Scripted, Sent, clock, json, reply};
use crate::connectors::{ConnectorError, ErrorKind, Result};
use crate::transport::{
    BaseUrl, Clock, RequestLimit, RetryPolicy, Secret, SimulatedClock, TransportError,
};

const KEY: &str = "hunter2-key";

struct Rig {
    clock: Arc<SimulatedClock>,
    wire: Arc<Scripted>,
    client: Client,
}

impl Rig {
    fn new(script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static) -> Self {
        let (header, encoded) = basic("user", KEY);
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, header)]);
        Self::with(script, |setup| {
            setup.auth = Auth::Headers(headers);
            setup.secrets.push(encoded);
        })
    }

    fn with(
        script: impl Fn(usize, &Sent) -> Answer + Send + Sync + 'static,
        change: impl FnOnce(&mut ClientSetup),
    ) -> Self {
        let clock = clock();
        let wire = Scripted::new(&clock, script);
        let mut setup = ClientSetup {
            vendor: "test-vendor",
            base: BaseUrl::parse("http://vendor.example:81").unwrap(),
            headers: HeaderMap::new(),
            auth: Auth::Headers(HeaderMap::new()),
            secrets: vec![Secret::new(KEY)],
            retry: RetryPolicy::default(),
            block_ms: Some(300_000),
            limit: None,
            transport: Arc::clone(&wire) as _,
            clock: Arc::clone(&clock) as _,
            seed: 7,
        };
        change(&mut setup);
        Self {
            clock,
            wire,
            client: Client::new(setup),
        }
    }

    async fn get(&self) -> Result<String> {
        let uri = self.client.uri("things.list", "/things?page=1")?;
        let reply = self.client.send(&Call::get("things.list", uri)).await?;
        Ok(String::from_utf8_lossy(reply.body()).into_owned())
    }

    async fn post(&self) -> Result<()> {
        let uri = self.client.uri("things.create", "/things")?;
        let call = Call::post("things.create", uri, "application/json", "{}");
        self.client.send(&call).await.map(|_| ())
    }

    async fn get_error(&self) -> ErrorKind {
        let error = self.get().await.unwrap_err();
        assert_eq!(
            (error.vendor, error.operation),
            ("test-vendor", "things.list")
        );
        error.kind
    }

    /// Milliseconds between the requests.
    fn gaps(&self) -> Vec<i64> {
        let times = self.wire.times();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

fn broken() -> Answer {
    Err(TransportError::Broken {
        host: "vendor.example:81".to_owned(),
        reason: "reset".to_owned(),
    })
}

fn no_connection() -> Answer {
    Err(TransportError::Connect {
        host: "vendor.example:81".to_owned(),
        reason: "refused".to_owned(),
    })
}

#[tokio::test]
async fn reads_are_repeated_after_5xx_and_broken_connections() {
    let rig = Rig::new(|number, _| match number {
        0 => json(500, r#"{"message":"x"}"#),
        1 => broken(),
        2 => json(504, ""),
        _ => json(200, "done"),
    });
    assert_eq!(rig.get().await.unwrap(), "done");
    let gaps = rig.gaps();
    assert_eq!(gaps.len(), 3);
    for (gap, full) in gaps.iter().zip([500, 1_000, 2_000]) {
        assert!((full / 2..=full).contains(gap), "{gaps:?}");
    }
    let stats = rig.client.stats().total();
    assert_eq!((stats.requests, stats.retries), (4, 3));
    assert_eq!(stats.bytes, 15 + 4);
    assert_eq!(stats.waited_ms, gaps.iter().sum::<i64>().unsigned_abs());
}

#[tokio::test]
async fn waits_come_from_the_seed() {
    async fn waits(seed: u64) -> Vec<i64> {
        let rig = Rig::with(|_, _| json(503, ""), |setup| setup.seed = seed);
        rig.get().await.unwrap_err();
        rig.gaps()
    }
    assert_eq!(waits(1).await, waits(1).await);
    assert_ne!(waits(1).await, waits(2).await);
}

#[tokio::test]
async fn attempts_are_bounded() {
    let rig = Rig::new(|_, _| json(503, r#"{"message":"down"}"#));
    let expected = ErrorKind::Status {
        status: 503,
        attempts: 5,
        message: "down".to_owned(),
    };
    assert_eq!(rig.get_error().await, expected);
    assert_eq!(rig.wire.times().len(), 5);

    let rig = Rig::with(
        |_, _| no_connection(),
        |setup| setup.retry = RetryPolicy::never(),
    );
    assert!(matches!(rig.get_error().await, ErrorKind::Transport(_)));
    assert_eq!(rig.wire.times().len(), 1);
}

#[tokio::test]
async fn retry_after_is_kept_to_in_seconds_and_as_a_date() {
    let rig = Rig::new(|number, _| match number {
        0 => reply(429, &[("retry-after", "30")], "slow down"),
        1 => reply(429, &[("Retry-After", "Sun, 01 Jun 2025 00:01:10 GMT")], ""),
        2 => reply(429, &[], ""),
        _ => json(200, "done"),
    });
    rig.get().await.unwrap();
    assert_eq!(rig.gaps(), [30_000, 40_000, 30_000]);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let rig = Rig::new(|_, _| reply(429, &[("retry-after", "3600")], ""));
    assert_eq!(
        rig.get_error().await,
        ErrorKind::RateLimited { attempts: 1 }
    );
    let rig = Rig::new(|_, _| reply(503, &[("retry-after", "250")], ""));
    let error = rig.get_error().await;
    assert!(
        matches!(error, ErrorKind::Status { attempts: 3, .. }),
        "{error:?}"
    );
    assert_eq!(rig.gaps(), [250_000, 250_000]);
}

#[tokio::test]
async fn writes_are_repeated_only_when_they_did_nothing() {
    for (answer, requests) in [
        (json as fn(u16, &'static str) -> Answer, 1),
        (|_, _| broken(), 1),
        (|_, _| no_connection(), 2),
        (|_, _| reply(429, &[("retry-after", "1")], ""), 2),
    ] {
        let rig = Rig::new(move |number, _| match number {
            0 => answer(500, ""),
            _ => json(201, ""),
        });
        let outcome = rig.post().await;
        assert_eq!(outcome.is_ok(), requests == 2, "{outcome:?}");
        assert_eq!(rig.wire.times().len(), requests);
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let block = r#"{"message":"Your IP has been temporarily Blocked"}"#;
    for (status, body, expected) in [
        (401, r#"{"message":"no"}"#, "vendor-unauthorized"),
        (403, r#"{"message":"no"}"#, "vendor-forbidden"),
        (404, "", "vendor-not-found"),
        (302, "", "vendor-status"),
        (409, "", "vendor-status"),
        (403, block, "vendor-rate-limited"),
    ] {
        let rig = Rig::with(
            move |_, _| json(status, body),
            |setup| setup.retry = RetryPolicy::never(),
        );
        assert_eq!(rig.get_error().await.code(), expected, "{status} {body}");
    }
    // A block passes; nothing else of these is tried again.
    let rig = Rig::new(move |number, _| match number {
        0 => reply(403, &[], block),
        _ => json(200, ""),
    });
    rig.get().await.unwrap();
    assert_eq!(rig.gaps(), [300_000]);
    let rig = Rig::new(|_, _| json(403, ""));
    rig.get().await.unwrap_err();
    assert_eq!(rig.wire.times().len(), 1);
}

/// Lets the others run before it moves on, so that calls really stand beside each other.
#[derive(Debug)]
struct Yielding(Arc<SimulatedClock>);

impl Clock for Yielding {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        async move {
            tokio::task::yield_now().await;
            self.0.advance_to(deadline);
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_pause_holds_for_every_call() {
    let rig = Rig::with(
        |number, _| match number {
            0 => reply(429, &[("retry-after", "20")], ""),
            _ => json(200, ""),
        },
        |setup| {
            let inner = Arc::new(SimulatedClock::new(setup.clock.now()));
            setup.clock = Arc::new(Yielding(inner));
        },
    );
    let (first, second) = tokio::join!(rig.get(), rig.get());
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(rig.wire.times().len(), 3);
    let stats = rig.client.stats().total();
    // Both waited out the pause: the one that was told and the one that was not.
    assert_eq!((stats.retries, stats.waited_ms), (1, 40_000));
}

#[tokio::test]
async fn the_limit_holds_in_any_window() {
    let rig = Rig::with(
        |_, _| json(200, ""),
        |setup| {
            setup.limit = Some(RequestLimit {
                requests: 10,
                window_ms: 1_000,
            });
        },
    );
    let calls = (0..95).map(|_| rig.get());
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    let times = rig.wire.times();
    assert_eq!(times.len(), 95);
    for from in &times {
        let inside = times
            .iter()
            .filter(|time| (*from..=from + 1_000).contains(time));
        assert!(inside.count() <= 10, "{times:?}");
    }
    assert!(rig.client.stats().total().waited_ms > 0);
}

/// Hands out `token-1`, `token-2` and so on.
#[derive(Default)]
struct Counter {
    fetched: Arc<AtomicU32>,
    life_s: i64,
}

impl TokenSource for Counter {
    fn fetch<'a>(&'a self, client: &'a Client) -> BoxFuture<'a, Result<Token>> {
        let text = format!("token-{}", self.fetched.fetch_add(1, Ordering::AcqRel) + 1);
        ready(Ok(Token {
            header: sensitive(&format!("Bearer {text}")).unwrap(),
            text: Secret::new(text),
            expires_at: client.now() + SignedDuration::from_secs(self.life_s),
        }))
        .boxed()
    }
}

fn token_rig(accepted: &'static str, life_s: i64) -> (Rig, Arc<AtomicU32>) {
    let source = Counter {
        life_s,
        ..Counter::default()
    };
    let fetched = Arc::clone(&source.fetched);
    let rig = Rig::with(
        move |_, sent| {
            let token = sent.headers["authorization"].to_str().unwrap();
            if token == accepted {
                json(200, "in")
            } else {
                json(401, format!(r#"{{"message":"{token} is not known"}}"#))
            }
        },
        |setup| setup.auth = Auth::bearer(source),
    );
    (rig, fetched)
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_all() {
    let (rig, fetched) = token_rig("Bearer token-2", 3_600);
    let calls = (0..8).map(|_| rig.get());
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(fetched.load(Ordering::Acquire), 2);
    rig.get().await.unwrap();
    assert_eq!(fetched.load(Ordering::Acquire), 2);
}

#[tokio::test]
async fn a_second_refusal_is_final_and_does_not_show_the_token() {
    let (rig, fetched) = token_rig("Bearer never", 3_600);
    let error = rig.get().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "test-vendor, things.list: the credentials were refused (401): Bearer *** is not known"
    );
    assert_eq!(fetched.load(Ordering::Acquire), 2);
    assert_eq!(rig.wire.times().len(), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let (rig, fetched) = token_rig("Bearer token-1", 3_600);
    rig.get().await.unwrap();
    rig.clock.advance(3_539_000);
    rig.get().await.unwrap();
    assert_eq!(fetched.load(Ordering::Acquire), 1);
    rig.clock.advance(1_000);
    rig.get().await.unwrap_err();
    assert!(fetched.load(Ordering::Acquire) > 1);
}

#[tokio::test]
async fn a_token_that_ends_while_a_call_waits_for_its_turn_is_not_sent() {
    let source = Counter {
        life_s: 1_200,
        ..Counter::default()
    };
    let fetched = Arc::clone(&source.fetched);
    let rig = Rig::with(
        |_, _| json(200, "in"),
        |setup| {
            setup.auth = Auth::bearer(source);
            setup.limit = Some(RequestLimit {
                requests: 1,
                window_ms: 3_600_000,
            });
        },
    );
    for _ in 0..2 {
        rig.get().await.unwrap();
    }
    let sent = rig.wire.sent.lock().unwrap();
    let tokens: Vec<&str> = sent
        .iter()
        .map(|sent| sent.headers["authorization"].to_str().unwrap())
        .collect();
    assert_eq!(fetched.load(Ordering::Relaxed), 2);
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn neither_errors_nor_debug_show_a_secret() {
    let encoded = basic("user", KEY).1;
    let echo = format!("you sent {KEY} and {}{}", encoded.expose(), "x".repeat(300));
    let rig = Rig::new(move |_, sent| {
        assert_eq!(
            sent.headers["authorization"],
            format!("Basic {}", encoded.expose())
        );
        reply(400, &[], echo.clone())
    });
    let error: ConnectorError = rig.get().await.unwrap_err();
    let shown = format!(
        "{error} {error:?} {:?} {:?}",
        rig.client,
        rig.wire.sent.lock().unwrap()[0].headers
    );
    assert!(shown.contains("you sent *** and ***"), "{shown}");
    let encoded = basic("user", KEY).1;
    for secret in [KEY, encoded.expose()] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let ErrorKind::Status { message, .. } = error.kind else {
        panic!("{error:?}");
    };
    assert!(
        message.chars().count() <= 200 && message.ends_with('…'),
        "{message}"
    );
}

#[tokio::test]
async fn links_to_other_hosts_are_refused() {
    let rig = Rig::new(|_, _| json(200, ""));
    let from = rig.client.uri("things.list", "/things?max=5").unwrap();
    let next = rig.client.follow("things.list", &from, "?page=2", &["max"]);
    assert_eq!(
        next.unwrap(),
        "http://vendor.example:81/things?page=2&max=5"
    );
    let foreign = rig
        .client
        .follow("things.list", &from, "http://evil.example/things", &[]);
    let host = "http://evil.example".to_owned();
    assert_eq!(foreign.unwrap_err().kind, ErrorKind::ForeignLink { host });
    assert_eq!(rig.wire.times().len(), 0);
    assert!(rig.clock.now() > Timestamp::UNIX_EPOCH);
}

#[tokio::test]
async fn a_server_error_that_is_a_refusal_is_not_repeated() {
    for (body, requests) in [("no", 1), ("busy", 5)] {
        let rig = Rig::new(move |_, _| reply(500, &[], body));
        let uri = rig.client.uri("things.list", "/things").unwrap();
        let call = Call::get("things.list", uri).refused_by(|reply| reply.body() == "no");
        let error = rig.client.send(&call).await.unwrap_err();
        let attempts = requests;
        let message = body.to_owned();
        let kind = ErrorKind::Status {
            status: 500,
            attempts,
            message,
        };
        assert_eq!(error.kind, kind);
        assert_eq!(rig.wire.times().len(), requests as usize);
    }
}
