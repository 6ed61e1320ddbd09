//! One row of data against the columns: its values, or everything that is wrong with it.

use super::columns::{Column, Columns, number};
use super::error::SAVE_AS_UTF_8;
use super::fields::{ORGANIZATION, accept};
use super::network_detective;
use super::request::ImportFormat;
use super::rows::{Quotes, ROW_BYTES_MAX, Row};
use crate::model::ImportProblem;

/// The values of a row.
#[derive(Debug)]
pub(super) struct Values<'a> {
    /// The organization's name.
    pub(super) organization: Option<&'a str>,
    /// Place of the column, field and value of each cell that is not empty.
    pub(super) cells: Vec<(usize, &'static str, &'a str)>,
    /// Fields of the cells that are empty.
    pub(super) empty: Vec<&'static str>,
}

impl Columns {
    /// Reads a row. All its faults are told at once, unless they hide each other.
    pub(super) fn values<'a>(
        &self,
        row: &'a Row,
        format: ImportFormat,
    ) -> Result<Values<'a>, Vec<ImportProblem>> {
        if let Some(problem) = self.wrong_shape(row) {
            return Err(vec![problem]);
        }
        let mut values = Values {
            organization: None,
            cells: Vec::new(),
            empty: Vec::new(),
        };
        let mut problems = Vec::new();
        for (at, column) in self.all.iter().enumerate() {
            let (bytes, line) = row.cell(at).unwrap_or_default();
            let problem =
                |code: &str, reason: String, hint: &str| self.problem(code, line, at, reason, hint);
            let text = match std::str::from_utf8(bytes) {
                Ok(text) if text.contains('\0') => {
                    let reason = "there is a zero byte in the cell".to_owned();
                    let hint = "take it out, or save the file as UTF-8";
                    problems.push(problem(ROW, reason, hint));
                    continue;
                }
                Ok(text) => text,
                Err(error) => {
                    problems.push(self.not_utf_8(bytes, error.valid_up_to(), line, at));
                    continue;
                }
            };
            let Some(field) = column.field else { continue };
            let text = match format {
                ImportFormat::Csv => text,
                ImportFormat::NetworkDetective => network_detective::value(field, text),
            };
            if column.required && text.trim().is_empty() {
                let hint = "fill it in, or take the row out";
                problems.push(problem(ROW, format!("`{field}` is empty"), hint));
            } else if text.is_empty() {
                values.empty.push(field);
            } else if field == ORGANIZATION {
                values.organization = Some(text);
            } else {
                match accept(field, text) {
                    Ok(value) => values.cells.push((at, field, value)),
                    Err((reason, hint)) => problems.push(problem(ROW, reason, hint)),
                }
            }
        }
        if problems.is_empty() {
            Ok(values)
        } else {
            Err(problems)
        }
    }

    /// Why the row has not the cells that the header promises.
    fn wrong_shape(&self, row: &Row) -> Option<ImportProblem> {
        let whole = |reason: String, hint: &str| ImportProblem {
            code: ROW.to_owned(),
            line: row.line(),
            column: None,
            header: None,
            field: None,
            reason,
            hint: hint.to_owned(),
        };
        if row.too_long {
            return Some(whole(
                format!("the row is longer than {ROW_BYTES_MAX} bytes"),
                "look for a quote that is opened here and never closed",
            ));
        }
        if let Some((at, line, quotes)) = row.quote_fault() {
            let (reason, hint) = match quotes {
                Quotes::Open => (
                    "the quote that begins here is never closed",
                    "close it; a quote within a value is written twice",
                ),
                _ => (
                    "text stands behind the closing quote",
                    "a quote within a value is written twice, and the whole value in quotes",
                ),
            };
            return Some(self.problem(ROW, line, at, reason.to_owned(), hint));
        }
        let (cells, columns) = (row.len(), self.all.len());
        if cells != columns {
            return Some(whole(
                format!("the row has {cells} cells, and the header {columns}"),
                if cells > columns {
                    "put values that hold a comma in quotes"
                } else {
                    "leave a cell empty by writing its comma"
                },
            ));
        }
        None
    }

    /// A fault of one cell.
    pub(super) fn problem(
        &self,
        code: &str,
        line: u64,
        at: usize,
        reason: String,
        hint: &str,
    ) -> ImportProblem {
        let column: Option<&Column> = self.all.get(at);
        ImportProblem {
            code: code.to_owned(),
            line,
            column: Some(number(at)),
            header: column.map(|column| column.header.clone()),
            field: column.and_then(|column| column.field).map(str::to_owned),
            reason,
            hint: hint.to_owned(),
        }
    }

    fn not_utf_8(&self, bytes: &[u8], valid: usize, line: u64, at: usize) -> ImportProblem {
        let before = String::from_utf8_lossy(&bytes[..valid]);
        let breaks = before.replace("\r\n", "\n").matches(['\n', '\r']).count();
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let reason = format!(
            "byte 0x{byte:02X}, behind {} letters of the cell, is not UTF-8 text",
            before.chars().count()
        );
        self.problem(ENCODING, line + breaks as u64, at, reason, SAVE_AS_UTF_8)
    }
}

/// Code of a bad row or cell.
pub(super) const ROW: &str = "import-row";
/// Code of a cell that is no text.
pub(super) const ENCODING: &str = "import-encoding";
/// Code of a row that would change what a PSA syncs.
pub(super) const LOCKED: &str = "account-locked";
