//! What is measured, and what the processes are told of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::usage::Usage;
use crate::model::{Method, Tool};
use crate::quota::Tenant;

/// Locations of an organization.
pub(super) const LOCATIONS: u32 = 1;
/// Contacts of an organization.
pub(super) const CONTACTS: u32 = 5;

/// What to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchPlan {
    /// Organizations of the tenant.
    pub organizations: u32,
    /// Devices of each organization.
    pub devices: u32,
    /// Seed of the tenant.
    pub seed: u64,
    /// The sync method.
    pub method: Method,
    /// Slug of the PSA.
    pub psa: String,
    /// Slug of the RMM.
    pub rmm: String,
    /// Share of the devices that change before the last sync.
    pub changes: Share,
    /// Whether the vendors' published limits hold, in simulated time.
    pub vendor_limits: bool,
    /// Milliseconds added to every reply.
    pub latency_ms: u64,
    /// How often each size is measured; the report holds the medians.
    pub repeat: u32,
    /// Whether a quarter and a half of the tenant are measured too.
    pub growth: bool,
}

impl BenchPlan {
    /// Devices of the tenant.
    pub const fn records(&self) -> u64 {
        self.organizations as u64 * self.devices as u64
    }

    /// The tools that the method connects, in the order in which they sync.
    pub fn tools(&self) -> Vec<Tool> {
        let psa = (self.method != Method::D).then_some(Tool::Psa);
        let rmm = (self.method != Method::A).then_some(Tool::Rmm);
        psa.into_iter().chain(rmm).collect()
    }

    /// The tenant as the calculation at the vendors' limits has it; what is generated differs from it by
    /// what is missing in one tool or twice in another.
    pub(super) fn tenant(&self) -> Tenant {
        Tenant {
            organizations: self.organizations.into(),
            devices: self.devices.into(),
            locations: LOCATIONS.into(),
            contacts: CONTACTS.into(),
            changed_millionths: self.changes.millionths(),
            method: self.method,
            latency_ms: self.latency_ms,
        }
    }

    pub(super) fn vendor(&self, tool: Tool) -> &str {
        match tool {
            Tool::Psa => &self.psa,
            Tool::Rmm => &self.rmm,
        }
    }
}

/// A share of the devices, in millionths, so that equal texts are equal shares: `0.1%`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share(u32);

impl Share {
    /// In millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no share; write 0.1% or a part of one (0.001)");
        let text_trimmed = text.trim();
        let (number, whole) = match text_trimmed.strip_suffix('%') {
            Some(number) => (number, 100.0),
            None => (text_trimmed, 1.0),
        };
        let share: f64 = number.trim().parse().map_err(|_| wrong())?;
        let share = share / whole;
        if !(0.0..=1.0).contains(&share) {
            return Err(wrong());
        }
        Ok(Self((share * 1e6).round() as u32))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}%", f64::from(self.0) / 1e4)
    }
}

/// What a process is to be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Job {
    Simulator {
        plan: BenchPlan,
        tool: Tool,
        organizations: u32,
    },
    Engine {
        plan: BenchPlan,
        tools: Vec<Door>,
        account: PathBuf,
    },
}

/// Where a vendor is to be found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Door {
    pub(super) tool: Tool,
    pub(super) vendor: String,
    pub(super) base_url: String,
    pub(super) credentials: BTreeMap<String, String>,
}

/// What a process is asked while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// What was used so far.
    Usage,
    /// A simulator: the changes of a day, at this time, in milliseconds since 1970.
    Change { now_ms: i64 },
    /// The engine: what time it is by its clock.
    Now,
    /// The engine: one sync of every tool.
    Sync { incremental: bool },
    /// The engine: the account read back as a report would.
    ReadBack,
}

/// What a process answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// A simulator stands.
    Standing {
        door: Door,
        load_us: u64,
        usage: Usage,
    },
    /// The engine is connected.
    Connected,
    Usage(Usage),
    Changed {
        records: u64,
    },
    Now {
        now_ms: i64,
    },
    Synced(Box<Synced>),
    ReadBack {
        wall_us: u64,
        records: u64,
        usage: Usage,
    },
    /// It cannot go on.
    Failed {
        message: String,
    },
}

/// One sync of every tool, as the engine saw it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Synced {
    pub(super) wall_us: u64,
    /// Time at the vendors' limits, where they hold.
    pub(super) simulated_ms: Option<u64>,
    pub(super) wire_us: u64,
    pub(super) decode_us: u64,
    pub(super) stage_us: u64,
    pub(super) match_us: u64,
    pub(super) write_us: u64,
    pub(super) requests: u64,
    pub(super) bytes: u64,
    /// Records that the vendors delivered, by tool.
    pub(super) records: BTreeMap<Tool, u64>,
    pub(super) writes: u64,
    pub(super) usage: Usage,
}
