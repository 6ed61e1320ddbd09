//! Imports against an account in memory.

mod files;
mod keys;
mod oracle;
mod stream;
mod text;

use crate::engine::{Engine, EngineError, Import, ImportError, ImportReport};
use crate::model::{Origin, RecordKind};
use crate::store::{Account, Configuration, Organization, Record, RowId, Stored};

fn engine() -> Engine {
    Engine::new(Account::in_memory().unwrap(), None, Box::new(()))
}

/// A multi-organization import of configurations.
fn configurations(file: &[u8]) -> Import<'_> {
    Import::new(RecordKind::Configuration, file)
}

fn import(engine: &mut Engine, file: &str) -> ImportReport {
    engine.import(configurations(file.as_bytes())).unwrap()
}

/// The refusal of a file, after which the account must be as it was.
fn refusal(engine: &mut Engine, import: Import<'_>) -> ImportError {
    let before = snapshot(engine);
    let writes = engine.account().writes();
    match engine.import(import) {
        Err(EngineError::Import(error)) => {
            assert_eq!(snapshot(engine), before, "{error}");
            assert_eq!(engine.account().writes(), writes, "{error}");
            assert!(!error.hint().is_empty(), "{error}");
            assert!(ImportError::CODES.contains(&error.code()), "{error}");
            error
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn all<T: Stored>(engine: &Engine) -> Vec<Record<T>> {
    let mut records = Vec::new();
    let reader = engine.account().reader();
    reader
        .each::<T>(|record| {
            records.push(record);
            Ok(())
        })
        .unwrap();
    records
}

fn snapshot(engine: &Engine) -> (Vec<Record<Organization>>, Vec<Record<Configuration>>) {
    (all(engine), all(engine))
}

fn names(engine: &Engine) -> Vec<String> {
    let records = all::<Configuration>(engine);
    records.into_iter().map(|it| it.value.name).collect()
}

fn organization(engine: &mut Engine, name: &str) -> RowId {
    let value = Organization {
        name: name.to_owned(),
        ..Organization::default()
    };
    let account = &mut engine.account;
    account
        .write::<_, crate::store::StoreError>(|writer| writer.insert(Origin::Manual, &value))
        .unwrap()
}

fn counts(report: &ImportReport) -> [u64; 4] {
    [
        report.created,
        report.updated,
        report.unchanged,
        report.rejected,
    ]
}
