//! Checks of the steps in which somebody works in the documentation account: records that can be
//! meant, and fields that the account has.

use syncrig_mocks::world::{Kind, Located};

use super::references::Rehearsal;
use crate::scenario::account::{Account, AccountCreate, AccountEdit};
use crate::scenario::codes;
use crate::scenario::diagnostics::Diagnostic;
use crate::scenario::fields;
use crate::scenario::located::EntityRef;
use crate::scenario::nearest;

/// Fields that come from an RMM device as a whole and that nobody types.
const NOT_TYPED: &[&str] = &["interfaces"];

impl Rehearsal<'_> {
    pub(super) fn account(&mut self, account: &Account) {
        match account {
            Account::Create(create) => self.create(create),
            Account::Edit(edit) => self.edit(edit),
            Account::Merge(merge) => {
                let target = &merge.target.entity;
                self.known(target.kind, &target.key);
            }
            _ => {}
        }
        if let Some(record) = account.record() {
            self.known(record.entity.kind, &record.entity.key);
        }
    }

    fn edit(&mut self, edit: &AccountEdit) {
        let kind = edit.record.entity.kind;
        let names = fields::stored(kind);
        for name in edit.set.keys() {
            if NOT_TYPED.contains(&name.as_str()) || !names.contains(&name.as_str()) {
                self.field(kind, name);
            }
        }
    }

    fn field(&mut self, kind: Kind, name: &Located<String>) {
        let what = match kind {
            Kind::Device => "a configuration".to_owned(),
            Kind::Organization => "an organization".to_owned(),
            kind @ (Kind::Location | Kind::Contact) => format!("a {kind}"),
        };
        let names = fields::stored(kind).iter().copied();
        let names = names.filter(|name| !NOT_TYPED.contains(name));
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_FIELD,
                self.source,
                format!("{what} has no field `{name}` that a person could fill in"),
            )
            .at(name.location())
            .hint(nearest::hint(name, names)),
        );
    }

    /// Records made by hand stand for true entities, not for one tool's record.
    fn create(&mut self, create: &AccountCreate) {
        let EntityRef { kind, key } = &create.entity;
        if key.contains('#') {
            self.found.push(
                Diagnostic::error(
                    codes::UNKNOWN_REFERENCE,
                    self.source,
                    "a record made by hand stands for a true entity, not for one tool's record",
                )
                .at(key.location())
                .hint("write the key without `#` and what follows".to_owned()),
            );
        } else {
            self.known(*kind, key);
        }
        if let Some(organization) = &create.organization {
            self.known(Kind::Organization, organization);
        }
        if let Some(location) = &create.location {
            self.known(Kind::Location, location);
        }
    }
}
