//! How long a sync takes on the vendors' real APIs, said without running one: the requests that each
//! connector makes for a tenant of that size, at the pace that it keeps to below the vendor's limit. It
//! knows limits and amounts, and neither simulators nor the engine.

mod pace;
mod report;

pub use report::{
    Bound, Operation, QuotaReport, QuotaSync, Tenant, ToolQuota, VendorLimit, quota, quota_of,
    write_quota,
};
