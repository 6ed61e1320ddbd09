//! The step `import`: the file is handed over, and what its rows made is remembered for the judge.

use syncrig_mocks::world::Kind;

use super::play::PlayError;
use super::script::Player;
use super::subject::{ImportFile, ImportResult, Subject};
use crate::judge::HandMade;
use crate::model::RecordKind;
use crate::scenario::{EntityRef, Import};

/// So many faults of a file are told.
const FAULTS_TOLD_MAX: usize = 5;

impl<'a, S: Subject> Player<'a, S> {
    pub(super) async fn import(&mut self, import: &'a Import) -> Result<(), PlayError> {
        let organization_id = match &import.under {
            Some(key) => {
                let organization = EntityRef::new(Kind::Organization, key.value.clone());
                Some(self.record_standing_for(&organization).await?)
            }
            None => None,
        };
        let columns = import.columns.iter();
        let columns = columns.map(|(header, field)| (header.value.clone(), field.value.clone()));
        let names = |list: &[syncrig_mocks::world::Located<String>]| {
            list.iter().map(|name| name.value.clone()).collect()
        };
        let file = ImportFile {
            kind: import.kind.record_kind(),
            format: import.format.into(),
            content: import.content().unwrap_or_default(),
            organization_id,
            columns: columns.collect(),
            required: names(&import.required),
            ignore: names(&import.ignore),
            partial: import.partial,
            limit: import.limit,
        };
        self.stale = [true; 2];
        let done = self.subject.import(file).await;
        let outer = self.refusal;
        if let Some(code) = &import.fails {
            self.refusal = Some(code.as_str());
        }
        let done = self.answered(done);
        self.refusal = outer;
        if let Some(result) = done? {
            self.remember(import, &result);
            self.bad_rows(import, &result);
        }
        Ok(())
    }

    /// What each row stands for; an organization that a row made is that of the row's entity.
    fn remember(&mut self, import: &Import, result: &ImportResult) {
        let rows = result.rows.iter().enumerate();
        let records =
            rows.filter_map(|(at, id)| Some((at, import.kind.record_kind(), id.clone()?)));
        let organizations = result.organizations.iter();
        let organizations =
            organizations.map(|(at, id)| (*at, RecordKind::Organization, id.clone()));
        let made: Vec<_> = records.chain(organizations).collect();
        for (at, kind, record_id) in made {
            let Some(key) = import.entity(at) else {
                continue;
            };
            let truth = if kind == import.kind.record_kind() {
                key.to_owned()
            } else {
                self.owner(import.kind.entity_kind(), key)
            };
            let made = HandMade {
                kind,
                record_id,
                truth,
            };
            if !self.hand_made.contains(&made) {
                self.hand_made.push(made);
            }
        }
    }

    fn bad_rows(&mut self, import: &Import, result: &ImportResult) {
        let expected = import.rejected.as_ref().map_or(0, |count| count.value);
        if result.rejected == expected {
            return;
        }
        let mut told = vec![format!("{} bad rows", result.rejected)];
        told.extend(result.problems.iter().take(FAULTS_TOLD_MAX).cloned());
        let what = format!("step {}: import", self.step);
        self.fail(what, format!("{expected} bad rows"), told.join("; "));
    }
}
