//! Getting in, and staying in.

use std::collections::BTreeMap;

use http::StatusCode;

use super::desk::{Desk, shown};
use super::each;
use super::habits::{Habits, Lifetime, Session, get};

/// The first page of the first list.
fn knock(desk: &Desk<'_>) -> syncrig_mocks::Request {
    let lists = desk.habits.lists();
    let list = lists.first().expect("a vendor has a list");
    (list.first)(list.largest.min(5))
}

fn is_refusal(habits: &dyn Habits, reply: &syncrig_mocks::Reply) {
    let refused = matches!(
        reply.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    assert!(refused, "let in: {}", shown(reply));
    assert!(
        habits.is_error(reply),
        "no error of the vendor's: {}",
        shown(reply)
    );
}

#[test]
fn nobody_comes_in_without_credentials() {
    each(|habits| {
        let desk = Desk::outside(habits, 3, 2);
        is_refusal(habits, &desk.raw(&knock(&desk)));
    });
}

#[test]
fn wrong_credentials_are_refused_one_by_one() {
    each(|habits| {
        let desk = Desk::outside(habits, 3, 2);
        let access = desk.simulator.access();
        let mut wrong = access.credentials.clone();
        let known = wrong.insert(habits.secret().to_owned(), "0".repeat(24));
        assert!(
            known.is_some(),
            "there is no credential {}",
            habits.secret()
        );
        match habits.login(&desk, &wrong) {
            // At the login: OAuth has 400 for it.
            Err(reply) => assert!(reply.status.is_client_error(), "{}", shown(&reply)),
            Ok(session) => {
                let mut request = knock(&desk);
                habits.sign(&session, &mut request, desk.now());
                is_refusal(habits, &desk.raw(&request));
            }
        }
        // The right ones still open afterwards.
        desk.log_in();
        assert!(desk.send(knock(&desk)).status.is_success());
    });
}

#[test]
fn a_session_ends_when_it_should_and_a_new_login_opens_again() {
    each(|habits| {
        let desk = Desk::open(habits, 3, 2);
        match habits.lifetime() {
            Lifetime::Seconds(seconds) => {
                desk.later(seconds - 1);
                assert!(desk.send(knock(&desk)).status.is_success());
                desk.later(1);
                is_refusal(habits, &desk.send(knock(&desk)));
                desk.log_in();
                assert!(desk.send(knock(&desk)).status.is_success());
            }
            Lifetime::Sliding { idle_s, most_s } => {
                // Its use keeps it alive, and not beyond its end.
                let mut left = most_s;
                while left >= idle_s {
                    desk.later(idle_s - 1);
                    left -= idle_s - 1;
                    assert!(desk.send(knock(&desk)).status.is_success());
                }
                desk.later(left);
                is_refusal(habits, &desk.send(knock(&desk)));
                desk.log_in();
                assert!(desk.send(knock(&desk)).status.is_success());
                desk.later(idle_s);
                is_refusal(habits, &desk.send(knock(&desk)));
            }
            Lifetime::Endless(reason) => {
                assert!(!reason.is_empty());
                desk.later(10 * 365 * 86_400);
                assert!(desk.send(knock(&desk)).status.is_success());
            }
        }
    });
}

#[test]
fn what_is_no_credential_at_all_is_refused_without_harm() {
    each(|habits| {
        let desk = Desk::outside(habits, 3, 2);
        for text in [
            "",
            "Basic",
            "Bearer ",
            "Basic %%%",
            "TSI eA==",
            "Bearer \u{7f}",
            "ü",
        ] {
            let mut request = knock(&desk);
            let Ok(value) = http::HeaderValue::from_bytes(text.as_bytes()) else {
                continue;
            };
            let headers = BTreeMap::from([("authorization", value)]);
            let mut session = Session::default();
            for (name, value) in headers {
                session.headers.insert(name, value);
            }
            request.headers_mut().extend(session.headers);
            is_refusal(habits, &desk.raw(&request));
        }
        let reply = desk.raw(&get("/no/such/route"));
        assert!(reply.status.is_client_error(), "{}", shown(&reply));
    });
}
