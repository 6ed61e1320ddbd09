//! A run that is killed leaves an account that is whole: the file is sound and every link leads to a
//! record that is there. Whoever syncs into it again, with the same engine or a fresh one, ends
//! where an undisturbed run ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use syncrig::engine::Engine;
use syncrig::exit_code::INTERRUPTED;
use syncrig::model::{Outcome, RecordKind, Tool};
use syncrig::store::Account;
use syncrig_mocks::front::{Fault, FaultRule};

use crate::support::account::{created_twice, difference, state, wrong_ledgers};
use crate::support::bin::command;
use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

const SCRIPT: &str = "\
title: A tenant large enough to be killed in
method: B
tenant:
  generate: { seed: 4, organizations: 40, devices_per_organization: { fixed: 12 } }
steps:
  - connect: { psa: {} }
  - sync: psa
  - connect: { rmm: {} }
  - sync: rmm
  - review: { create: { organizations: all } }
  - sync: psa
  - sync: rmm
";

/// Kills a run, and fails safe when a test ends early.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It is gone already where a test killed it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The account of the only case that is kept in a folder, once it is there.
fn account_in(kept: &Path) -> Option<PathBuf> {
    let case = fs::read_dir(kept).ok()?.next()?.ok()?.path();
    let account = case.join("account.sqlite");
    account.is_file().then_some(account)
}

fn count(account: &Connection, table: &str) -> Option<u64> {
    let sql = format!("SELECT count(*) FROM {table}");
    account.query_row(&sql, [], |row| row.get(0)).ok()
}

/// Starts a run and waits until a table holds so many rows. None when the run ended before.
fn run_to(folder: &Path, table: &str, rows: u64) -> Option<Running> {
    let kept = folder.join("kept");
    let child = command()
        .current_dir(folder)
        .args(["run", "large.yaml", "--keep", "kept"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut running = Running(child.expect("the binary can be started"));
    for _ in 0..60_000 {
        if running.0.try_wait().expect("it is ours").is_some() {
            return None;
        }
        let reached = account_in(&kept)
            .and_then(|path| {
                Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()
            })
            .and_then(|account| count(&account, table))
            .is_some_and(|found| found >= rows);
        if reached {
            return Some(running);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("{table} never held {rows} rows");
}

/// Kills a run at that moment. True when it was still running.
fn killed_at(folder: &Path, table: &str, rows: u64) -> bool {
    let Some(mut running) = run_to(folder, table, rows) else {
        return false;
    };
    running.0.kill().expect("it is ours");
    let status = running.0.wait().expect("it is ours");
    status.code().is_none()
}

/// What is wrong with the account, by SQL written apart from the store's own.
fn wrong_with(path: &Path) -> Vec<String> {
    let account = Connection::open(path).expect("the file can be opened");
    let mut wrong = Vec::new();
    let verdict: String = account
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("the check runs");
    if verdict != "ok" {
        wrong.push(verdict);
    }
    let mut orphaned = |what: &str, sql: &str| {
        let found: u64 = account
            .query_row(sql, [], |row| row.get(0))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        if found > 0 {
            wrong.push(format!("{found} {what}"));
        }
    };
    for kind in ["organization", "location", "contact", "configuration"] {
        orphaned(
            &format!("links to no {kind}"),
            &format!(
                "SELECT count(*) FROM links WHERE kind = '{kind}' AND record_id NOT IN \
                 (SELECT id FROM {kind}s)"
            ),
        );
        // Whatever a sync wrote is linked in the same transaction.
        orphaned(
            &format!("{kind}s of the PSA without a link"),
            &format!(
                "SELECT count(*) FROM {kind}s WHERE origin = 'psa' AND id NOT IN \
                 (SELECT record_id FROM links WHERE kind = '{kind}')"
            ),
        );
        if kind != "organization" {
            orphaned(
                &format!("{kind}s of no organization"),
                &format!(
                    "SELECT count(*) FROM {kind}s WHERE organization_id NOT IN \
                     (SELECT id FROM organizations)"
                ),
            );
        }
    }
    for (rows, records) in [
        ("rmm_companies", "organizations"),
        ("rmm_devices", "configurations"),
    ] {
        orphaned(
            &format!("rows of {rows} matched to nothing"),
            &format!(
                "SELECT count(*) FROM {rows} WHERE state = 'matched' AND \
                 (record_id IS NULL OR record_id NOT IN (SELECT id FROM {records}))"
            ),
        );
    }
    orphaned(
        "syncs that count as completed with an error",
        "SELECT count(*) FROM syncs WHERE status = 'completed' AND error_code IS NOT NULL",
    );
    wrong
}

#[test]
fn a_killed_run_leaves_a_sound_account() {
    let moments = [
        ("organizations", 1),
        ("locations", 1),
        ("contacts", 1),
        ("configurations", 1),
        ("rmm_devices", 1),
        ("rmm_devices", 400),
        ("rmm_companies", 1),
    ];
    let mut killed = 0;
    for (table, rows) in moments {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("large.yaml"), SCRIPT).expect("a file in it");
        killed += u32::from(killed_at(folder.path(), table, rows));
        let path = account_in(&folder.path().join("kept")).expect("the account was begun");
        let wrong = wrong_with(&path);
        assert!(wrong.is_empty(), "killed at {rows} {table}: {wrong:?}");
        let account = Account::open(&path).expect("the account opens again");
        let engine = Engine::new(account, None, Box::new(()));
        let outcome = engine.outcome().expect("the account can be read");
        assert_eq!(created_twice(&outcome), Vec::<String>::new());
    }
    assert!(killed >= 4, "only {killed} runs were still running");
}

/// Ctrl-C is no accident: it has a code of its own, and leaves what was kept until then.
#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_says_so_and_leaves_a_sound_account() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("large.yaml"), SCRIPT).expect("a file in it");
    let running = run_to(folder.path(), "configurations", 1);
    let mut running = running.expect("it runs for longer than its first page takes");
    let id = running.0.id().to_string();
    let sent = Command::new("kill").args(["-s", "INT", &id]).status();
    assert!(sent.expect("a system with `kill`").success());
    let status = running.0.wait().expect("it is ours");
    assert_eq!(status.code(), Some(i32::from(INTERRUPTED)));
    let kept = folder.path().join("kept");
    let path = account_in(&kept).expect("the account was begun");
    assert_eq!(wrong_with(&path), Vec::<String>::new());
    let events = fs::read_to_string(path.with_file_name("events.jsonl")).expect("the event log");
    assert!(events.ends_with('\n'), "half a line is left");
    for line in events.lines() {
        let event: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(event.is_ok(), "{line}");
    }
    assert!(events.contains("\"case-started\""), "{events}");
}

/// The check above can fail: it finds what it is there to find.
#[test]
fn a_damaged_account_is_recognised() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("account.sqlite");
    block_on(async {
        let rig = Rig::new(tenants::clean(9, 2), 50);
        let account = Account::open(&path).expect("a new account");
        let mut engine = rig.engine_on(account, Box::new(()));
        for tool in [Tool::Psa, Tool::Rmm] {
            let report = engine.sync(tool).await.expect("a sync can begin");
            assert!(report.error.is_none(), "{:?}", report.error);
        }
    });
    assert_eq!(wrong_with(&path), Vec::<String>::new());
    let account = Connection::open(&path).expect("the file can be opened");
    account
        .execute(
            "DELETE FROM configurations WHERE id IN (SELECT record_id FROM rmm_devices)",
            [],
        )
        .expect("a deletion");
    account
        .execute("DELETE FROM links WHERE kind = 'contact'", [])
        .expect("a deletion");
    drop(account);
    let wrong = wrong_with(&path).join("; ");
    for what in [
        "links to no configuration",
        "contacts of the PSA without a link",
        "rows of rmm_devices matched to nothing",
    ] {
        assert!(wrong.contains(what), "{what}: {wrong}");
    }
}

/// Where a sync breaks off: the operation, and how many pages get through before.
const BREAKS: [(Tool, &str, u32); 9] = [
    (Tool::Psa, "companies.list", 0),
    (Tool::Psa, "companies.list", 1),
    (Tool::Psa, "sites.list", 2),
    (Tool::Psa, "contacts.list", 1),
    (Tool::Psa, "configurations.list", 1),
    (Tool::Psa, "configurations.list", 3),
    (Tool::Rmm, "sites.list", 1),
    (Tool::Rmm, "devices.list", 2),
    (Tool::Rmm, "audit.device", 7),
];

fn rig() -> Rig {
    Rig::new(tenants::clean(31, 4), 3)
}

fn outcome(engine: &Engine) -> Outcome {
    engine.outcome().expect("the account can be read")
}

async fn sync(engine: &mut Engine, tool: Tool) -> Option<&'static str> {
    let report = engine.sync(tool).await.expect("a sync can begin");
    report.error.map(|error| error.code())
}

async fn broken_off(rig: &Rig, engine: &mut Engine, place: (Tool, &str, u32)) {
    let (tool, operation, pages) = place;
    if tool == Tool::Rmm {
        assert_eq!(sync(engine, Tool::Psa).await, None);
    }
    let rule = FaultRule::new(Fault::Reset).on(operation).after(pages);
    let world_tool = match tool {
        Tool::Psa => syncrig_mocks::world::Tool::Psa,
        Tool::Rmm => syncrig_mocks::world::Tool::Rmm,
    };
    rig.side(world_tool).faults.add(rule);
    let error = sync(engine, tool).await;
    assert_eq!(error, Some("vendor-unreachable"), "{place:?}");
    rig.clear_faults();
}

#[test]
fn the_same_engine_completes_what_was_broken_off() {
    block_on(async {
        let undisturbed = rig();
        let mut engine = undisturbed.engine();
        for tool in [Tool::Psa, Tool::Rmm] {
            assert_eq!(sync(&mut engine, tool).await, None);
        }
        let wanted = state(&outcome(&engine));
        for place in BREAKS {
            let rig = rig();
            let mut engine = rig.engine();
            broken_off(&rig, &mut engine, place).await;
            for tool in [Tool::Psa, Tool::Rmm] {
                assert_eq!(sync(&mut engine, tool).await, None);
            }
            let found = outcome(&engine);
            assert_eq!(difference(&wanted, &state(&found)), "", "{place:?}");
            assert_eq!(wrong_ledgers(&found), Vec::<String>::new());
        }
    });
}

/// A fresh engine is a new integration to the account: what the one before wrote is found again by
/// its first-contact key, and nothing is written a second time.
#[test]
fn a_fresh_engine_on_the_same_file_makes_nothing_twice() {
    block_on(async {
        let undisturbed = rig();
        let mut engine = undisturbed.engine();
        for tool in [Tool::Psa, Tool::Rmm] {
            assert_eq!(sync(&mut engine, tool).await, None);
        }
        let wanted = outcome(&engine);
        for place in BREAKS {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("account.sqlite");
            let open = || Account::open(&path).expect("the account opens");
            let rig = rig();
            let mut engine = rig.engine_on(open(), Box::new(()));
            broken_off(&rig, &mut engine, place).await;
            drop(engine);
            let mut engine = rig.engine_on(open(), Box::new(()));
            for tool in [Tool::Psa, Tool::Rmm] {
                assert_eq!(sync(&mut engine, tool).await, None);
            }
            let found = outcome(&engine);
            for kind in RecordKind::ALL {
                let names = |outcome: &Outcome| {
                    let records = outcome.records(kind).iter();
                    let mut names: Vec<String> = records
                        .map(|record| format!("{} {:?}", record.name, record.fields.get("serial")))
                        .collect();
                    names.sort_unstable();
                    names
                };
                assert_eq!(names(&found), names(&wanted), "{place:?}");
            }
        }
    });
}
