//! A CSV file as a stream of rows with their places. The grammar is csv-core's, which reads one cell
//! at a time; this walks beside it over the same bytes to know lines and quotes. Memory is that of
//! one row.

use std::io::{ErrorKind, Read};

use csv_core::{ReadFieldResult, Reader};

use super::error::ImportError;

/// How long a row may be. A quote that is never closed makes the rest of the file one cell.
pub(super) const ROW_BYTES_MAX: usize = 1024 * 1024;

const BUFFER_BYTES: usize = 64 * 1024;

/// One row as it stands in the file.
#[derive(Debug, Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    length: usize,
    /// Whether it is longer than a row may be; then only its beginning is kept.
    pub(super) too_long: bool,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    end: usize,
    line: u64,
    quotes: Quotes,
}

/// What a cell's quotes were like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// None, or right.
    Right,
    /// Text stands behind the closing quote.
    TextBehind,
    /// The file ends before the closing quote.
    Open,
}

impl Row {
    /// Line of the first cell.
    pub(super) fn line(&self) -> u64 {
        self.cells.first().map_or(1, |cell| cell.line)
    }

    /// How many cells it has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell's bytes without quotes, and its line.
    pub(super) fn cell(&self, at: usize) -> Option<(&[u8], u64)> {
        let cell = self.cells.get(at)?;
        let start = match at.checked_sub(1) {
            Some(before) => self.cells[before].end,
            None => 0,
        };
        Some((self.bytes.get(start..cell.end)?, cell.line))
    }

    /// The first cell with a fault in its quotes: its place, its line, the fault.
    pub(super) fn quote_fault(&self) -> Option<(usize, u64, Quotes)> {
        let at = self
            .cells
            .iter()
            .position(|cell| cell.quotes != Quotes::Right)?;
        Some((at, self.cells[at].line, self.cells[at].quotes))
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.cells.clear();
        self.length = 0;
        self.too_long = false;
    }

    /// Takes note of bytes that the row has in the file; commas count like letters.
    fn lengthen(&mut self, taken: usize) {
        self.length += taken;
        self.too_long |= self.length > ROW_BYTES_MAX;
    }

    fn keep(&mut self, bytes: &[u8]) {
        if !self.too_long {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn end_cell(&mut self, line: u64, quotes: Quotes) {
        // Of a row that is too long the first cell says where it begins.
        if !self.too_long || self.cells.is_empty() {
            self.cells.push(Cell {
                end: self.bytes.len(),
                line,
                quotes,
            });
        }
    }
}

/// The rows of a file.
pub(super) struct Rows<R> {
    source: R,
    grammar: Box<Reader>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    read: u64,
    limit: u64,
    eye: Eye,
}

impl<R: Read> Rows<R> {
    /// Looks at the file's first bytes: its mark of UTF-8 is skipped, that of UTF-16 refused.
    pub(super) fn open(source: R, limit: u64) -> Result<Self, ImportError> {
        let mut rows = Self {
            source,
            grammar: Box::new(Reader::new()),
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            ended: false,
            read: 0,
            limit,
            eye: Eye::default(),
        };
        while rows.end < 4 && !rows.ended {
            rows.fill()?;
        }
        match &rows.buffer[..rows.end] {
            [0xEF, 0xBB, 0xBF, ..] => rows.start = 3,
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(ImportError::utf_16(true)),
            [0, _, ..] | [_, 0, ..] => return Err(ImportError::utf_16(false)),
            _ => {}
        }
        Ok(rows)
    }

    /// Reads the next row; false at the end of the file. Empty lines are no rows.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, ImportError> {
        row.clear();
        self.eye.begin_row();
        let mut out = [0; 4096];
        loop {
            if self.start == self.end && !self.ended {
                self.start = 0;
                self.end = 0;
                self.fill()?;
                if self.start == self.end && !self.ended {
                    continue;
                }
            }
            let input = &self.buffer[self.start..self.end];
            let (result, taken, written) = self.grammar.read_field(input, &mut out);
            self.eye.see(&input[..taken]);
            self.start += taken;
            row.lengthen(taken);
            row.keep(&out[..written]);
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    let (line, quotes) = self.eye.end_cell();
                    row.end_cell(line, quotes);
                    if record_end {
                        return Ok(true);
                    }
                }
                ReadFieldResult::End => return Ok(false),
            }
        }
    }

    /// Reads once more behind what is in the buffer.
    fn fill(&mut self) -> Result<(), ImportError> {
        let got = match self.source.read(&mut self.buffer[self.end..]) {
            Ok(got) => got,
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            Err(error) => {
                return Err(ImportError::Read {
                    line: self.eye.line,
                    reason: error.to_string(),
                });
            }
        };
        self.ended = got == 0;
        self.end += got;
        self.read += got as u64;
        if self.read > self.limit {
            return Err(ImportError::TooLarge { limit: self.limit });
        }
        Ok(())
    }
}

/// Knows on which line a cell begins and how it is quoted. It sees the bytes that the grammar took.
#[derive(Debug)]
struct Eye {
    line: u64,
    after_return: bool,
    first_cell: bool,
    cell_line: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Plain,
    Quoted,
    /// A quote inside quotes: the end, or the first of two.
    Closing,
    Behind,
}

impl Default for Eye {
    fn default() -> Self {
        Self {
            line: 1,
            after_return: false,
            first_cell: true,
            cell_line: 1,
            state: State::Before,
        }
    }
}

impl Eye {
    fn begin_row(&mut self) {
        self.first_cell = true;
        self.begin_cell();
    }

    fn begin_cell(&mut self) {
        self.state = State::Before;
        self.cell_line = self.line;
    }

    fn end_cell(&mut self) -> (u64, Quotes) {
        let quotes = match self.state {
            State::Quoted => Quotes::Open,
            State::Behind => Quotes::TextBehind,
            State::Before | State::Plain | State::Closing => Quotes::Right,
        };
        let line = self.cell_line;
        self.first_cell = false;
        self.begin_cell();
        (line, quotes)
    }

    fn see(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let breaks = matches!(byte, b'\n' | b'\r');
            // What separates rows stands before the first cell of the next one, too.
            if self.state == State::Before && !(breaks && self.first_cell) {
                self.cell_line = self.line;
            }
            self.state = match (self.state, byte) {
                (State::Before, b'"') => State::Quoted,
                (State::Before, b'\n' | b'\r' | b',') => State::Before,
                (State::Before, _) => State::Plain,
                (State::Quoted, b'"') => State::Closing,
                (State::Closing, b'"') => State::Quoted,
                (State::Closing, b'\n' | b'\r' | b',') => State::Closing,
                (State::Closing, _) => State::Behind,
                (state, _) => state,
            };
            if breaks && !(*byte == b'\n' && self.after_return) {
                self.line += 1;
            }
            self.after_return = *byte == b'\r';
        }
    }
}
