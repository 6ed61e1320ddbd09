//! First contact by examples, and against a naive model of it under every setting of the knobs.

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, proptest};
use proptest::{collection, option, sample};

use super::*;
use crate::connectors::PsaCapabilities;
use crate::engine::psa::kinds::{Configurations, Organizations};
use crate::model::{Origin, SerialPlaceholderPolicy};
use crate::store::{Configuration, Organization};

fn record<T>(id: RowId, value: T) -> Record<T> {
    Record {
        id,
        origin: Origin::Manual,
        archived: false,
        value,
    }
}

fn organization(name: &str) -> Organization {
    Organization {
        name: name.to_owned(),
        ..Organization::default()
    }
}

fn take(knobs: Knobs, known: &[&str], name: &str) -> Option<(RowId, &'static str)> {
    let known = (1..).zip(known);
    let known = known.map(|(id, name)| record(id, organization(name)));
    let mut candidates =
        Unlinked::<Organizations<'static>>::new(knobs, PsaCapabilities::WHOLE, known.collect());
    match candidates.take(&organization(name)) {
        Found::Record(id, rule, _) => Some((id, rule)),
        Found::Refused(..) | Found::Nothing => None,
    }
}

#[test]
fn names_are_equal_byte_for_byte_unless_a_knob_says_otherwise() {
    let mut knobs = Knobs::documented();
    let known = ["acme dental", "Acme Dental "];
    assert_eq!(take(knobs, &known, "Acme Dental"), None);
    knobs.name_compare = TextCompare::Trim;
    assert_eq!(
        take(knobs, &known, "Acme Dental"),
        Some((2, rules::PSA_KEY_FORM))
    );
    knobs.name_compare = TextCompare::Casefold;
    assert_eq!(
        take(knobs, &known, "Acme Dental"),
        Some((1, rules::PSA_KEY_FORM))
    );
    // The one that is written the same goes before an older one.
    let same = Some((2, rules::PSA_KEY_ORGANIZATION));
    assert_eq!(take(knobs, &known, "Acme Dental "), same);
}

#[test]
fn several_records_of_one_key_are_told_where_a_knob_says_so() {
    let mut knobs = Knobs::documented();
    let known = ["Acme", "Acme"];
    assert_eq!(
        take(knobs, &known, "Acme"),
        Some((1, rules::PSA_KEY_ORGANIZATION))
    );
    knobs.ambiguity_reported = true;
    assert_eq!(
        take(knobs, &known, "Acme"),
        Some((1, rules::PSA_KEY_AMBIGUOUS))
    );
    assert_eq!(
        take(knobs, &known[1..], "Acme"),
        Some((1, rules::PSA_KEY_ORGANIZATION))
    );
}

/// What came of a record, in the order of the PSA.
type Taken = (Option<RowId>, &'static str);

/// The same rules written the long way.
fn naive(
    knobs: Knobs,
    mut known: Vec<Record<Configuration>>,
    incoming: &[Configuration],
) -> Vec<Taken> {
    let text = |compare: TextCompare, text: &str| match compare {
        TextCompare::Exact => text.to_owned(),
        TextCompare::Trim => text.trim().to_owned(),
        TextCompare::Casefold => text.trim().to_lowercase(),
    };
    let list = knobs.serial_placeholder_policy == SerialPlaceholderPolicy::Blocklist;
    let placeholder = |serial: &str| {
        list && (serial.trim().is_empty() || serial.trim().eq_ignore_ascii_case("default string"))
    };
    let parts = |it: &Configuration| {
        let serial = it.serial.as_deref().unwrap_or_default();
        let serial = match placeholder(serial) {
            true => String::new(),
            false => text(knobs.serial_compare, serial),
        };
        let mac = it.primary_mac.as_deref().unwrap_or_default();
        let mac = match knobs.mac_form {
            MacForm::Paired => mac.to_owned(),
            MacForm::Alnum => {
                let digits = mac.chars().filter(char::is_ascii_alphanumeric);
                digits.collect::<String>().to_lowercase()
            }
        };
        let kind = it.configuration_type.clone().unwrap_or_default();
        [kind, text(knobs.name_compare, &it.name), serial, mac]
    };
    let written = |it: &Configuration| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let (serial, mac) = (part(&it.serial), part(&it.primary_mac));
        (part(&it.configuration_type), it.name.clone(), serial, mac)
    };
    let mut taken = Vec::new();
    for it in incoming {
        let fits = |other: &&Record<Configuration>| {
            other.value.organization_id == it.organization_id && parts(&other.value) == parts(it)
        };
        let fitting: Vec<&Record<Configuration>> = known.iter().filter(fits).collect();
        let exact = |other: &&Record<Configuration>| written(&other.value) == written(it);
        let preferred: Vec<&Record<Configuration>> =
            fitting.iter().copied().filter(exact).collect();
        let pool = if preferred.is_empty() {
            &fitting
        } else {
            &preferred
        };
        let choice = match knobs.ambiguity {
            Ambiguity::First => pool
                .iter()
                .min_by_key(|other| (&other.value.name, other.id)),
            _ => pool.iter().min_by_key(|other| other.id),
        };
        let Some(choice) = choice.copied() else {
            taken.push((None, "psa-create"));
            continue;
        };
        let strict = knobs.psa_config_key == PsaConfigKey::StrictAll;
        if strict && parts(it).iter().any(|part| part.trim().is_empty()) {
            taken.push((None, "psa-key-strict"));
            continue;
        }
        let serials = [it.serial.clone(), choice.value.serial.clone()];
        let rule = if fitting.len() > 1 && knobs.ambiguity_reported {
            "psa-key-ambiguous"
        } else if choice.archived {
            "candidate-archived"
        } else if exact(&choice) {
            "psa-key-configuration"
        } else if serials.iter().flatten().any(|serial| placeholder(serial)) {
            "psa-key-placeholder"
        } else {
            "psa-key-form"
        };
        let id = choice.id;
        known.retain(|other| other.id != id);
        taken.push((Some(id), rule));
    }
    taken
}

fn some_configuration() -> impl Strategy<Value = Configuration> {
    let pick = |texts: Vec<&'static str>| option::of(sample::select(texts).prop_map(str::to_owned));
    let names = sample::select(vec!["WS1", "ws1", " WS1", "WS2"]).prop_map(str::to_owned);
    (
        1_i64..3,
        pick(vec!["Server", ""]),
        names,
        pick(vec![
            "S1",
            "s1 ",
            "S2",
            "Default string",
            "DEFAULT STRING",
            "",
        ]),
        pick(vec![
            "00:1B:44:11:3A:B7",
            "001b44113ab7",
            "00:1B:44:11:3A:B8",
            "",
        ]),
    )
        .prop_map(
            |(organization_id, configuration_type, name, serial, primary_mac)| Configuration {
                organization_id,
                configuration_type,
                name,
                serial,
                primary_mac,
                ..Configuration::default()
            },
        )
}

fn some_knobs() -> impl Strategy<Value = Knobs> {
    let texts = || sample::select(TextCompare::ALL);
    let any_setting = (
        (
            texts(),
            texts(),
            sample::select(SerialPlaceholderPolicy::ALL),
        ),
        (sample::select(Ambiguity::ALL), any::<bool>()),
        (
            sample::select(MacForm::ALL),
            sample::select(PsaConfigKey::ALL),
        ),
    )
        .prop_map(|(texts, ambiguity, more)| Knobs {
            name_compare: texts.0,
            serial_compare: texts.1,
            serial_placeholder_policy: texts.2,
            ambiguity: ambiguity.0,
            ambiguity_reported: ambiguity.1,
            mac_form: more.0,
            psa_config_key: more.1,
            ..Knobs::documented()
        });
    proptest::prop_oneof![
        1 => Just(Knobs::documented()),
        1 => Just(Knobs::hardened()),
        4 => any_setting,
    ]
}

proptest! {
    #[test]
    fn first_contact_agrees_with_the_naive_model_under_all_knobs(
        knobs in some_knobs(),
        known in collection::vec((some_configuration(), any::<bool>()), 0..8),
        incoming in collection::vec(some_configuration(), 0..8),
    ) {
        let known = (1..).zip(known);
        let known: Vec<Record<Configuration>> = known
            .map(|(id, (value, archived))| Record { archived, ..record(id, value) })
            .collect();
        let mut candidates = Unlinked::<Configurations<'static>>::new(knobs, PsaCapabilities::WHOLE, known.clone());
        let found: Vec<Taken> = incoming
            .iter()
            .map(|it| match candidates.take(it) {
                Found::Record(id, rule, _) => (Some(id), rule),
                Found::Refused(rule, _) => (None, rule),
                Found::Nothing => (None, rules::PSA_CREATE),
            })
            .collect();
        prop_assert_eq!(found, naive(knobs, known, &incoming));
    }
}
