//! The header row against what the wizard was told: which column holds which field. A file whose
//! columns cannot be told for certain is refused before a row is read.

use std::collections::BTreeSet;

use super::error::{ImportError, SAVE_AS_UTF_8};
use super::fields::{ORGANIZATION, import_fields, naming_field, shown};
use super::network_detective;
use super::request::{Import, ImportFormat};
use super::rows::{Quotes, Row};
use super::target::Target;
use crate::model::RecordKind;

/// What is known of the columns.
#[derive(Debug)]
pub(super) struct Columns {
    /// In the order of the file.
    pub(super) all: Vec<Column>,
    /// Places of the parts of the key that count, in [`Target::KEY`]; none when the file lacks a
    /// column that the key needs, so that no row can find a record.
    pub(super) key: Option<Vec<usize>>,
}

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    /// Its header as written.
    pub(super) header: String,
    /// Its field; none when it is not taken.
    pub(super) field: Option<&'static str>,
    /// Whether each row must have a value in it.
    pub(super) required: bool,
}

impl Columns {
    /// Reads the header row.
    pub(super) fn read<T: Target>(row: &Row, import: &Import<'_>) -> Result<Self, ImportError> {
        let header = HeaderRow::read(row)?;
        let mut all = Vec::new();
        let mut used = BTreeSet::new();
        for (at, name) in header.names.iter().enumerate() {
            let field = header.field_of(at, name, import)?;
            if let Some(field) = field
                && !used.insert(field)
            {
                let reason = format!("two columns hold `{field}`");
                return Err(header.fault(at, reason, "ignore one of them"));
            }
            all.push(Column {
                header: name.clone(),
                field,
                required: false,
            });
        }
        header.all_named_are_there(import)?;
        for field in required(import) {
            let column = all.iter_mut().find(|it| it.field == Some(field.as_str()));
            let column = column.ok_or_else(|| ImportError::RequiredColumn {
                line: header.line,
                field: field.clone(),
            })?;
            column.required = true;
        }
        let key = key::<T>(&used, import.format);
        Ok(Self { all, key })
    }
}

/// What the wizard was told, as far as it can be wrong by itself.
pub(super) fn check(import: &Import<'_>) -> Result<(), ImportError> {
    let fault = |reason: String, hint: &str| {
        Err(ImportError::Settings {
            reason,
            hint: hint.to_owned(),
        })
    };
    if import.kind == RecordKind::Organization && import.organization.is_some() {
        return fault(
            "organizations stand under no organization".to_owned(),
            "import them without one",
        );
    }
    if import.format == ImportFormat::NetworkDetective {
        if import.kind != RecordKind::Configuration || import.organization.is_none() {
            return fault(
                "Network Detective lists the computers of one client".to_owned(),
                "import configurations into one organization",
            );
        }
        if !import.columns.is_empty() || !import.ignore.is_empty() {
            return fault(
                "the columns of Network Detective are known".to_owned(),
                "import the file as CSV to map its columns",
            );
        }
    }
    let fields = import_fields(import.kind);
    let mapped = import.columns.iter().map(|(_, field)| field);
    if let Some(field) = mapped
        .chain(&import.required)
        .find(|field| !fields.contains(&field.as_str()))
    {
        let reason = format!("{} have no field `{field}`", import.kind.plural());
        return fault(reason, &format!("fields are {}", fields.join(", ")));
    }
    Ok(())
}

fn required(import: &Import<'_>) -> BTreeSet<String> {
    let mut fields: BTreeSet<String> = import.required.iter().cloned().collect();
    fields.insert(naming_field(import.kind).to_owned());
    if import.kind != RecordKind::Organization && import.organization.is_none() {
        fields.insert(ORGANIZATION.to_owned());
    }
    fields
}

fn key<T: Target>(fields: &BTreeSet<&'static str>, format: ImportFormat) -> Option<Vec<usize>> {
    let not_needed = match format {
        ImportFormat::Csv => &[],
        ImportFormat::NetworkDetective => network_detective::NOT_IN_THE_KEY,
    };
    let mut parts = Vec::new();
    for (at, part) in T::KEY.iter().enumerate() {
        if fields.contains(part) {
            parts.push(at);
        } else if !T::DROPPED_WITHOUT_COLUMN.contains(part) && !not_needed.contains(part) {
            return None;
        }
    }
    Some(parts)
}

/// How headers are compared: without case and blanks around; a blank or hyphen is an underscore.
fn folded(header: &str) -> String {
    header
        .trim()
        .chars()
        .map(|letter| match letter {
            ' ' | '-' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

struct HeaderRow {
    line: u64,
    names: Vec<String>,
}

impl HeaderRow {
    fn read(row: &Row) -> Result<Self, ImportError> {
        let mut header = Self {
            line: row.line(),
            names: Vec::new(),
        };
        if row.too_long {
            let hint = "the first row must hold the headers";
            return Err(header.fault(0, "the header row is too long".to_owned(), hint));
        }
        if let Some((at, _, quotes)) = row.quote_fault() {
            let reason = match quotes {
                Quotes::Open => "the quote that begins here is never closed",
                _ => "text stands behind the closing quote",
            };
            let hint = "put whole headers in quotes, or none";
            return Err(header.fault(at, reason.to_owned(), hint));
        }
        for at in 0..row.len() {
            let (bytes, line) = row.cell(at).unwrap_or_default();
            let Ok(text) = std::str::from_utf8(bytes) else {
                return Err(ImportError::Encoding {
                    line,
                    column: Some(number(at)),
                    reason: "the header is not UTF-8 text".to_owned(),
                });
            };
            header.take(at, text)?;
        }
        Ok(header)
    }

    fn take(&mut self, at: usize, text: &str) -> Result<(), ImportError> {
        if text.contains('\0') {
            let reason = "there is a zero byte in the header".to_owned();
            return Err(self.fault(at, reason, SAVE_AS_UTF_8));
        }
        if text.trim().is_empty() {
            let hint = "give each column a header, or delete the column";
            return Err(self.fault(at, "the column has no header".to_owned(), hint));
        }
        let twice = self
            .names
            .iter()
            .position(|name| folded(name) == folded(text));
        if let Some(first) = twice {
            let reason = format!(
                "`{}` is the header of column {} too",
                shown(text),
                first + 1
            );
            return Err(self.fault(at, reason, "rename or delete one of the columns"));
        }
        self.names.push(text.to_owned());
        Ok(())
    }

    /// The field of a column: as the wizard maps it, else the one that its header names.
    fn field_of(
        &self,
        at: usize,
        name: &str,
        import: &Import<'_>,
    ) -> Result<Option<&'static str>, ImportError> {
        if import.format == ImportFormat::NetworkDetective {
            return Ok(network_detective::field_of(name));
        }
        let same = |other: &str| folded(other) == folded(name);
        let fields = import_fields(import.kind);
        let mut mapped = import.columns.iter().filter(|(header, _)| same(header));
        if let Some((_, field)) = mapped.next() {
            return Ok(fields.iter().copied().find(|own| own == field));
        }
        if import.ignore.iter().any(|header| same(header)) {
            return Ok(None);
        }
        let own = fields.iter().copied().find(|field| same(field));
        match own {
            Some(ORGANIZATION) if import.organization.is_some() => Err(self.fault(
                at,
                "an import into one organization has no organization column".to_owned(),
                "ignore the column, or import without an organization",
            )),
            Some(field) => Ok(Some(field)),
            None => Err(self.unknown(at, name, import.kind)),
        }
    }

    fn unknown(&self, at: usize, name: &str, kind: RecordKind) -> ImportError {
        let fields = import_fields(kind);
        let hint = if self.names.len() == 1 && name.contains([';', '\t']) {
            "columns are separated by commas".to_owned()
        } else if name.trim_start().starts_with('<') {
            "this looks like XML; export the list as CSV".to_owned()
        } else {
            format!(
                "map it to a field, or ignore it; fields are {}",
                fields.join(", ")
            )
        };
        let reason = format!("no field of {} is called `{}`", kind.plural(), shown(name));
        self.fault(at, reason, &hint)
    }

    /// The wizard cannot map or ignore what the file does not have.
    fn all_named_are_there(&self, import: &Import<'_>) -> Result<(), ImportError> {
        let mapped = import.columns.iter().map(|(header, _)| header);
        for header in mapped.chain(&import.ignore) {
            if !self.names.iter().any(|name| folded(name) == folded(header)) {
                return Err(ImportError::Header {
                    line: self.line,
                    column: None,
                    reason: format!("there is no column `{header}`"),
                    hint: format!("columns are {}", self.names.join(", ")),
                });
            }
        }
        Ok(())
    }

    fn fault(&self, at: usize, reason: String, hint: &str) -> ImportError {
        ImportError::Header {
            line: self.line,
            column: Some(number(at)),
            reason,
            hint: hint.to_owned(),
        }
    }
}

/// A place as a person counts.
pub(super) fn number(at: usize) -> u64 {
    at as u64 + 1
}
