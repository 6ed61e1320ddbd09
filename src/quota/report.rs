//! The answer as a document and as a table.

use std::io::{self, Write};

use serde::Serialize;

use super::pace::took;
use crate::connectors::{
    Amounts, Calls, Fleet, Reading, allowances, limit_evidence, psa_calls, psa_limit, psa_pace,
    rmm_calls, rmm_limit, rmm_pace,
};
use crate::model::{Evidence, Method, Tool};
use crate::report::{figures, grouped, long};

/// Version of the document.
const VERSION: u32 = 1;

/// The tenant that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tenant {
    /// Organizations.
    pub organizations: u64,
    /// Devices of each, in the PSA and in the RMM.
    pub devices: u64,
    /// Locations of each.
    pub locations: u64,
    /// Contacts of each.
    pub contacts: u64,
    /// Devices that are new or changed between two syncs, in millionths.
    pub changed_millionths: u32,
    /// The sync method.
    pub method: Method,
    /// Time of one round trip, in milliseconds.
    pub latency_ms: u64,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct QuotaReport {
    /// Version of this document.
    pub version: u32,
    /// What was asked.
    pub tenant: Tenant,
    /// One entry a tool, in the order in which they sync; where several vendors were asked about, one a
    /// vendor.
    pub tools: Vec<ToolQuota>,
}

/// One vendor.
#[derive(Debug, Clone, Serialize)]
pub struct ToolQuota {
    /// The tool.
    pub tool: Tool,
    /// The vendor's slug.
    pub vendor: String,
    /// What it allows; none when no limit is known.
    pub limit: Option<VendorLimit>,
    /// Everything, for the first time.
    pub first: QuotaSync,
    /// What changed a day later, as far as the vendor can be asked for it.
    pub later: QuotaSync,
}

/// What a vendor allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VendorLimit {
    /// Requests in a window.
    pub requests: u32,
    /// Length of the window in milliseconds.
    pub window_ms: u32,
    /// Requests in a window that the connector keeps to.
    pub kept_to: u32,
    /// How it is known.
    pub evidence: Evidence,
}

/// One sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuotaSync {
    /// Requests.
    pub requests: u64,
    /// How long it takes, in milliseconds.
    pub ms: u64,
    /// What most of that time is spent on.
    pub bound: Bound,
    /// Requests by operation.
    pub calls: Vec<Operation>,
}

/// Requests of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// Its name, as the counters of a run have it.
    pub operation: &'static str,
    /// Requests.
    pub requests: u64,
    /// How many are in flight at once.
    pub at_once: u32,
}

/// What a sync waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The vendor's limit.
    Limit,
    /// Replies.
    RoundTrips,
    /// Nothing that counts here.
    Nothing,
}

impl Bound {
    const fn text(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::RoundTrips => "round trips",
            Self::Nothing => "",
        }
    }
}

/// Shares of the kinds of devices where nothing else is said, in thousandths: workstations, servers, hosts
/// of virtual machines, network devices; printers are the rest (inferred).
const SHARES: [u64; 4] = [700, 100, 20, 100];

impl Tenant {
    fn total(&self) -> u64 {
        self.organizations * self.devices
    }

    /// What there is.
    pub fn amounts(&self) -> Amounts {
        let of_each = |count: u64| self.organizations * count;
        Amounts {
            organizations: self.organizations,
            locations: of_each(self.locations),
            contacts: of_each(self.contacts),
            configurations: self.total(),
            devices: fleet(self.total()),
        }
    }

    fn changed(&self) -> Amounts {
        let changed = self.total() * u64::from(self.changed_millionths) / 1_000_000;
        Amounts {
            configurations: changed,
            devices: fleet(changed),
            ..Amounts::default()
        }
    }
}

fn fleet(devices: u64) -> Fleet {
    let [workstations, servers, hosts, network] = SHARES.map(|share| devices * share / 1_000);
    Fleet {
        workstations,
        servers,
        hosts,
        network,
        printers: devices - workstations - servers - hosts - network,
    }
}

/// Answers for some vendors of each tool; those of a tool that the method does not connect are left out,
/// and so are slugs that there are not.
pub fn quota(tenant: Tenant, psas: &[&str], rmms: &[&str]) -> QuotaReport {
    let (amounts, changed) = (tenant.amounts(), tenant.changed());
    quota_of(tenant, &amounts, &changed, psas, rmms)
}

/// The same where it is known how much there is, and what changed.
pub fn quota_of(
    tenant: Tenant,
    amounts: &Amounts,
    changed: &Amounts,
    psas: &[&str],
    rmms: &[&str],
) -> QuotaReport {
    let psas = psas.iter().filter(|_| tenant.method != Method::D);
    let rmms = rmms.iter().filter(|_| tenant.method != Method::A);
    let tools = psas
        .map(|vendor| (Tool::Psa, *vendor))
        .chain(rmms.map(|vendor| (Tool::Rmm, *vendor)));
    let tools = tools.filter_map(|(tool, vendor)| {
        let reading = Reading {
            amounts,
            changed: None,
            configurations: tenant.method != Method::C,
            page_size: None,
        };
        let later = Reading {
            changed: Some(changed),
            ..reading
        };
        let (limit, pace) = match tool {
            Tool::Psa => (psa_limit(vendor), psa_pace(vendor)),
            Tool::Rmm => (rmm_limit(vendor), rmm_pace(vendor)),
        };
        let sync = |reading: &Reading<'_>| {
            let calls = match tool {
                Tool::Psa => psa_calls(vendor, reading)?,
                Tool::Rmm => rmm_calls(vendor, reading)?,
            };
            // Where each client's tenant has an allowance of its own they are spent one after the other.
            let apart = allowances(tool, vendor, amounts);
            let of_each: Vec<Calls> = calls
                .iter()
                .map(|calls| Calls {
                    requests: calls.requests.div_ceil(apart),
                    ..*calls
                })
                .collect();
            let took = took(&of_each, pace, tenant.latency_ms);
            Some(QuotaSync {
                requests: calls.iter().map(|calls| calls.requests).sum(),
                ms: took.ms * apart,
                bound: match (took.ms, took.held_ms * 2 > took.ms) {
                    (0, _) => Bound::Nothing,
                    (_, true) => Bound::Limit,
                    _ => Bound::RoundTrips,
                },
                calls: calls
                    .into_iter()
                    .map(|calls| Operation {
                        operation: calls.operation,
                        requests: calls.requests,
                        at_once: calls.at_once,
                    })
                    .collect(),
            })
        };
        Some(ToolQuota {
            tool,
            vendor: vendor.to_owned(),
            limit: limit.zip(pace).map(|(limit, pace)| VendorLimit {
                requests: limit.requests,
                window_ms: limit.window_ms,
                kept_to: pace.requests,
                evidence: limit_evidence(vendor),
            }),
            first: sync(&reading)?,
            later: sync(&later)?,
        })
    });
    QuotaReport {
        version: VERSION,
        tenant,
        tools: tools.collect(),
    }
}

/// Writes the answer for people, in at most `width` columns; `calls` adds the requests by operation.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_quota(
    out: &mut impl Write,
    report: &QuotaReport,
    width: u16,
    calls: bool,
) -> io::Result<()> {
    let tenant = &report.tenant;
    writeln!(
        out,
        "Method {}: {} organizations of {} devices, {} ms a round trip\n",
        tenant.method,
        grouped(tenant.organizations),
        grouped(tenant.devices),
        grouped(tenant.latency_ms),
    )?;
    let rows = report.tools.iter().map(|tool| {
        vec![
            tool.vendor.clone(),
            tool.tool.to_string(),
            tool.limit.map_or_else(|| "none known".to_owned(), limit),
            grouped(tool.first.requests),
            long(tool.first.ms),
            tool.first.bound.text().to_owned(),
            grouped(tool.later.requests),
            long(tool.later.ms),
            tool.later.bound.text().to_owned(),
        ]
    });
    let heads = [
        "vendor",
        "tool",
        "limit",
        "first",
        "takes",
        "waits for",
        "later",
        "takes",
        "waits for",
    ];
    writeln!(out, "{}", figures(&heads, rows, width))?;
    if !calls {
        return Ok(());
    }
    for tool in &report.tools {
        writeln!(out, "\n{}", tool.vendor)?;
        let later = |name: &str| {
            let mut calls = tool.later.calls.iter();
            calls.find(|calls| calls.operation == name)
        };
        let mut names: Vec<&str> = tool.first.calls.iter().map(|it| it.operation).collect();
        let new = tool.later.calls.iter().map(|it| it.operation);
        let new: Vec<&str> = new.filter(|name| !names.contains(name)).collect();
        names.extend(new);
        let rows = names.into_iter().map(|name| {
            let first = tool.first.calls.iter().find(|it| it.operation == name);
            let count = |calls: Option<&Operation>| {
                calls.map_or_else(String::new, |calls| grouped(calls.requests))
            };
            let at_once = first.or_else(|| later(name)).map_or(1, |it| it.at_once);
            vec![
                name.to_owned(),
                count(first),
                count(later(name)),
                at_once.to_string(),
            ]
        });
        let heads = ["operation", "first", "later", "at once"];
        writeln!(out, "{}", figures(&heads, rows, width))?;
    }
    Ok(())
}

fn limit(limit: VendorLimit) -> String {
    let tag = serde_json::to_value(limit.evidence).unwrap_or_default();
    let seconds = limit.window_ms / 1_000;
    let window = match seconds {
        60 => "a minute".to_owned(),
        3_600 => "an hour".to_owned(),
        _ => format!("in {seconds} s"),
    };
    let requests = grouped(limit.requests.into());
    format!("{requests} {window} ({})", tag.as_str().unwrap_or_default())
}
