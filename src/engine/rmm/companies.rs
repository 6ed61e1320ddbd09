//! Matching of RMM companies to organizations: rules O1 and O2, over all data in the account.

use std::collections::HashMap;

use crate::engine::error::EngineError;
use crate::engine::pass::{Pass, Ruling, compared};
use crate::engine::rules;
use crate::model::{Compared, DecisionOutcome, RecordKind, ReviewState};
use crate::store::{CompanyRow, Organization, Queued, RowId, Writer};

/// How alike two names must be for a suggestion, from 0 to 1. The vendor's own measure is
/// unpublished (open); this one finds `Acme Dental, Inc.` for `ACME Dental`.
const SUGGESTION_SIMILARITY_MIN: f64 = 0.92;

/// Matches what no person and no earlier sync has settled.
pub(super) fn match_companies(pass: &mut Pass<'_>) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    pass.write(|writer, rulings| {
        let mut names = None;
        for company in writer.companies(integration_id)? {
            if company.queued.state != ReviewState::Unmatched {
                continue;
            }
            let names = match &names {
                Some(names) => names,
                None => names.insert(Names::load(writer)?),
            };
            let verdict = names.judge(&company.name);
            writer.queue_company(company.id, &verdict.queued())?;
            rulings.push(verdict.ruling(&company));
        }
        Ok(())
    })
}

struct Names {
    by_name: HashMap<String, Vec<RowId>>,
    /// Bare form, name and record, in order of creation.
    bare: Vec<(String, String, RowId)>,
}

struct Verdict {
    rule: &'static str,
    outcome: DecisionOutcome,
    record_id: Option<RowId>,
    compared: Vec<Compared>,
}

impl Names {
    fn load(writer: &Writer<'_>) -> Result<Self, EngineError> {
        let mut names = Self {
            by_name: HashMap::new(),
            bare: Vec::new(),
        };
        writer.each::<Organization>(|record| {
            if !record.archived {
                let name = record.value.name;
                names.bare.push((bare(&name), name.clone(), record.id));
                names.by_name.entry(name).or_default().push(record.id);
            }
            Ok(())
        })?;
        Ok(names)
    }

    fn judge(&self, name: &str) -> Verdict {
        match self.by_name.get(name).map(Vec::as_slice) {
            Some([only]) => Verdict {
                rule: rules::O1,
                outcome: DecisionOutcome::Matched,
                record_id: Some(*only),
                compared: vec![compared("name", Some(name), Some(name))],
            },
            Some([first, ..]) => Verdict {
                rule: rules::O_AMBIGUOUS,
                outcome: DecisionOutcome::Ambiguous,
                record_id: Some(*first),
                compared: vec![compared("name", Some(name), Some(name))],
            },
            _ => self.suggest(name),
        }
    }

    /// The most alike name; of equals, the oldest.
    fn suggest(&self, name: &str) -> Verdict {
        let wanted = bare(name);
        let mut best: Option<(f64, &str, RowId)> = None;
        for (bare, theirs, id) in &self.bare {
            let similarity = if *bare == wanted {
                1.0
            } else {
                strsim::jaro_winkler(bare, &wanted)
            };
            if similarity >= SUGGESTION_SIMILARITY_MIN
                && best.is_none_or(|(so_far, ..)| similarity > so_far)
            {
                best = Some((similarity, theirs, *id));
            }
        }
        match best {
            Some((_, theirs, id)) => Verdict {
                rule: rules::O2,
                outcome: DecisionOutcome::Suggested,
                record_id: Some(id),
                compared: vec![compared("name", Some(name), Some(theirs))],
            },
            None => Verdict {
                rule: rules::O_NONE,
                outcome: DecisionOutcome::Unmatched,
                record_id: None,
                compared: vec![compared("name", Some(name), None)],
            },
        }
    }
}

impl Verdict {
    fn queued(&self) -> Queued {
        match (self.outcome, self.record_id) {
            (DecisionOutcome::Matched, Some(id)) => Queued::matched(id, self.rule),
            (DecisionOutcome::Suggested, id) => Queued {
                rule: Some(self.rule.to_owned()),
                suggestion_id: id,
                ..Queued::unmatched()
            },
            _ => Queued {
                rule: Some(self.rule.to_owned()),
                ..Queued::unmatched()
            },
        }
    }

    fn ruling(self, company: &CompanyRow) -> Ruling {
        Ruling {
            kind: RecordKind::Organization,
            external_id: company.external_id.clone(),
            rule: self.rule,
            outcome: self.outcome,
            record_id: self.record_id,
            compared: self.compared,
        }
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
    use super::*;

    fn names(list: &[&str]) -> Names {
        let mut names = Names {
            by_name: HashMap::new(),
            bare: Vec::new(),
        };
        for (at, name) in list.iter().enumerate() {
            let id = at as RowId + 1;
            names.bare.push((bare(name), (*name).to_owned(), id));
            names
                .by_name
                .entry((*name).to_owned())
                .or_default()
                .push(id);
        }
        names
    }

    #[test]
    fn only_the_exact_name_matches_and_a_near_one_is_suggested() {
        let names = names(&["Acme Dental", "Borealis Ltd", "Cedar & Co"]);
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
        let verdict = names(&["Acme", "Acme"]).judge("Acme");
        assert_eq!(verdict.rule, rules::O_AMBIGUOUS);
        assert_eq!(verdict.queued().state, ReviewState::Unmatched);
    }
}
