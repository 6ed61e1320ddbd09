//! Matching of RMM companies to organizations: rules O1 and O2, over all data in the account.

use std::collections::HashMap;

use super::stays_reverted;
use super::verdict::{Verdict, fits_several};
use crate::engine::error::EngineError;
use crate::engine::knobs::text_key;
use crate::engine::pass::{Pass, compared};
use crate::engine::rules;
use crate::model::{
    Ambiguity, DecisionOutcome, Knobs, Origin, RecordKind, ReviewState, TextCompare,
};
use crate::store::{Organization, Record, RowId, Writer};

/// How alike two names must be for a suggestion, from 0 to 1. The vendor's own measure is
/// unpublished (open); this one finds `Acme Dental, Inc.` for `ACME Dental`.
const SUGGESTION_SIMILARITY_MIN: f64 = 0.92;

/// Matches what no person and no earlier sync has settled.
pub(super) fn match_companies(pass: &mut Pass<'_>) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    let knobs = pass.knobs;
    pass.write(|writer, rulings| {
        let mut names = None;
        for company in writer.companies(integration_id)? {
            if company.queued.state != ReviewState::Unmatched {
                continue;
            }
            let verdict = if stays_reverted(knobs, &company.queued) {
                let rule = rules::REVIEW_REVERTED_STAYS;
                let mut stays = Verdict::new(rule, DecisionOutcome::Unmatched);
                stays.compared = vec![compared("name", Some(&company.name), None)];
                stays
            } else {
                let names = match &names {
                    Some(names) => names,
                    None => names.insert(Names::load(writer, knobs)?),
                };
                names.judge(&company.name)
            };
            writer.queue_company(company.id, &verdict.queued())?;
            rulings.push(verdict.ruling(RecordKind::Organization, &company.external_id));
        }
        Ok(())
    })
}

struct Names {
    knobs: Knobs,
    /// In order of creation.
    known: Vec<Named>,
    by_name: HashMap<String, Vec<usize>>,
    /// The same by the form in which names are compared, where that is not the name itself.
    by_form: HashMap<String, Vec<usize>>,
}

struct Named {
    id: RowId,
    name: String,
    /// Without case, punctuation and legal form.
    bare: String,
    origin: Origin,
    archived: bool,
}

impl Names {
    fn new(knobs: Knobs) -> Self {
        Self {
            knobs,
            known: Vec::new(),
            by_name: HashMap::new(),
            by_form: HashMap::new(),
        }
    }

    /// Archived organizations are no candidates, unless a knob says so (inferred).
    fn load(writer: &Writer<'_>, knobs: Knobs) -> Result<Self, EngineError> {
        let mut names = Self::new(knobs);
        writer.each::<Organization>(|record| {
            if !(knobs.exclude_archived_candidates && record.archived) {
                names.add(record);
            }
            Ok(())
        })?;
        Ok(names)
    }

    fn add(&mut self, record: Record<Organization>) {
        let at = self.known.len();
        let name = record.value.name;
        if self.knobs.name_compare != TextCompare::Exact
            && let Some(form) = text_key(self.knobs.name_compare, Some(&name))
        {
            self.by_form.entry(form.into_owned()).or_default().push(at);
        }
        self.by_name.entry(name.clone()).or_default().push(at);
        self.known.push(Named {
            id: record.id,
            bare: bare(&name),
            name,
            origin: record.origin,
            archived: record.archived,
        });
    }

    /// A name that is written the same goes before others that count as the same (inferred).
    fn judge(&self, name: &str) -> Verdict {
        let found = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let found = match text_key(self.knobs.name_compare, Some(name)) {
            Some(form) if found.is_empty() => {
                let same = self.by_form.get(&*form);
                same.map_or(&[][..], Vec::as_slice)
            }
            _ => found,
        };
        let (rule, at) = match (found, self.knobs.ambiguity) {
            ([], _) => return self.suggest(name),
            ([only], _) => (self.departure(name, *only), *only),
            (several, Ambiguity::LeaveUnmatched) => return self.ambiguous(name, several),
            ([oldest, ..], Ambiguity::Oldest) => (rules::AMBIGUITY_OLDEST, *oldest),
            ([first, rest @ ..], Ambiguity::First) => {
                let name = |at: &usize| &self.known[*at].name;
                let by_name = |first, other| {
                    if name(other) < name(first) {
                        other
                    } else {
                        first
                    }
                };
                (rules::AMBIGUITY_FIRST, *rest.iter().fold(first, by_name))
            }
        };
        let mut verdict = Verdict::new(rule, DecisionOutcome::Matched);
        verdict.record_id = Some(self.known[at].id);
        verdict.compared = vec![compared("name", Some(name), Some(&self.known[at].name))];
        verdict
    }

    fn departure(&self, name: &str, at: usize) -> &'static str {
        if self.known[at].archived {
            rules::CANDIDATE_ARCHIVED
        } else if self.known[at].name != name {
            rules::O_NAME_FORM
        } else {
            rules::O1
        }
    }

    fn ambiguous(&self, name: &str, several: &[usize]) -> Verdict {
        let mut verdict = Verdict::new(rules::O_AMBIGUOUS, DecisionOutcome::Ambiguous);
        if let Some(first) = several.first() {
            let first = &self.known[*first];
            verdict.record_id = Some(first.id);
            verdict.compared = vec![compared("name", Some(name), Some(&first.name))];
        }
        if self.knobs.ambiguity_reported {
            let label = |at: &usize| {
                let known = &self.known[*at];
                format!("{} (by {})", known.name, made_by(known.origin))
            };
            let labels = several.iter().map(label).collect();
            verdict.reason = Some(fits_several("name", labels));
        }
        verdict
    }

    /// The most alike name; of equals, the oldest.
    fn suggest(&self, name: &str) -> Verdict {
        let wanted = bare(name);
        let mut best: Option<(f64, &Named)> = None;
        for known in &self.known {
            let similarity = if known.bare == wanted {
                1.0
            } else {
                strsim::jaro_winkler(&known.bare, &wanted)
            };
            if similarity >= SUGGESTION_SIMILARITY_MIN
                && best.is_none_or(|(so_far, _)| similarity > so_far)
            {
                best = Some((similarity, known));
            }
        }
        let (rule, outcome) = match best {
            Some(_) => (rules::O2, DecisionOutcome::Suggested),
            None => (rules::O_NONE, DecisionOutcome::Unmatched),
        };
        let best = best.map(|(_, known)| known);
        let mut verdict = Verdict::new(rule, outcome);
        verdict.record_id = best.map(|known| known.id);
        let theirs = best.map(|known| known.name.as_str());
        verdict.compared = vec![compared("name", Some(name), theirs)];
        verdict
    }
}

/// How a record came here, as a reason says it.
const fn made_by(origin: Origin) -> &'static str {
    match origin {
        Origin::Psa => "the PSA",
        Origin::Review => "the matching screen",
        Origin::Manual => "hand",
        Origin::Import => "an import",
        Origin::Api => "the API",
    }
}

/// A name without case, punctuation and legal form.
fn bare(name: &str) -> String {
    const LEGAL_FORMS: [&str; 14] = [
        "inc",
        "incorporated",
        "llc",
        "ltd",
        "limited",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "gmbh",
        "pty",
        "llp",
        "the",
    ];
    let text: String = name
        .chars()
        .filter(|character| *character != '\'' && *character != '.')
        .map(|character| {
            if character.is_alphanumeric() {
                character
            } else {
                ' '
            }
        })
        .flat_map(char::to_lowercase)
        .collect();
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !LEGAL_FORMS.contains(word))
        .collect();
    // A name made of nothing else keeps it.
    if words.is_empty() {
        text.trim().to_owned()
    } else {
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
    use proptest::{collection, sample};

    use super::*;

    fn names(knobs: Knobs, list: &[&str]) -> Names {
        let mut names = Names::new(knobs);
        for (id, name) in (1..).zip(list) {
            let value = Organization {
                name: (*name).to_owned(),
                ..Organization::default()
            };
            names.add(Record {
                id,
                origin: Origin::Psa,
                archived: false,
                value,
            });
        }
        names
    }

    #[test]
    fn only_the_exact_name_matches_and_a_near_one_is_suggested() {
        let names = names(
            Knobs::documented(),
            &["Acme Dental", "Borealis Ltd", "Cedar & Co"],
        );
        let verdict = |name| {
            let verdict = names.judge(name);
            (verdict.rule, verdict.record_id)
        };
        assert_eq!(verdict("Acme Dental"), (rules::O1, Some(1)));
        assert_eq!(verdict("ACME Dental, Inc."), (rules::O2, Some(1)));
        assert_eq!(verdict("Acme Dental "), (rules::O2, Some(1)));
        assert_eq!(verdict("borealis limited"), (rules::O2, Some(2)));
        assert_eq!(verdict("Zephyr Marine"), (rules::O_NONE, None));
    }

    #[test]
    fn two_organizations_of_one_name_are_ambiguous() {
        let verdict = names(Knobs::documented(), &["Acme", "Acme"]).judge("Acme");
        assert_eq!(verdict.rule, rules::O_AMBIGUOUS);
        assert_eq!(verdict.queued().state, ReviewState::Unmatched);
    }

    /// The same rules written the long way: every name against every other.
    fn naive(knobs: Knobs, list: &[(String, bool)], name: &str) -> (&'static str, Option<RowId>) {
        let form = |text: &str| match knobs.name_compare {
            TextCompare::Exact => text.to_owned(),
            TextCompare::Trim => text.trim().to_owned(),
            TextCompare::Casefold => text.trim().to_lowercase(),
        };
        let known = (1..).zip(list);
        let known: Vec<(RowId, &String, bool)> = known
            .map(|(id, (name, archived))| (id, name, *archived))
            .filter(|(_, _, archived)| !archived || !knobs.exclude_archived_candidates)
            .collect();
        let exact = known.iter().filter(|(_, other, _)| *other == name);
        let exact: Vec<_> = exact.collect();
        let alike = known
            .iter()
            .filter(|(_, other, _)| form(other) == form(name));
        let alike: Vec<_> = alike.collect();
        let pool = if exact.is_empty() { alike } else { exact };
        if pool.len() > 1 && knobs.ambiguity == Ambiguity::LeaveUnmatched {
            return (rules::O_AMBIGUOUS, Some(pool[0].0));
        }
        let (several, by_name) = (pool.len() > 1, knobs.ambiguity == Ambiguity::First);
        let found = pool.into_iter().min_by(|left, right| {
            let names = left.1.cmp(right.1);
            if by_name {
                names.then(left.0.cmp(&right.0))
            } else {
                left.0.cmp(&right.0)
            }
        });
        let Some((id, other, archived)) = found else {
            return ("a suggestion at most", None);
        };
        let rule = match (several, by_name) {
            (true, true) => rules::AMBIGUITY_FIRST,
            (true, false) => rules::AMBIGUITY_OLDEST,
            _ if *archived => rules::CANDIDATE_ARCHIVED,
            _ if *other != name => rules::O_NAME_FORM,
            _ => rules::O1,
        };
        (rule, Some(*id))
    }

    fn some_name() -> impl Strategy<Value = String> {
        let names = vec![
            "Acme", "ACME", "Acme ", " acme", "Borealis", "borealis", "Cedar",
        ];
        sample::select(names).prop_map(str::to_owned)
    }

    proptest! {
        #[test]
        fn companies_agree_with_the_naive_rule_under_all_knobs(
            list in collection::vec((some_name(), any::<bool>()), 0..7),
            name in some_name(),
            compare in sample::select(TextCompare::ALL),
            ambiguity in sample::select(Ambiguity::ALL),
            exclude_archived_candidates in any::<bool>(),
            ambiguity_reported in any::<bool>(),
        ) {
            let knobs = Knobs {
                name_compare: compare,
                ambiguity,
                ambiguity_reported,
                exclude_archived_candidates,
                ..Knobs::documented()
            };
            let mut names = Names::new(knobs);
            for (id, (name, archived)) in (1..).zip(&list) {
                if *archived && exclude_archived_candidates {
                    continue;
                }
                let value = Organization { name: name.clone(), ..Organization::default() };
                names.add(Record { id, origin: Origin::Psa, archived: *archived, value });
            }
            let verdict = names.judge(&name);
            let (rule, id) = naive(knobs, &list, &name);
            if id.is_some() {
                prop_assert_eq!((verdict.rule, verdict.record_id), (rule, id));
            } else {
                prop_assert!([rules::O2, rules::O_NONE].contains(&verdict.rule));
            }
            let told = verdict.reason.is_some();
            prop_assert_eq!(told, ambiguity_reported && verdict.rule == rules::O_AMBIGUOUS);
        }
    }
}
