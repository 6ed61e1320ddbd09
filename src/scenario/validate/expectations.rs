//! Checks of the expectations: that they name rules and fields that can be, and check something.

use syncrig_mocks::world::{Kind, Located};

use super::head::Head;
use crate::scenario::codes;
use crate::scenario::diagnostics::Diagnostic;
use crate::scenario::expect::{Expect, RecordCheck, RecordChecks};
use crate::scenario::fields;
use crate::scenario::nearest;

impl Head<'_> {
    pub(super) fn expectation(&mut self, expect: &Expect) {
        if let Some(warnings) = &expect.warnings {
            self.rule_ids(warnings);
        }
        for record in &expect.records {
            if let Some(rule) = &record.checks.rule {
                self.rule_ids(std::slice::from_ref(rule));
            }
            self.fields(record);
            if record.checks == RecordChecks::default() {
                self.found.push(
                    Diagnostic::error(
                        codes::NO_EFFECT,
                        self.source,
                        format!("nothing is checked of the {}", record.entity),
                    )
                    .at(record.location())
                    .hint(
                        "add `count`, `name`, `shown`, `stored`, `match`, `rule`, `state`, `push` or \
                         `archived`"
                            .to_owned(),
                    ),
                );
            }
        }
    }

    /// A misspelt field is always empty, so a check that it is empty could not fail.
    fn fields(&mut self, record: &RecordCheck) {
        let kind = record.entity.kind;
        let stored = fields::stored(kind);
        let overlay = fields::overlay_only(kind);
        for name in record.checks.stored.keys() {
            if overlay.contains(&name.as_str()) {
                self.found.push(
                    Diagnostic::error(
                        codes::UNKNOWN_FIELD,
                        self.source,
                        format!("`{name}` is shown from the rmm and never stored"),
                    )
                    .at(name.location())
                    .hint("check it in `shown`".to_owned()),
                );
            } else if !stored.contains(&name.as_str()) {
                self.field(record, name, stored.iter());
            }
        }
        for name in record.checks.shown.keys() {
            if !stored.contains(&name.as_str()) && !overlay.contains(&name.as_str()) {
                self.field(record, name, stored.iter().chain(overlay));
            }
        }
    }

    fn field<'a>(
        &mut self,
        record: &RecordCheck,
        name: &Located<String>,
        names: impl Iterator<Item = &'a &'static str> + Clone,
    ) {
        let what = match record.entity.kind {
            Kind::Device => "a configuration".to_owned(),
            Kind::Organization => "an organization".to_owned(),
            kind @ (Kind::Location | Kind::Contact) => format!("a {kind}"),
        };
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_FIELD,
                self.source,
                format!("{what} has no field `{name}` in the account"),
            )
            .at(name.location())
            .hint(nearest::hint(name, names.copied())),
        );
    }
}
