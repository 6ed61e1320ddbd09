//! The stage of one case: the world, a simulator for each tool behind its own port, and the clock
//! that they share with the subject.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use syncrig_mocks::front::{Faults, Faulty, Loopback, LoopbackOptions, Time};
use syncrig_mocks::world::{Change, DeviceClass, Kind, Tool, World};
use syncrig_mocks::{ChangeError, Simulator, TruthRow, Vendor, simulator};

use super::clock::RigClock;
use crate::connectors::{DeviceKind, PsaCapabilities, RmmCapabilities, rmm_capabilities};

/// When every run begins: 2026-01-05T09:00:00Z, in milliseconds. Simulated time starts here.
pub const EPOCH: i64 = 1_767_603_600_000;

/// A world with its vendors.
pub struct Stage {
    /// The truth and both tools' views of it.
    pub world: World,
    /// What time it is.
    pub clock: RigClock,
    /// What the PSA is narrowed to, when it stands in for another vendor.
    pub narrow: Option<PsaCapabilities>,
    /// What the RMM is narrowed to, when it stands in for another vendor.
    pub narrow_rmm: Option<RmmCapabilities>,
    psa: Option<Actor>,
    rmm: Option<Actor>,
    /// What each device of the RMM's tool is or last was, by its key there.
    kinds: BTreeMap<String, DeviceKind>,
}

/// One vendor on the stage.
pub struct Actor {
    /// Who it is.
    pub vendor: Vendor,
    /// Its records.
    pub simulator: Arc<dyn Simulator>,
    /// What goes wrong on purpose.
    pub faults: Arc<Faults>,
    /// Where it listens.
    pub server: Loopback,
}

impl Stage {
    /// Stands the vendors up on free ports of the loopback interface.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn raise(
        world: World,
        psa: Option<Vendor>,
        rmm: Option<Vendor>,
        limits: bool,
    ) -> io::Result<Self> {
        let start = Timestamp::from_millisecond(EPOCH).map_err(io::Error::other)?;
        let clock = RigClock::new(start);
        let psa = match psa {
            Some(vendor) => Some(Actor::raise(vendor, &world, &clock, limits).await?),
            None => None,
        };
        let devices = world.project(Tool::Rmm).devices.into_iter();
        let kinds = devices
            .map(|device| (device.key, kind_of(device.class)))
            .collect();
        let rmm = match rmm {
            Some(vendor) => Some(Actor::raise(vendor, &world, &clock, limits).await?),
            None => None,
        };
        Ok(Self {
            world,
            clock,
            narrow: None,
            narrow_rmm: None,
            psa,
            rmm,
            kinds,
        })
    }

    /// Whether the RMM has a device, be it only that it has such devices at all.
    pub fn rmm_has(&self, key: &str) -> bool {
        let Some(rmm) = &self.rmm else {
            return true;
        };
        let own = rmm_capabilities(rmm.vendor.slug());
        let tables = own.into_iter().chain(self.narrow_rmm);
        let kind = self.kinds.get(key);
        kind.is_none_or(|kind| tables.into_iter().all(|table| table.has_kind(*kind)))
    }

    /// Those of the named devices that the RMM has; none for all of them, where it has all.
    pub fn rmm_devices(&self, named: Option<Vec<String>>) -> Option<Vec<String>> {
        let all = self.kinds.keys().all(|key| self.rmm_has(key));
        let mut keys = match named {
            None if all => return None,
            None => {
                let devices = self.world.project(Tool::Rmm).devices.into_iter();
                devices.map(|device| device.key).collect()
            }
            Some(keys) => keys,
        };
        keys.retain(|key| self.rmm_has(key));
        Some(keys)
    }

    /// The records of a vendor and what they stand for. Devices that the RMM has not, or would not have
    /// if it were the vendor that it stands in for, are not among them.
    pub fn truth(&self, actor: &Actor) -> Vec<TruthRow> {
        let mut rows = actor.simulator.truth();
        if actor.vendor.tool() == Tool::Rmm {
            rows.retain(|row| row.kind != Kind::Device || self.rmm_has(&row.key));
        }
        rows
    }

    /// The vendor that plays a tool.
    pub const fn actor(&self, tool: Tool) -> Option<&Actor> {
        match tool {
            Tool::Psa => self.psa.as_ref(),
            Tool::Rmm => self.rmm.as_ref(),
        }
    }

    /// The vendors, PSA first.
    pub fn actors(&self) -> impl Iterator<Item = &Actor> {
        self.psa.iter().chain(&self.rmm)
    }

    /// Tells the vendors what people changed in them. A tool that nobody plays has nothing to tell.
    ///
    /// # Errors
    /// When a vendor does not hold what the change is about.
    pub fn tell(&mut self, changes: &[(Tool, Change)]) -> Result<(), ChangeError> {
        for (tool, change) in changes {
            if let (Tool::Rmm, Change::Put(it) | Change::Edit { after: it, .. }) = (tool, change)
                && let Some(device) = it.as_device()
            {
                self.kinds.insert(device.key.clone(), kind_of(device.class));
            }
            if let Some(actor) = self.actor(*tool) {
                actor.simulator.apply(change, self.clock.time())?;
            }
        }
        Ok(())
    }

    /// Calls so far, by vendor and operation.
    pub fn calls(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        self.actors().fold(BTreeMap::new(), |mut calls, actor| {
            let of: &mut BTreeMap<_, _> = calls.entry(actor.vendor.slug().to_owned()).or_default();
            for (operation, count) in actor.server.calls() {
                *of.entry(operation).or_default() += count;
            }
            calls
        })
    }

    /// Closes the ports.
    pub async fn strike(self) {
        for actor in [self.psa, self.rmm].into_iter().flatten() {
            actor.server.stop().await;
        }
    }
}

const fn kind_of(class: DeviceClass) -> DeviceKind {
    match class {
        DeviceClass::Workstation => DeviceKind::Workstation,
        DeviceClass::Server => DeviceKind::Server,
        DeviceClass::Hypervisor => DeviceKind::Hypervisor,
        DeviceClass::Network => DeviceKind::Network,
        DeviceClass::Printer => DeviceKind::Printer,
    }
}

impl Actor {
    async fn raise(
        vendor: Vendor,
        world: &World,
        clock: &RigClock,
        limits: bool,
    ) -> io::Result<Self> {
        let simulator = simulator(vendor, world, clock.time());
        simulator.set_limits(limits);
        let faults = Arc::new(Faults::new());
        let faulty = Arc::new(Faulty::new(Arc::clone(&simulator), Arc::clone(&faults)));
        let time: Arc<dyn Time> = Arc::new(clock.clone());
        let server = Loopback::start(faulty, time, LoopbackOptions::default()).await?;
        Ok(Self {
            vendor,
            simulator,
            faults,
            server,
        })
    }

    /// The base URL that a client is given.
    pub fn base_url(&self) -> String {
        format!(
            "{}{}",
            self.server.base_url(),
            self.simulator.access().base_path
        )
    }
}
