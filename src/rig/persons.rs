//! Who acts in the account, and what they see of the matching screen.

use syncrig_mocks::world::Kind;

use super::check::Findings;
use super::play::PlayError;
use super::script::Player;
use super::subject::{Person, Subject};
use crate::judge::judge;
use crate::report::Failure;
use crate::scenario::{self, Access, EntityRef, Expect};

impl<S: Subject> Player<'_, S> {
    pub(super) async fn person(&mut self, person: &scenario::Person) -> Result<(), PlayError> {
        let person = match person {
            scenario::Person::Administrator => Person::Administrator,
            scenario::Person::Manager(Access::All) => Person::Manager {
                organizations: None,
            },
            scenario::Person::Manager(Access::Keys(keys)) => {
                let mut organizations = Vec::new();
                for key in keys {
                    organizations.extend(self.organization_records(&key.value).await?);
                }
                Person::Manager {
                    organizations: Some(organizations),
                }
            }
        };
        let done = self.subject.act_as(person).await;
        self.answered(done).map(drop)
    }

    /// The subject's ids of all records that stand for an organization.
    async fn organization_records(&mut self, key: &str) -> Result<Vec<String>, PlayError> {
        let (outcome, truth, scope) = self.moment().await?;
        let judgement = judge(&outcome, &truth, &scope);
        let findings = Findings {
            outcome: &outcome,
            truth: &truth,
            judgement: &judgement,
            unclaimed: Vec::new(),
        };
        let entity = EntityRef::new(Kind::Organization, key.to_owned());
        let records = findings.standing_for(&entity).into_iter();
        let ids: Vec<String> = records.map(|record| record.id.clone()).collect();
        if ids.is_empty() {
            let reason = format!("no record of the account stands for the organization `{key}`");
            return Err(self.script(reason, "sync or create it in an earlier step"));
        }
        Ok(ids)
    }

    /// What the person who acts must see.
    pub(super) async fn check_visible(&mut self, expect: &Expect) -> Result<(), PlayError> {
        if expect.visible.is_none() && expect.visible_organizations.is_none() {
            return Ok(());
        }
        let visible = self.subject.visible().await;
        let Some(visible) = self.answered(visible)? else {
            return Ok(());
        };
        let companies = ("visible_organizations", expect.visible_organizations);
        let counts = [
            (("visible", expect.visible), visible.devices.len()),
            (companies, visible.companies.len()),
        ];
        for ((what, wanted), found) in counts {
            if let Some(wanted) = wanted.filter(|wanted| *wanted != found as u64) {
                self.failed(Failure {
                    what: what.to_owned(),
                    expected: wanted.to_string(),
                    actual: found.to_string(),
                    hint: None,
                });
            }
        }
        Ok(())
    }
}
