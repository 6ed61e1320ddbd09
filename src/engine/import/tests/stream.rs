//! Large files: they are read once, in small pieces, and nothing is kept of one that breaks off.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::{all, engine, refusal};
use crate::engine::import::rows::{Row, Rows};
use crate::engine::{Engine, Import, ImportError};
use crate::model::RecordKind;
use crate::store::{Account, Configuration};

/// A file that is made while it is read, so that nobody can go back in it, and that fails at a
/// point when told so.
struct Made {
    rows: u64,
    row: u64,
    pending: Vec<u8>,
    fails_at: Option<u64>,
    /// The most that was asked for at once.
    most: Rc<Cell<usize>>,
}

impl Made {
    fn new(rows: u64) -> Self {
        Self {
            rows,
            row: 0,
            pending: b"organization,configuration_type,name,serial,notes\n".to_vec(),
            fails_at: None,
            most: Rc::default(),
        }
    }
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.most.set(self.most.get().max(buffer.len()));
        if self.pending.is_empty() && self.row < self.rows {
            if self.fails_at == Some(self.row) {
                return Err(io::Error::other("the stick was pulled"));
            }
            let row = self.row;
            let client = row / 50;
            let notes = "n".repeat(60);
            let line = format!("Client {client},Workstation,PC-{row},S{row:08},\"{notes}\n\"\n");
            self.pending = line.into_bytes();
            self.row += 1;
        }
        // Pieces of an odd length cut cells, quotes and line ends anywhere.
        let length = self.pending.len().min(buffer.len()).min(97);
        buffer[..length].copy_from_slice(&self.pending[..length]);
        self.pending.drain(..length);
        Ok(length)
    }
}

#[test]
fn twenty_megabytes_are_read_in_small_pieces() {
    const ROWS: u64 = 175_000;
    let file = Made::new(ROWS);
    let most = Rc::clone(&file.most);
    let mut rows = Rows::open(file, u64::MAX).unwrap();
    let mut row = Row::default();
    let (mut count, mut bytes, mut last) = (0_u64, 0, 0);
    while rows.next(&mut row).unwrap() {
        count += 1;
        bytes += (0..row.len())
            .map(|at| row.cell(at).unwrap().0.len())
            .sum::<usize>();
        last = row.line();
    }
    assert_eq!(count, ROWS + 1);
    assert!(bytes > 17_000_000, "{bytes}");
    assert_eq!(last, 2 * ROWS);
    assert!(most.get() <= 64 * 1024, "{}", most.get());
}

#[test]
fn a_stream_is_imported_into_a_file_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let account = Account::open(&folder.path().join("account.sqlite")).unwrap();
    let mut engine = Engine::new(account, None, Box::new(()));
    let run = |engine: &mut Engine| {
        let import = Import::new(RecordKind::Configuration, Made::new(3_000));
        let report = engine.import(import).unwrap();
        (report.created, report.unchanged, report.writes)
    };
    assert_eq!(run(&mut engine), (3_000, 0, 3_060));
    assert_eq!(run(&mut engine), (0, 3_000, 0));
}

#[test]
fn a_reader_that_fails_half_way_leaves_nothing() {
    for partial in [false, true] {
        let mut engine = engine();
        let file = Made {
            fails_at: Some(200),
            ..Made::new(400)
        };
        let import = Import {
            partial,
            ..Import::new(RecordKind::Configuration, file)
        };
        let error = refusal(&mut engine, import);
        assert_eq!(error.code(), "import-read");
        assert!(
            error.to_string().contains("the stick was pulled"),
            "{error}"
        );
        assert_eq!(all::<Configuration>(&engine), []);
        let import = Import::new(RecordKind::Configuration, Made::new(400));
        assert_eq!(engine.import(import).unwrap().created, 400);
    }
}

#[test]
fn a_file_over_the_limit_leaves_nothing() {
    for partial in [false, true] {
        let import = Import {
            partial,
            limit: 10_000,
            ..Import::new(RecordKind::Configuration, Made::new(400))
        };
        let error = refusal(&mut engine(), import);
        assert_eq!(error, ImportError::TooLarge { limit: 10_000 });
    }
    let exact = b"name,organization\nws1,A\n";
    let import = Import {
        limit: exact.len() as u64,
        ..Import::new(RecordKind::Configuration, &exact[..])
    };
    assert_eq!(engine().import(import).unwrap().created, 1);
}
