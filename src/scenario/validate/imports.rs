//! Checks of the step `import`: fields that can be mapped, a file that is there, and an entity for
//! each row.

use syncrig_mocks::world::{Kind, Located};

use super::head::Head;
use super::references::Rehearsal;
use crate::engine::{ImportError, data_rows, import_fields};
use crate::scenario::codes;
use crate::scenario::diagnostics::Diagnostic;
use crate::scenario::import::{Import, ImportFormat, ImportKind};
use crate::scenario::nearest;

type Place = Option<serde_saphyr::Location>;

impl Head<'_> {
    pub(super) fn import(&mut self, import: &Import, at: Place) {
        self.one_file(import, at);
        self.mapped_fields(import);
        if import.kind == ImportKind::Organizations
            && let Some(under) = &import.under
        {
            self.import_fault(
                codes::INVALID_VALUE,
                under.location(),
                "organizations stand under no organization".to_owned(),
                "take `under` away",
            );
        }
        if import.format == ImportFormat::NetworkDetective {
            self.network_detective(import, at);
        }
        self.expected_of_it(import);
        self.encoding(import);
        self.rows(import);
    }

    fn one_file(&mut self, import: &Import, at: Place) {
        match (&import.text, &import.file) {
            (None, None) => self.import_fault(
                codes::MISSING_FIELD,
                at,
                "there is no file to import".to_owned(),
                "write it in `text`, or its path in `file`",
            ),
            (Some(_), Some(file)) => self.import_fault(
                codes::INVALID_VALUE,
                file.location(),
                "the file is given twice".to_owned(),
                "give `text` or `file`, not both",
            ),
            _ => {}
        }
    }

    fn mapped_fields(&mut self, import: &Import) {
        let kind = import.kind.record_kind();
        let fields = import_fields(kind);
        for field in import.columns.values().chain(&import.required) {
            if !fields.contains(&field.as_str()) {
                let hint = nearest::hint(field, fields.iter().copied());
                self.found.push(
                    Diagnostic::error(
                        codes::UNKNOWN_FIELD,
                        self.source,
                        format!("{} have no field `{field}` to import into", kind.plural()),
                    )
                    .at(field.location())
                    .hint(hint),
                );
            }
        }
    }

    fn network_detective(&mut self, import: &Import, at: Place) {
        if import.kind != ImportKind::Configurations || import.under.is_none() {
            self.import_fault(
                codes::INVALID_VALUE,
                at,
                "Network Detective lists the computers of one client".to_owned(),
                "write `kind: configurations`, and the client's key in `under`",
            );
        }
        let named = import.columns.keys().chain(&import.ignore).next();
        if let Some(header) = named {
            self.import_fault(
                codes::INVALID_VALUE,
                header.location(),
                "the columns of Network Detective are known".to_owned(),
                "take `columns` and `ignore` away, or import the file as `csv`",
            );
        }
    }

    fn expected_of_it(&mut self, import: &Import) {
        if let Some(rejected) = &import.rejected
            && rejected.value > 0
            && !import.partial
        {
            self.import_fault(
                codes::INVALID_VALUE,
                rejected.location(),
                "without partial imports one bad row refuses the file".to_owned(),
                "add `partial: true`, or write `fails: import-row`",
            );
        }
        let Some(code) = &import.fails else { return };
        if !ImportError::CODES.contains(&code.as_str()) {
            let hint = nearest::hint(code, ImportError::CODES.iter().copied());
            self.found.push(
                Diagnostic::error(
                    codes::UNKNOWN_ERROR,
                    self.source,
                    format!("no import is refused with `{code}`"),
                )
                .at(code.location())
                .hint(hint),
            );
        }
        if let Some(stands_for) = &import.stands_for {
            self.import_fault(
                codes::NO_EFFECT,
                stands_for.location(),
                "a file that is refused makes no record".to_owned(),
                "take `stands_for` away",
            );
        }
    }

    fn encoding(&mut self, import: &Import) {
        let Some(encoding) = &import.encoding else {
            return;
        };
        if import.text.is_none() {
            self.import_fault(
                codes::INVALID_VALUE,
                encoding.location(),
                "a file is handed over as it is".to_owned(),
                "`encoding` is for `text`",
            );
        } else if import.content().is_none() {
            self.import_fault(
                codes::INVALID_VALUE,
                encoding.location(),
                "`text` has letters that this encoding has not".to_owned(),
                "take other letters, or another encoding",
            );
        }
    }

    /// As many entities as rows. What cannot be read has no rows to count.
    fn rows(&mut self, import: &Import) {
        let Some(stands_for) = &import.stands_for else {
            return;
        };
        let rows = import.content().and_then(|content| data_rows(&content));
        let Some(rows) = rows.filter(|_| import.fails.is_none()) else {
            return;
        };
        let entities = stands_for.value.len();
        if rows != entities {
            self.import_fault(
                codes::INVALID_VALUE,
                stands_for.location(),
                format!("the file has {rows} rows of data, and `stands_for` {entities} entries"),
                "give an entity for each row, bad ones included; `null` for none",
            );
        }
    }

    fn import_fault(&mut self, code: &'static str, at: Place, message: String, hint: &str) {
        self.found.push(
            Diagnostic::error(code, self.source, message)
                .at(at)
                .hint(hint.to_owned()),
        );
    }
}

impl Rehearsal<'_> {
    /// Rows stand for true entities, and the organization is one.
    pub(super) fn import(&mut self, import: &Import) {
        if let Some(under) = &import.under {
            self.known(Kind::Organization, under);
        }
        let entities = import.stands_for.iter().flat_map(|list| &list.value);
        for key in entities.flatten() {
            if key.contains('#') {
                self.no_copy(key);
            } else {
                self.known(import.kind.entity_kind(), key);
            }
        }
    }

    fn no_copy(&mut self, key: &Located<String>) {
        self.found.push(
            Diagnostic::error(
                codes::UNKNOWN_REFERENCE,
                self.source,
                "a row stands for a true entity, not for one tool's record",
            )
            .at(key.location())
            .hint("write the key without `#` and what follows".to_owned()),
        );
    }
}
