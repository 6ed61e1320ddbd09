//! All orders of four events, for each method and for leaving one method for another. Whatever cannot
//! be done where it stands (nobody creates on a screen that is empty) is left out; at the end both
//! tools are synced, twice.

use syncrig::model::Method;
use syncrig::scenario::Step;
use syncrig_mocks::world::{Tenant, Tool};

use super::random::{kept, verdict};
use super::story::Story;

/// Near-miss names, a dock that two laptops share, a clone, a blank, one device that is in the RMM
/// alone and one that is in the PSA alone.
const TENANT: &str = r#"  seed: 7
  organizations:
    acme: { name: Acme Dental, short_name: ACME }
    bell: { name: Bell Realty, short_name: BELL, rmm: { name: "Bell Realty, LLC" } }
  locations:
    l1: { organization: acme, name: Main, city: Halifax }
  contacts:
    c1: { organization: acme, first_name: Pat, last_name: Doe }
  devices:
    d1: { organization: acme, name: ACME-1, serial: 5CG01, macs: ["00:50:B6:00:00:01"], contact: c1, location: l1 }
    d2: { organization: acme, name: ACME-2, serial: 5CG02, macs: ["00:50:B6:00:00:01"] }
    d3: { organization: acme, name: ACME-3, serial: 5CG02, type: Desktop, in: [rmm] }
    d4: { organization: bell, name: BELL-4, psa: { serial: null }, serial: PF2AB }
    d5: { organization: bell, name: BELL-5, class: server, serial: PF2AC, in: [psa] }
"#;

/// What the tests play: a method, and four events of some steps each.
struct Set {
    name: &'static str,
    method: Method,
    events: [&'static [&'static str]; 4],
}

const PSA: &str = "{ connect: { psa: {} } }";
const PSA_WITHOUT_TYPES: &str = "{ connect: { psa: { configuration_types: [] } } }";
const RMM: &str = "{ connect: { rmm: {} } }";
const SYNC_PSA: &str = "{ sync: psa }";
const SYNC_RMM: &str = "{ sync: rmm }";
const PUSH: &str = "{ push: { from: rmm, to: psa } }";
const CREATE_ORGANIZATIONS: &str = "{ review: { create: { organizations: all } } }";
const CREATE_DEVICES: &str = "{ review: { create: { devices: all } } }";
const ACCEPT_ORGANIZATIONS: &str = "{ review: { accept: { organizations: suggested } } }";
const ACME_BY_HAND: &str = "{ account: { create: { organization: acme } } }";
const D1_BY_HAND: &str = "{ account: { create: { configuration: d1 } } }";
const RENAME: &str = "{ edit: { in: psa, device: d1, set: { name: RENAMED } } }";
const REIMAGE: &str = "{ reimage: { device: d1 } }";
const UNTICK: &str = "{ settings: { psa: { configuration_types: [] } } }";
const TICK: &str = "{ settings: { psa: {} } }";
const KEEP: &str = "{ disconnect: { psa: keep } }";
const LOSE: &str = "{ disconnect: { psa: delete } }";
const CUT_RMM: &str = "{ disconnect: { rmm: permanent } }";
const MOVE: &str = "{ edit: { in: psa, device: d1, set: { organization: bell } } }";
const DROP: &str = "{ remove: { in: psa, device: d1 } }";

/// The four events that matter most in each method, and in each change of method.
const SETS: [Set; 8] = [
    Set {
        name: "A",
        method: Method::A,
        events: [
            &[PSA, SYNC_PSA],
            &[ACME_BY_HAND, D1_BY_HAND],
            &[PUSH, SYNC_PSA],
            &[RENAME, SYNC_PSA],
        ],
    },
    Set {
        name: "A: what becomes of a configuration",
        method: Method::A,
        events: [
            &[PSA, SYNC_PSA],
            &[MOVE, SYNC_PSA],
            &[UNTICK, SYNC_PSA, TICK],
            &[DROP, SYNC_PSA],
        ],
    },
    Set {
        name: "B",
        method: Method::B,
        events: [
            &[PSA, SYNC_PSA],
            &[RMM, SYNC_RMM],
            &[
                ACCEPT_ORGANIZATIONS,
                SYNC_RMM,
                CREATE_ORGANIZATIONS,
                CREATE_DEVICES,
            ],
            &[PUSH],
        ],
    },
    Set {
        name: "C",
        method: Method::C,
        events: [
            &[PSA_WITHOUT_TYPES, SYNC_PSA],
            &[RMM, SYNC_RMM],
            &[ACCEPT_ORGANIZATIONS, SYNC_RMM, CREATE_DEVICES],
            &[TICK, SYNC_PSA],
        ],
    },
    Set {
        name: "D",
        method: Method::D,
        events: [
            &[RMM, SYNC_RMM],
            &[ACME_BY_HAND, D1_BY_HAND],
            &[CREATE_ORGANIZATIONS, SYNC_RMM, CREATE_DEVICES],
            &[REIMAGE, SYNC_RMM],
        ],
    },
    Set {
        name: "from B to C",
        method: Method::B,
        events: [
            &[PSA, SYNC_PSA, RMM],
            &[UNTICK, SYNC_PSA],
            &[SYNC_RMM, ACCEPT_ORGANIZATIONS],
            &[SYNC_RMM, CREATE_DEVICES],
        ],
    },
    Set {
        name: "from B to D",
        method: Method::D,
        events: [
            &[PSA, SYNC_PSA],
            &[KEEP],
            &[RMM, SYNC_RMM],
            &[CREATE_ORGANIZATIONS, SYNC_RMM, CREATE_DEVICES],
        ],
    },
    Set {
        name: "everything is taken down",
        method: Method::B,
        events: [&[PSA, SYNC_PSA], &[RMM, SYNC_RMM], &[LOSE], &[CUT_RMM]],
    },
];

fn step(text: &str) -> Step {
    serde_saphyr::from_str(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
}

fn tenant() -> Tenant {
    Tenant::from_yaml(TENANT).expect("a tenant that is right")
}

/// All orders of the four, the given one first.
fn orders() -> Vec<[usize; 4]> {
    let mut orders = Vec::new();
    for first in 0..4 {
        for second in (0..4).filter(|it| *it != first) {
            for third in (0..4).filter(|it| ![first, second].contains(it)) {
                let fourth = 6 - first - second - third;
                orders.push([first, second, third, fourth]);
            }
        }
    }
    orders
}

fn told(set: &Set, order: [usize; 4]) -> Story {
    let mut story = Story::begin(set.method, tenant());
    let mut try_to = |text: &str| {
        let step = step(text);
        if story.allows(&step) {
            story.take(&step);
        }
    };
    for event in order {
        set.events[event].iter().for_each(|text| try_to(text));
    }
    for _ in 0..2 {
        try_to(SYNC_PSA);
        try_to(SYNC_RMM);
    }
    story.ended()
}

#[test]
fn there_are_24_orders_of_four_events() {
    let mut orders = orders();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), 24);
    assert!(orders.iter().all(|order| order.iter().sum::<usize>() == 6));
}

#[test]
fn engine_and_oracle_agree_on_all_orders_of_four_events() {
    let mut findings = Vec::new();
    for set in &SETS {
        for order in orders() {
            let story = told(set, order);
            if let Err(difference) = verdict(&story) {
                let kept = kept(&story, &difference);
                findings.push(format!("{} in the order {order:?}: {kept}", set.name));
            }
        }
    }
    let count = findings.len();
    assert!(
        findings.is_empty(),
        "{count} orders\n{}",
        findings.join("\n\n")
    );
}

/// Every set must come far enough to show something.
#[test]
fn the_orders_fill_account_and_screen() {
    for set in &SETS[..5] {
        let story = told(set, [0, 1, 2, 3]);
        assert!(story.account.records.len() >= 3, "{}: too little", set.name);
        let rmm = story.steps.contains(&step(SYNC_RMM));
        assert!(!rmm || !story.account.devices.is_empty(), "{}", set.name);
    }
    let tools = [Tool::Psa, Tool::Rmm].map(|tool| told(&SETS[2], [0, 1, 2, 3]).world.project(tool));
    assert!(tools.iter().all(|records| records.devices.len() >= 4));
}
