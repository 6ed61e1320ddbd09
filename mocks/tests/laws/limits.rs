//! Too many requests.

use http::header::RETRY_AFTER;

use super::desk::{Desk, shown};
use super::each;

#[test]
fn the_limit_holds_when_it_is_on_and_lets_go_after_its_window() {
    each(|habits| {
        let limit = match habits.limit() {
            Ok(limit) => limit,
            Err(reason) => return assert!(!reason.is_empty()),
        };
        let desk = Desk::open(habits, 3, 2);
        let lists = habits.lists();
        let list = lists.first().expect("a vendor has a list");
        let ask = || desk.send((list.first)(list.largest.min(5)));
        for _ in 0..=limit.requests {
            let reply = ask();
            assert!(
                !(limit.refused)(&reply),
                "refused without a limit: {}",
                shown(&reply)
            );
        }
        desk.later(limit.window_s.max(limit.recovers_s) + 1);
        desk.log_in();
        desk.simulator.set_limits(true);
        let mut allowed = 0;
        let refusal = loop {
            let reply = ask();
            if (limit.refused)(&reply) {
                break reply;
            }
            allowed += 1;
            assert!(
                allowed <= limit.requests,
                "no limit after {allowed} requests"
            );
        };
        // Logging in may count, and slow-downs come before refusals.
        assert!(
            allowed + 2 >= limit.requests * 4 / 10,
            "refused after {allowed} of {} requests: {}",
            limit.requests,
            shown(&refusal)
        );
        assert_eq!(refusal.headers.contains_key(RETRY_AFTER), limit.retry_after);
        desk.later(limit.recovers_s + 1);
        desk.log_in();
        let reply = ask();
        assert!(!(limit.refused)(&reply), "still refused: {}", shown(&reply));
        desk.simulator.set_limits(false);
        for _ in 0..=limit.requests {
            assert!(!(limit.refused)(&ask()), "refused although it is off again");
        }
    });
}
