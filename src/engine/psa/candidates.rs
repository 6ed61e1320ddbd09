//! First contact: which record here a PSA record without a link stands for, by the parts of its key.
//! Knobs bend what counts as equal; a decision that the documented settings would not have made so
//! names the rule of its knob.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use super::entity::{Entity, Part, PartForm, counts};
use crate::connectors::PsaCapabilities;
use crate::engine::knobs::{is_placeholder, mac_form_key, text_key};
use crate::engine::normal::MacKey;
use crate::engine::pass::compared;
use crate::engine::rules;
use crate::model::{Ambiguity, Compared, Knobs, MacForm, PsaConfigKey, RecordKind, TextCompare};
use crate::store::{Reader, Record, RowId, StoreError, Stored};

/// How many records a report names.
const NAMED_MAX: usize = 5;

/// Records here that no record of this PSA stands for yet. They are read when the first record comes
/// that has no link; a walk of known ones costs nothing for them.
pub(super) struct Candidates<E: Entity> {
    terms: Terms,
    unlinked: Option<Unlinked<E>>,
}

/// They by first-contact key, oldest first.
pub(super) struct Unlinked<E: Entity> {
    terms: Terms,
    by_key: BTreeMap<Key, VecDeque<Record<E::Stored>>>,
}

/// What shapes a key.
#[derive(Debug, Clone, Copy)]
struct Terms {
    knobs: Knobs,
    /// What the PSA has no field for is no part of its key.
    psa: PsaCapabilities,
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
    pub(super) const fn new(knobs: Knobs, psa: PsaCapabilities) -> Self {
        Self {
            terms: Terms { knobs, psa },
            unlinked: None,
        }
    }

    /// Takes one for a record that has no link.
    pub(super) fn take(
        &mut self,
        reader: &Reader<'_>,
        integration_id: i64,
        value: &E::Stored,
    ) -> Result<Found, StoreError> {
        let Terms { knobs, psa } = self.terms;
        let unlinked = match &mut self.unlinked {
            Some(unlinked) => unlinked,
            none => {
                let archived = !knobs.exclude_archived_candidates;
                let unlinked = reader.unlinked::<E::Stored>(integration_id, archived)?;
                none.insert(Unlinked::new(knobs, psa, unlinked))
            }
        };
        Ok(unlinked.take(value))
    }
}

impl<E: Entity> Unlinked<E> {
    fn new(knobs: Knobs, psa: PsaCapabilities, unlinked: Vec<Record<E::Stored>>) -> Self {
        let terms = Terms { knobs, psa };
        let mut by_key: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for record in unlinked {
            by_key
                .entry(key::<E>(terms, &record.value))
                .or_default()
                .push_back(record);
        }
        Self { terms, by_key }
    }

    /// Takes a record of the same key, and of several the oldest, with the values compared. Nothing
    /// can be left open here, so that one is taken whatever the ambiguity knob says (inferred).
    fn take(&mut self, value: &E::Stored) -> Found {
        if self.by_key.is_empty() {
            return Found::Nothing;
        }
        let terms = self.terms;
        let key = key::<E>(terms, value);
        let strict = E::Stored::KIND == RecordKind::Configuration
            && terms.knobs.psa_config_key == PsaConfigKey::StrictAll;
        let incomplete = strict && key.1.iter().any(|part| part.trim().is_empty());
        let Some(candidates) = self.by_key.get_mut(&key) else {
            return Found::Nothing;
        };
        let at = choose::<E>(terms, candidates, value);
        if incomplete {
            return match candidates.get(at) {
                Some(record) => {
                    Found::Refused(rules::PSA_KEY_STRICT, values::<E>(terms, value, record))
                }
                None => Found::Nothing,
            };
        }
        let several =
            (candidates.len() > 1 && terms.knobs.ambiguity_reported).then(|| names(candidates));
        let Some(record) = candidates.remove(at) else {
            return Found::Nothing;
        };
        let mut compared_values = values::<E>(terms, value, &record);
        let rule = match several {
            Some(names) => {
                compared_values.push(compared("candidates", None, Some(&names)));
                rules::PSA_KEY_AMBIGUOUS
            }
            None => departure::<E>(terms, value, &record),
        };
        Found::Record(record.id, rule, compared_values)
    }
}

/// Which of the records of one key: one that is written the same goes before others that count as the
/// same (inferred); then the first by name or the oldest.
fn choose<E: Entity>(
    terms: Terms,
    candidates: &VecDeque<Record<E::Stored>>,
    value: &E::Stored,
) -> usize {
    if candidates.len() == 1 {
        return 0;
    }
    let exact = |record: &Record<E::Stored>| same::<E>(terms, value, &record.value);
    let any_exact = candidates.iter().any(exact);
    let choice = candidates.iter().enumerate();
    let choice = choice.filter(|(_, record)| !any_exact || exact(record));
    let best = match terms.knobs.ambiguity {
        Ambiguity::LeaveUnmatched | Ambiguity::Oldest => choice.min_by_key(|(at, _)| *at),
        Ambiguity::First => choice.min_by_key(|(at, record)| (name::<E>(terms, record), *at)),
    };
    best.map_or(0, |(at, _)| at)
}

/// What a person knows a record by, to bring several into an order.
fn name<E: Entity>(terms: Terms, record: &Record<E::Stored>) -> Vec<Option<String>> {
    let parts = parts::<E>(terms, &record.value);
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
fn same<E: Entity>(terms: Terms, left: &E::Stored, right: &E::Stored) -> bool {
    let parts = parts::<E>(terms, left).zip(parts::<E>(terms, right));
    let text = |part: &Part<'_>| part.value.unwrap_or_default().to_owned();
    let mut parts = parts.map(|(left, right)| text(&left) == text(&right));
    parts.all(|same| same)
}

fn departure<E: Entity>(
    terms: Terms,
    value: &E::Stored,
    record: &Record<E::Stored>,
) -> &'static str {
    if record.archived {
        return rules::CANDIDATE_ARCHIVED;
    }
    if same::<E>(terms, value, &record.value) {
        return E::KEY_RULE;
    }
    let serials = parts::<E>(terms, value).chain(parts::<E>(terms, &record.value));
    let mut serials = serials.filter(|part| part.form == PartForm::Serial);
    let placeholder = |part: Part<'_>| {
        part.value
            .is_some_and(|text| is_placeholder(terms.knobs, text))
    };
    if serials.any(placeholder) {
        rules::PSA_KEY_PLACEHOLDER
    } else {
        rules::PSA_KEY_FORM
    }
}

fn values<E: Entity>(terms: Terms, value: &E::Stored, record: &Record<E::Stored>) -> Vec<Compared> {
    let parts = parts::<E>(terms, value).zip(parts::<E>(terms, &record.value));
    let values = parts.map(|(left, right)| compared(left.field, left.value, right.value));
    values.collect()
}

fn key<E: Entity>(terms: Terms, value: &E::Stored) -> Key {
    let parts = parts::<E>(terms, value);
    let parts = parts.map(|part| form(terms.knobs, &part).into_owned());
    (E::owner(value), parts.collect())
}

/// The parts of the key that this PSA has.
fn parts<E: Entity>(terms: Terms, value: &E::Stored) -> impl Iterator<Item = Part<'_>> {
    let parts = E::key(value).into_iter();
    parts.filter(move |part| counts(&terms.psa, E::Stored::KIND, part.field))
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
