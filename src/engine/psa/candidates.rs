//! First contact: which record here a PSA record without a link stands for, by the parts of its key.
//! Knobs bend what counts as equal; a decision that the documented settings would not have made so
//! names the rule of its knob.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use super::entity::{Entity, Part, PartForm};
use crate::engine::error::EngineError;
use crate::engine::knobs::{is_placeholder, mac_form_key, text_key};
use crate::engine::normal::MacKey;
use crate::engine::pass::{Pass, compared};
use crate::engine::rules;
use crate::model::{Ambiguity, Compared, Knobs, MacForm, PsaConfigKey, RecordKind, TextCompare};
use crate::store::{Record, RowId, Stored};

/// How many records a report names.
const NAMED_MAX: usize = 5;

/// Records here that no record of this PSA stands for yet, by first-contact key, oldest first. On an
/// empty account there is none, and the walk costs nothing for it.
pub(super) struct Candidates<E: Entity> {
    knobs: Knobs,
    by_key: BTreeMap<Key, VecDeque<Record<E::Stored>>>,
}

/// The owner and the parts of the first-contact key, in the form in which they are compared.
type Key = (Option<RowId>, Vec<String>);

/// What was found for a PSA record.
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A record would fit, but its key does not suffice: by which rule, and the values.
    Refused(&'static str, Vec<Compared>),
    /// This record: by which rule, and the values.
    Record(RowId, &'static str, Vec<Compared>),
}

impl<E: Entity> Candidates<E> {
    pub(super) fn load(pass: &Pass<'_>) -> Result<Self, EngineError> {
        let knobs = pass.knobs;
        let archived = !knobs.exclude_archived_candidates;
        let reader = pass.account.reader();
        let unlinked = reader.unlinked::<E::Stored>(pass.integration_id, archived)?;
        Ok(Self::new(knobs, unlinked))
    }

    fn new(knobs: Knobs, unlinked: Vec<Record<E::Stored>>) -> Self {
        let mut by_key: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for record in unlinked {
            by_key
                .entry(key::<E>(knobs, &record.value))
                .or_default()
                .push_back(record);
        }
        Self { knobs, by_key }
    }

    /// Takes a record of the same key, and of several the oldest, with the values compared. Nothing
    /// can be left open here, so that one is taken whatever the ambiguity knob says (inferred).
    pub(super) fn take(&mut self, value: &E::Stored) -> Found {
        if self.by_key.is_empty() {
            return Found::Nothing;
        }
        let key = key::<E>(self.knobs, value);
        let strict = E::Stored::KIND == RecordKind::Configuration
            && self.knobs.psa_config_key == PsaConfigKey::StrictAll;
        let incomplete = strict && key.1.iter().any(|part| part.trim().is_empty());
        let Some(candidates) = self.by_key.get_mut(&key) else {
            return Found::Nothing;
        };
        let at = choose::<E>(self.knobs, candidates, value);
        if incomplete {
            return match candidates.get(at) {
                Some(record) => Found::Refused(rules::PSA_KEY_STRICT, values::<E>(value, record)),
                None => Found::Nothing,
            };
        }
        let several =
            (candidates.len() > 1 && self.knobs.ambiguity_reported).then(|| names(candidates));
        let Some(record) = candidates.remove(at) else {
            return Found::Nothing;
        };
        let mut compared_values = values::<E>(value, &record);
        let rule = match several {
            Some(names) => {
                compared_values.push(compared("candidates", None, Some(&names)));
                rules::PSA_KEY_AMBIGUOUS
            }
            None => departure::<E>(self.knobs, value, &record),
        };
        Found::Record(record.id, rule, compared_values)
    }
}

/// Which of the records of one key: one that is written the same goes before others that count as the
/// same (inferred); then the first by name or the oldest.
fn choose<E: Entity>(
    knobs: Knobs,
    candidates: &VecDeque<Record<E::Stored>>,
    value: &E::Stored,
) -> usize {
    if candidates.len() == 1 {
        return 0;
    }
    let exact = |record: &Record<E::Stored>| same::<E>(value, &record.value);
    let any_exact = candidates.iter().any(exact);
    let choice = candidates.iter().enumerate();
    let choice = choice.filter(|(_, record)| !any_exact || exact(record));
    let best = match knobs.ambiguity {
        Ambiguity::LeaveUnmatched | Ambiguity::Oldest => choice.min_by_key(|(at, _)| *at),
        Ambiguity::First => choice.min_by_key(|(at, record)| (name::<E>(record), *at)),
    };
    best.map_or(0, |(at, _)| at)
}

/// What a person knows a record by, to bring several into an order.
fn name<E: Entity>(record: &Record<E::Stored>) -> Vec<Option<String>> {
    let parts = E::key(&record.value).into_iter();
    let texts = parts.filter(|part| part.form == PartForm::Text);
    texts.map(|part| part.value.map(str::to_owned)).collect()
}

/// The candidates for a report.
fn names<T: Stored>(candidates: &VecDeque<Record<T>>) -> String {
    let shown = candidates.iter().take(NAMED_MAX);
    let ids: Vec<String> = shown.map(|record| record.id.to_string()).collect();
    let more = candidates.len() - ids.len();
    let ids = ids.join(", ");
    if more == 0 {
        ids
    } else {
        format!("{ids} and {more} more")
    }
}

/// Whether two records have the same key as it is written.
fn same<E: Entity>(left: &E::Stored, right: &E::Stored) -> bool {
    let parts = E::key(left).into_iter().zip(E::key(right));
    let text = |part: &Part<'_>| part.value.unwrap_or_default().to_owned();
    let mut parts = parts.map(|(left, right)| text(&left) == text(&right));
    parts.all(|same| same)
}

fn departure<E: Entity>(
    knobs: Knobs,
    value: &E::Stored,
    record: &Record<E::Stored>,
) -> &'static str {
    if record.archived {
        return rules::CANDIDATE_ARCHIVED;
    }
    if same::<E>(value, &record.value) {
        return E::KEY_RULE;
    }
    let serials = E::key(value).into_iter().chain(E::key(&record.value));
    let mut serials = serials.filter(|part| part.form == PartForm::Serial);
    let placeholder = |part: Part<'_>| part.value.is_some_and(|text| is_placeholder(knobs, text));
    if serials.any(placeholder) {
        rules::PSA_KEY_PLACEHOLDER
    } else {
        rules::PSA_KEY_FORM
    }
}

fn values<E: Entity>(value: &E::Stored, record: &Record<E::Stored>) -> Vec<Compared> {
    let parts = E::key(value).into_iter().zip(E::key(&record.value));
    let values = parts.map(|(left, right)| compared(left.field, left.value, right.value));
    values.collect()
}

fn key<E: Entity>(knobs: Knobs, value: &E::Stored) -> Key {
    let parts = E::key(value).into_iter();
    let parts = parts.map(|part| form(knobs, &part).into_owned());
    (E::owner(value), parts.collect())
}

/// A part in the form in which it is compared; a missing one is empty. The documented equality is
/// that of the texts, for a MAC too.
fn form<'a>(knobs: Knobs, part: &Part<'a>) -> Cow<'a, str> {
    let text = part.value.unwrap_or_default();
    let compare = |compare| match compare {
        TextCompare::Exact => Cow::Borrowed(text),
        _ => text_key(compare, Some(text)).unwrap_or_default(),
    };
    match part.form {
        PartForm::Exact => Cow::Borrowed(text),
        PartForm::Text => compare(knobs.name_compare),
        PartForm::Serial if is_placeholder(knobs, text) => Cow::Borrowed(""),
        PartForm::Serial => compare(knobs.serial_compare),
        PartForm::Mac => match knobs.mac_form {
            MacForm::Paired => Cow::Borrowed(text),
            MacForm::Alnum => {
                let key = mac_form_key(MacForm::Alnum, text);
                Cow::Owned(key.as_ref().map(MacKey::to_string).unwrap_or_default())
            }
        },
    }
}

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
