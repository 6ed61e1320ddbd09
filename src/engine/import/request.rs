//! What a person hands to the importer: the file, and what the wizard asks.

use std::fmt;
use std::io::Read;

use super::rows::{Row, Rows};
use crate::model::RecordKind;
use crate::store::RowId;

/// How large a file may be: 300 MB. One article says 300 MB (2025), another 100 MB; the newer and
/// larger is taken (documented, contradictory).
pub const IMPORT_BYTES_MAX: u64 = 300 * 1_000_000;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImportFormat {
    /// A CSV file whose columns the wizard maps.
    #[default]
    Csv,
    /// Network Detective's list of computers as CSV: its columns are known, and those that are not
    /// taken are left out without a word.
    NetworkDetective,
}

/// One import.
pub struct Import<'a> {
    /// Kind of the records.
    pub kind: RecordKind,
    /// Kind of the file.
    pub format: ImportFormat,
    /// The file. It is read once, from front to end.
    pub source: Box<dyn Read + 'a>,
    /// The organization of a single-organization import. None: each row names its own.
    pub organization: Option<RowId>,
    /// The wizard's mapping: header to field. Other headers are named like fields.
    pub columns: Vec<(String, String)>,
    /// Fields that must have a column, and a value in each row, beside those that always must.
    pub required: Vec<String>,
    /// Headers of columns that are not taken.
    pub ignore: Vec<String>,
    /// "Allow partial imports": a bad row is reported and the others are kept. Off: one bad row
    /// refuses the file.
    pub partial: bool,
    /// How many bytes the file may have.
    pub limit: u64,
}

impl<'a> Import<'a> {
    /// A multi-organization import of a CSV file whose headers are named like fields.
    pub fn new(kind: RecordKind, source: impl Read + 'a) -> Self {
        Self {
            kind,
            format: ImportFormat::default(),
            source: Box::new(source),
            organization: None,
            columns: Vec::new(),
            required: Vec::new(),
            ignore: Vec::new(),
            partial: false,
            limit: IMPORT_BYTES_MAX,
        }
    }
}

impl fmt::Debug for Import<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Import")
            .field("kind", &self.kind)
            .field("format", &self.format)
            .field("organization", &self.organization)
            .field("columns", &self.columns)
            .field("required", &self.required)
            .field("ignore", &self.ignore)
            .field("partial", &self.partial)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// How many rows of data a CSV file has, bad ones included; none when it cannot be read so far.
pub fn data_rows(file: &[u8]) -> Option<usize> {
    let mut rows = Rows::open(file, IMPORT_BYTES_MAX).ok()?;
    let mut row = Row::default();
    let mut count = 0_usize;
    while rows.next(&mut row).ok()? {
        count += 1;
    }
    count.checked_sub(1)
}
