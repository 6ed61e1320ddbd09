//! Syncro, the RMM's side of the same API: customers are the companies, assets the devices. Everything of a
//! device stands in its row of the list. It knows the vendor's contract and nothing of the account.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::device::Device;
use super::wire::Customer;
use super::{CUSTOMERS, Syncro};
use crate::connectors::walk::{Fetched, Walk};
use crate::connectors::{PageStream, PsaConnector, Result, RmmCapabilities, RmmConnector};
use crate::model::{RemoteCompany, RemoteDevice};
use crate::transport::CallStats;

impl Syncro {
    /// What its API can give of a device.
    pub const RMM_CAPABILITIES: RmmCapabilities = RmmCapabilities {
        // A customer has no sites.
        without: &["rmm_location"],
        own_form: &[
            "configuration_type",
            "operating_system",
            // With dashes, and as they were written down where there is no agent.
            "primary_mac",
            "interfaces",
            // Whole disks in GB, to two places, and no free space.
            "disks",
        ],
        // What people wrote down of it, and no more.
        without_agent: &[
            "default_gateway",
            "cpu",
            "memory_bytes",
            "disks",
            "last_user",
            "last_reboot",
            "last_seen",
        ],
        agent_on_hosts: false,
        without_kinds: &[],
    };

    /// What plays the company.
    pub const COMPANIES: &[&str] = &["customers"];
}

impl RmmConnector for Syncro {
    fn vendor(&self) -> &'static str {
        Self::VENDOR
    }

    fn stats(&self) -> CallStats {
        self.client.stats()
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        PsaConnector::check(self)
    }

    /// Disabled customers are asked for: their assets are listed like any other's.
    fn companies(&self) -> PageStream<'_, RemoteCompany> {
        self.walk("sites.list", CUSTOMERS, |row: Customer| {
            (row.id, row.into_company())
        })
    }

    /// An asset without a customer is left out: it is nobody's. [`CallStats::left_out`] counts them.
    fn devices(&self) -> PageStream<'_, RemoteDevice> {
        const OPERATION: &str = "devices.list";
        Box::new(Walk::new(&self.client, OPERATION, move |at| {
            async move {
                let path = "/customer_assets?";
                let (rows, end) = self.page::<Device>(OPERATION, path, at).await?;
                let map = |row: Device| {
                    let id = row.id;
                    let device = row.into_device();
                    if device.is_none() {
                        self.client.leave_out("asset without a customer");
                    }
                    device.map(|device| (id, device))
                };
                Ok(Fetched::each(rows, end, |row| row.id, map))
            }
            .boxed()
        }))
    }
}
