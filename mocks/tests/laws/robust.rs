//! Whatever comes, a reply goes back; and the same again gives the same again.

use bytes::Bytes;
use http::{Method, StatusCode};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use proptest::test_runner::TestRunner;
use syncrig_mocks::Request;
use syncrig_mocks::world::Kind;

use super::desk::{Desk, shown};
use super::habits::Habits;
use super::{cases, each};

#[test]
fn what_is_missing_is_said_to_be_missing() {
    each(|habits| {
        let desk = Desk::open(habits, 3, 3);
        for list in habits.lists() {
            let Some(kind) = list.kind else { continue };
            let some = desk.walk(&list, list.largest.min(50), |_| {});
            let some = some.first().expect("a record");
            let found = desk.send(habits.one(kind, some));
            assert!(
                found.status.is_success() && !habits.is_missing(&found),
                "{}: {}",
                list.name,
                shown(&found)
            );
            for nobody in [habits.nobody(), "no-id", "-1", "0x10", "%00"] {
                let reply = desk.send(habits.one(kind, nobody));
                let refused = reply.status.is_client_error();
                assert!(
                    habits.is_missing(&reply) || (nobody != habits.nobody() && refused),
                    "{}, `{nobody}`: {}",
                    list.name,
                    shown(&reply)
                );
            }
        }
    });
}

#[test]
fn what_is_badly_put_is_refused_in_the_vendor_s_form() {
    each(|habits| {
        let desk = Desk::open(habits, 3, 2);
        let malformed = habits.malformed();
        assert!(!malformed.is_empty());
        for request in malformed {
            let asked = format!("{} {}", request.method(), request.uri());
            let reply = desk.send(request);
            assert!(
                !reply.status.is_success(),
                "{asked} is taken: {}",
                shown(&reply)
            );
            assert!(habits.is_error(&reply), "{asked}: {}", shown(&reply));
        }
    });
}

#[test]
fn faults_have_the_vendor_s_form_too() {
    each(|habits| {
        let desk = Desk::open(habits, 3, 2);
        let lists = habits.lists();
        let request = (lists.first().expect("a list").first)(5);
        for status in [401, 403, 404, 429, 500, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            if let Some(reply) = desk.simulator.error_body(&request, status, desk.now()) {
                assert_eq!(reply.status, status);
                assert!(habits.is_error(&reply), "{}", shown(&reply));
            }
        }
    });
}

/// Requests that look like ones of the vendor's, and requests that look like nothing.
fn anything(habits: &dyn Habits) -> impl Strategy<Value = Request> + use<> {
    let mut paths: Vec<String> = Vec::new();
    for list in habits.lists() {
        paths.push((list.first)(list.largest.min(5)).uri().to_string());
        if let Some(kind) = list.kind {
            paths.push(habits.one(kind, habits.nobody()).uri().to_string());
        }
    }
    paths.extend(habits.malformed().iter().map(|it| it.uri().to_string()));
    let path = prop_oneof![
        4 => prop::sample::select(paths),
        1 => "/[a-zA-Z0-9/_.%-]{0,40}".prop_map(|path| path),
    ];
    let tail = prop_oneof![
        3 => Just(String::new()),
        2 => "[/?&][a-zA-Z0-9=&%'\"+{}\\[\\]<>._:, -]{0,40}".prop_map(|tail| {
            tail.replace([' ', '"', '<', '>', '{', '}'], "%7B")
        }),
    ];
    let method = prop::sample::select(vec![
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD",
    ]);
    let body = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
        3 => prop::sample::select(vec![
            "{}", "[]", "null", "[{}]", "{\"id\":1}", "[{\"id\":null}]", "{\"filter\":[{}]}", "\"x\"", "1e999",
            "[{\"op\":\"replace\",\"path\":\"/name\",\"value\":{}}]", "{\"name\":[[[[]]]]}", "a=b&c=%ff",
        ]).prop_map(|text| text.as_bytes().to_vec()),
    ];
    let kind = prop::sample::select(vec![
        "application/json",
        "application/x-www-form-urlencoded",
        "application/json-patch+json",
        "text/xml",
        "",
    ]);
    (method, path, tail, body, kind).prop_map(|(method, path, tail, body, kind)| {
        let uri = format!("{path}{tail}");
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = method.parse().unwrap_or(Method::GET);
        if let Ok(uri) = uri.parse() {
            *request.uri_mut() = uri;
        }
        for (name, value) in [("content-type", kind), ("host", "vendor.test")] {
            let value = http::HeaderValue::from_static(value);
            request.headers_mut().insert(name, value);
        }
        request
    })
}

#[test]
fn whatever_comes_a_reply_goes_back() {
    each(|habits| {
        let desk = Desk::open(habits, 5, 3);
        let mut runner = TestRunner::new(cases(120));
        runner
            .run(&anything(habits), |request| {
                let reply = desk.send(request.clone());
                assert!(
                    reply.status != StatusCode::NOT_IMPLEMENTED && reply.status.as_u16() < 600,
                    "{request:?}: {}",
                    shown(&reply)
                );
                if let Some(operation) = desk.simulator.operation(&request) {
                    assert!(
                        operation == reply.operation || !reply.status.is_success(),
                        "{request:?} was to be answered by {operation}, and was by {}",
                        reply.operation
                    );
                }
                Ok(())
            })
            .unwrap();
        // Nothing of it has broken what stands here.
        for list in habits.lists() {
            desk.walk(&list, list.largest.min(50), |_| {});
        }
    });
}

#[test]
fn the_same_seed_and_requests_give_the_same_bytes() {
    each(|habits| {
        let tell = || {
            let desk = Desk::open(habits, 11, 3);
            let mut bytes = Vec::new();
            for list in habits.lists() {
                let reply = desk.send((list.first)(list.largest.min(50)));
                bytes.extend_from_slice(&reply.body_bytes());
                desk.later(1);
            }
            for kind in [Kind::Organization, Kind::Device] {
                bytes.extend(format!("{:?}", desk.standing(kind)).into_bytes());
            }
            bytes
        };
        assert_eq!(tell(), tell());
    });
}
