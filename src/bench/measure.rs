//! The measuring: for every size the processes are started, asked in turn, and stopped. Nothing else
//! runs meanwhile, and whatever was started ends with the future that started it.

use std::io;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::job::{Answer, Ask, BenchPlan, Door, Job, Synced};
use super::report::{BenchReport, Phase, PhaseReport, RunReport, SimulatorReport};
use super::usage::Usage;
use crate::model::Tool;

/// What keeps a bench from its end.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A process cannot be started, or talked to.
    #[error("cannot run the {part}: {reason}")]
    Process {
        /// Which one.
        part: String,
        /// Why.
        reason: io::Error,
    },
    /// A process gave up.
    #[error("the {part} gave up: {message}")]
    GaveUp {
        /// Which one.
        part: String,
        /// What it said.
        message: String,
    },
    /// No place for the account.
    #[error("cannot make a folder for the account: {0}")]
    Folder(io::Error),
    /// A sync that should have changed nothing wrote something, or the changes did not arrive.
    #[error("{phase} is wrong: {message}")]
    Outcome {
        /// When.
        phase: Phase,
        /// What.
        message: String,
    },
}

impl BenchError {
    /// A stable name of the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Process { .. } => "bench-process",
            Self::GaveUp { .. } => "bench-part",
            Self::Folder(_) => "bench-folder",
            Self::Outcome { .. } => "bench-outcome",
        }
    }

    /// What a person can do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Process { .. } => {
                "make sure that the program may start itself, and free some memory"
            }
            Self::GaveUp { .. } => "free some memory and ports, or measure a smaller tenant",
            Self::Folder(_) => "set TMPDIR to a folder that can be written to",
            Self::Outcome { .. } => "this is a fault of syncrig: please report it with the command",
        }
    }
}

/// Where a bench stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Simulators load the tenant.
    Loading,
    /// A sync runs.
    Syncing(Phase),
    /// The account is read back.
    ReadingBack,
}

/// Hears where a bench stands.
pub trait BenchListener {
    /// The run of so many records, the `repeat`th of its size from 1, is now there.
    fn hear(&self, records: u64, repeat: u32, stage: Stage);
}

impl BenchListener for () {
    fn hear(&self, _records: u64, _repeat: u32, _stage: Stage) {}
}

/// Measures.
///
/// # Errors
/// [`BenchError`] when a process breaks or a sync comes out wrong.
pub async fn bench(
    plan: &BenchPlan,
    program: &Path,
    listener: &dyn BenchListener,
) -> Result<BenchReport, BenchError> {
    let mut runs = Vec::new();
    for organizations in sizes(plan) {
        let mut samples = Vec::new();
        for repeat in 1..=plan.repeat.max(1) {
            let run = Run {
                plan,
                organizations,
                program,
                tell: &|stage| {
                    let records = u64::from(organizations) * u64::from(plan.devices);
                    listener.hear(records, repeat, stage);
                },
            };
            samples.push(run.measure().await?);
        }
        runs.push(RunReport::median(samples));
    }
    Ok(BenchReport::new(plan.clone(), runs))
}

/// A quarter, a half and the whole, as far as they differ.
fn sizes(plan: &BenchPlan) -> Vec<u32> {
    let whole = plan.organizations;
    let mut sizes = match plan.growth {
        true => vec![whole / 4, whole / 2, whole],
        false => vec![whole],
    };
    sizes.retain(|size| *size > 0);
    sizes.dedup();
    sizes
}

struct Run<'a> {
    plan: &'a BenchPlan,
    organizations: u32,
    program: &'a Path,
    tell: &'a dyn Fn(Stage),
}

impl Run<'_> {
    async fn measure(&self) -> Result<RunReport, BenchError> {
        (self.tell)(Stage::Loading);
        let mut simulators = Vec::new();
        for tool in self.plan.tools() {
            let job = Job::Simulator {
                plan: self.plan.clone(),
                tool,
                organizations: self.organizations,
            };
            let part = Process::start(self.program, tool.to_string(), &job).await?;
            simulators.push((tool, part));
        }
        let mut doors = Vec::new();
        let mut loads = Vec::new();
        for (tool, part) in &mut simulators {
            let answer = part.answer().await?;
            let Answer::Standing {
                door,
                load_us,
                usage,
            } = answer
            else {
                return Err(part.unexpected(&answer));
            };
            loads.push(SimulatorReport {
                tool: *tool,
                vendor: door.vendor.clone(),
                load_ms: load_us.div_ceil(1_000),
                peak_bytes: usage.peak_bytes,
            });
            doors.push(door);
        }
        let mut phases = Vec::new();
        let mut read_back = None;
        let folder = TempDir::with_prefix("syncrig-bench-").map_err(BenchError::Folder)?;
        let mut engine = self.engine(&doors, folder.path()).await?;
        for phase in self.phases() {
            if phase == Phase::Changed {
                let answer = engine.ask(Ask::Now).await?;
                let Answer::Now { now_ms } = answer else {
                    return Err(engine.unexpected(&answer));
                };
                for (_, simulator) in &mut simulators {
                    let answer = simulator.ask(Ask::Change { now_ms }).await?;
                    if !matches!(answer, Answer::Changed { .. }) {
                        return Err(simulator.unexpected(&answer));
                    }
                }
            }
            (self.tell)(Stage::Syncing(phase));
            let before = used(&mut simulators).await?;
            let incremental = matches!(phase, Phase::UnchangedIncremental | Phase::Changed);
            let answer = engine.ask(Ask::Sync { incremental }).await?;
            let Answer::Synced(synced) = answer else {
                return Err(engine.unexpected(&answer));
            };
            let after = used(&mut simulators).await?;
            check(phase, &synced)?;
            let cpu_us = after.iter().zip(&before);
            let cpu_us = cpu_us.map(|(after, before)| after.since(*before).cpu_us);
            phases.push(PhaseReport::new(phase, &synced, cpu_us.sum()));
            for (load, usage) in loads.iter_mut().zip(&after) {
                load.peak_bytes = usage.peak_bytes;
            }
            if phase == Phase::First {
                (self.tell)(Stage::ReadingBack);
                let answer = engine.ask(Ask::ReadBack).await?;
                let Answer::ReadBack {
                    wall_us, records, ..
                } = answer
                else {
                    return Err(engine.unexpected(&answer));
                };
                read_back = Some((wall_us, records));
            }
        }
        if let Some((wall_us, records)) = read_back
            && let Some(first) = phases.first_mut()
        {
            first.read_back(wall_us, records);
        }
        engine.stop().await;
        for (_, simulator) in simulators {
            simulator.stop().await;
        }
        Ok(RunReport {
            organizations: self.organizations,
            devices: u64::from(self.organizations) * u64::from(self.plan.devices),
            simulators: loads,
            phases,
        })
    }

    async fn engine(&self, doors: &[Door], folder: &Path) -> Result<Process, BenchError> {
        let job = Job::Engine {
            plan: self.plan.clone(),
            tools: doors.to_vec(),
            account: folder.join("account.sqlite"),
        };
        let mut engine = Process::start(self.program, "engine".to_owned(), &job).await?;
        let answer = engine.answer().await?;
        match answer {
            Answer::Connected => Ok(engine),
            other => Err(engine.unexpected(&other)),
        }
    }

    fn phases(&self) -> Vec<Phase> {
        let mut phases = vec![
            Phase::First,
            Phase::UnchangedFull,
            Phase::UnchangedIncremental,
        ];
        if self.plan.changes.millionths() > 0 {
            phases.push(Phase::Changed);
        }
        phases
    }
}

async fn used(simulators: &mut [(Tool, Process)]) -> Result<Vec<Usage>, BenchError> {
    let mut all = Vec::with_capacity(simulators.len());
    for (_, simulator) in simulators {
        match simulator.ask(Ask::Usage).await? {
            Answer::Usage(usage) => all.push(usage),
            other => return Err(simulator.unexpected(&other)),
        }
    }
    Ok(all)
}

/// A benchmark of a sync that did not do its work is worth nothing.
fn check(phase: Phase, synced: &Synced) -> Result<(), BenchError> {
    let wrong = |message: String| Err(BenchError::Outcome { phase, message });
    match phase {
        Phase::First if synced.writes == 0 => wrong(format!(
            "{} records came and nothing was written",
            synced.records.values().sum::<u64>()
        )),
        Phase::UnchangedFull | Phase::UnchangedIncremental if synced.writes > 0 => wrong(format!(
            "nothing changed and {} rows were written",
            synced.writes
        )),
        _ => Ok(()),
    }
}

/// One process that is asked and answers.
struct Process {
    name: String,
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    async fn start(program: &Path, name: String, job: &Job) -> Result<Self, BenchError> {
        let started = Command::new(program)
            .arg("bench-part")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = started.map_err(|reason| BenchError::Process {
            part: name.clone(),
            reason,
        })?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            let reason = io::Error::other("it has no input and output");
            return Err(BenchError::Process { part: name, reason });
        };
        let mut process = Self {
            name,
            child,
            input,
            output: BufReader::new(output).lines(),
        };
        let line = serde_json::to_string(job).map_err(io::Error::other);
        process.tell(line).await?;
        Ok(process)
    }

    async fn ask(&mut self, ask: Ask) -> Result<Answer, BenchError> {
        let line = serde_json::to_string(&ask).map_err(io::Error::other);
        self.tell(line).await?;
        self.answer().await
    }

    async fn tell(&mut self, line: io::Result<String>) -> Result<(), BenchError> {
        let told = match line {
            Ok(line) => self.input.write_all(format!("{line}\n").as_bytes()).await,
            Err(error) => Err(error),
        };
        told.map_err(|reason| self.broken(reason))
    }

    async fn answer(&mut self) -> Result<Answer, BenchError> {
        let line = match self.output.next_line().await {
            Ok(Some(line)) => line,
            Ok(None) => return Err(self.broken(io::Error::other("it ended without an answer"))),
            Err(reason) => return Err(self.broken(reason)),
        };
        match serde_json::from_str(&line) {
            Ok(Answer::Failed { message }) => Err(BenchError::GaveUp {
                part: self.name.clone(),
                message,
            }),
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.broken(io::Error::other(error))),
        }
    }

    fn broken(&self, reason: io::Error) -> BenchError {
        BenchError::Process {
            part: self.name.clone(),
            reason,
        }
    }

    fn unexpected(&self, answer: &Answer) -> BenchError {
        self.broken(io::Error::other(format!("it answered {answer:?}")))
    }

    /// Lets it end by itself.
    async fn stop(self) {
        let Self {
            mut child, input, ..
        } = self;
        drop(input);
        let _ = child.wait().await;
    }
}
