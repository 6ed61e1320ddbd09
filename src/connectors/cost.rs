//! What reading a vendor costs in requests, said without sending one: for a tenant of known amounts, how
//! often each operation is called, and how many of its calls are in flight at once. One function a vendor
//! follows its connector's walks; `tests/it/quota.rs` reads tenants through the connectors and compares.
//! It knows no limit and no time.

mod psa;
mod rmm;

pub use psa::psa_calls;
pub use rmm::rmm_calls;

/// How many records there are of each kind, as the vendor lists them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Organizations; an RMM's companies.
    pub organizations: u64,
    /// Locations of a PSA.
    pub locations: u64,
    /// Contacts of a PSA.
    pub contacts: u64,
    /// Configurations of a PSA.
    pub configurations: u64,
    /// Devices of an RMM.
    pub devices: Fleet,
}

/// Devices by what an RMM tells of them apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Workstations with an agent.
    pub workstations: u64,
    /// Servers with an agent.
    pub servers: u64,
    /// Hosts of virtual machines.
    pub hosts: u64,
    /// Switches, firewalls and the like.
    pub network: u64,
    /// Printers.
    pub printers: u64,
}

impl Fleet {
    /// All of them.
    pub const fn total(&self) -> u64 {
        self.computers() + self.hosts + self.watched()
    }

    /// Those with an agent.
    pub const fn computers(&self) -> u64 {
        self.workstations + self.servers
    }

    /// Those that are only watched.
    pub const fn watched(&self) -> u64 {
        self.network + self.printers
    }
}

/// One reading of everything that a sync asks of a vendor.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// What there is.
    pub amounts: &'a Amounts,
    /// What is new or changed since the reading before, a day ago; none for the first
    /// reading. Changes alone are asked for where the vendor can tell. Nothing was deleted: where a count does not add up, ids are read as well.
    pub changed: Option<&'a Amounts>,
    /// Whether a PSA's configurations are read.
    pub configurations: bool,
    /// Records asked for in one request; the vendor's largest page when left out.
    pub page_size: Option<u32>,
}

/// Calls of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// As the connectors' counters name it.
    pub operation: &'static str,
    /// Requests.
    pub requests: u64,
    /// How many are in flight at once.
    pub at_once: u32,
}

impl Calls {
    const fn one_by_one(operation: &'static str, requests: u64) -> Self {
        Self::several(operation, requests, 1)
    }

    const fn several(operation: &'static str, requests: u64, at_once: u32) -> Self {
        Self {
            operation,
            requests,
            at_once,
        }
    }
}

impl Reading<'_> {
    const fn is_first(&self) -> bool {
        self.changed.is_none()
    }

    fn page(&self, largest: u32) -> u64 {
        u64::from(self.page_size.unwrap_or(largest).min(largest))
    }

    /// Amounts of which details are read one by one, where the vendor says which of them changed.
    fn fresh(&self) -> &Amounts {
        self.changed.unwrap_or(self.amounts)
    }
}

/// Records on the pages of Syncro, whose lists each have a size of their own.
mod syncro_page {
    pub(super) const CUSTOMERS: u64 = 100;
    pub(super) const CONTACTS: u64 = 50;
    pub(super) const ASSETS: u64 = 25;
}

/// Pages of a list that says how many records it has, or which page is the last.
const fn pages(records: u64, page: u64) -> u64 {
    let pages = records.div_ceil(page);
    if pages == 0 { 1 } else { pages }
}

/// Pages of a list that ends with the first one that is not full.
const fn until_short(records: u64, page: u64) -> u64 {
    records / page + 1
}

/// Pages of a list that ends with an empty one.
const fn until_empty(records: u64, page: u64) -> u64 {
    records.div_ceil(page) + 1
}
