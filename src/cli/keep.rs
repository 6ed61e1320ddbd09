//! `run --keep DIR`: the account, the event log and the outcome of each case, in a folder of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::error::CliError;
use crate::rig::{AccountPlace, Played, RigEvent, RigListener, account_file};
use crate::scenario::Case;

const ACCOUNT: &str = "account.sqlite";
const EVENTS: &str = "events.jsonl";
const OUTCOME: &str = "outcome.json";

/// Where the cases of a run are kept.
pub(super) struct Keeper {
    folder: PathBuf,
}

impl Keeper {
    /// Makes the folders. What an earlier run kept of the same cases is replaced.
    pub(super) fn new(folder: &Path, cases: &[Case]) -> Result<Self, CliError> {
        let keeper = Self {
            folder: folder.to_owned(),
        };
        for case in cases {
            keeper
                .prepare(case)
                .map_err(|error| cannot(folder, &error))?;
        }
        Ok(keeper)
    }

    fn prepare(&self, case: &Case) -> io::Result<()> {
        let folder = account_file(&self.folder, case);
        fs::create_dir_all(&folder)?;
        for name in [
            ACCOUNT,
            "account.sqlite-wal",
            "account.sqlite-shm",
            EVENTS,
            OUTCOME,
        ] {
            match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        File::create(folder.join(EVENTS)).map(drop)
    }

    pub(super) fn account(&self, case: &Case) -> AccountPlace {
        AccountPlace::File(account_file(&self.folder, case).join(ACCOUNT))
    }

    /// Listens to the run.
    pub(super) fn log(&self, cases: &[Case]) -> EventLog {
        let files = cases
            .iter()
            .map(|case| {
                (
                    case.name.clone(),
                    account_file(&self.folder, case).join(EVENTS),
                )
            })
            .collect();
        EventLog {
            files,
            state: Mutex::default(),
        }
    }

    /// Keeps the outcome of a case.
    pub(super) fn outcome(&self, played: &Played) -> Result<(), CliError> {
        let Ok(result) = &played.result else {
            return Ok(());
        };
        let path = account_file(&self.folder, &played.case).join(OUTCOME);
        let text = serde_json::to_vec_pretty(&result.outcome).map_err(io::Error::other)?;
        fs::write(path, text).map_err(|error| cannot(&self.folder, &error))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Writes the events of each case to its own file, a JSON document a line.
pub(super) struct EventLog {
    files: BTreeMap<String, PathBuf>,
    state: Mutex<LogState>,
}

#[derive(Default)]
struct LogState {
    open: BTreeMap<String, BufWriter<File>>,
    failed: Option<io::Error>,
}

impl EventLog {
    /// Writes out what is still buffered, and says whether anything was lost.
    pub(super) fn finish(&self, folder: &Path) -> Result<(), CliError> {
        let mut state = match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        };
        let mut failed = state.failed.take();
        for (_, mut file) in std::mem::take(&mut state.open) {
            failed = failed.or(file.flush().err());
        }
        failed.map_or(Ok(()), |error| Err(cannot(folder, &error)))
    }

    fn write(&self, state: &mut LogState, case: &str, event: &RigEvent) -> io::Result<()> {
        let Some(path) = self.files.get(case) else {
            return Ok(());
        };
        if !state.open.contains_key(case) {
            let file = File::options().append(true).open(path)?;
            state.open.insert(case.to_owned(), BufWriter::new(file));
        }
        if let Some(file) = state.open.get_mut(case) {
            serde_json::to_writer(&mut *file, event).map_err(io::Error::other)?;
            file.write_all(b"\n")?;
        }
        if matches!(event, RigEvent::CaseEnded { .. })
            && let Some(mut file) = state.open.remove(case)
        {
            file.flush()?;
        }
        Ok(())
    }
}

impl RigListener for EventLog {
    fn hear(&self, case: &str, event: &RigEvent) {
        let mut state = match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        };
        if state.failed.is_none()
            && let Err(error) = self.write(&mut state, case, event)
        {
            state.failed = Some(error);
        }
    }
}

fn cannot(folder: &Path, error: &io::Error) -> CliError {
    CliError::rig(
        format!("cannot keep the run in {}: {error}", folder.display()),
        "give --keep a directory that can be written to and has space",
    )
}
