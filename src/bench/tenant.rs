//! The tenant of a bench, as one vendor holds it, and the day's changes to it: nine in ten of them edits,
//! the others a record that comes or goes. Which devices change is drawn from the seed and their key, so
//! that both vendors change the same ones. Only what is to change is kept beside the simulator.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use jiff::Timestamp;
use syncrig_mocks::world::{
    Change, Count, DeviceRecord, DirtPreset, DirtSpec, GenerateSpec, Kind, Record,
    Tool as WorldTool, generate_apart,
};
use syncrig_mocks::{Simulator, Vendor, simulator_with_devices};

use super::job::{BenchPlan, CONTACTS, LOCATIONS};
use crate::model::Tool;

/// A simulator with what is about to change in it.
pub(super) struct Tenant {
    pub(super) simulator: Arc<dyn Simulator>,
    waiting: Vec<Change>,
}

/// What becomes of a device on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    Edited,
    Comes,
    Goes,
}

impl Tenant {
    /// Generates the tenant and gives the vendor its share.
    pub(super) fn raise(
        plan: &BenchPlan,
        tool: Tool,
        organizations: u32,
        now: Timestamp,
    ) -> Result<Self, String> {
        let (world_tool, slug) = match tool {
            Tool::Psa => (WorldTool::Psa, &plan.psa),
            Tool::Rmm => (WorldTool::Rmm, &plan.rmm),
        };
        let vendor = Vendor::named(slug, world_tool).map_err(|error| error.to_string())?;
        let spec = GenerateSpec {
            seed: plan.seed,
            organizations,
            devices_per_organization: Count::Fixed(plan.devices),
            locations_per_organization: Count::Fixed(LOCATIONS),
            contacts_per_organization: Count::Fixed(CONTACTS),
            dirt: DirtSpec::preset(DirtPreset::Typical),
            ..GenerateSpec::default()
        };
        // A device is made, rendered and gone before the next one comes.
        let (tenant, fleet) = generate_apart(&spec).map_err(|error| error.to_string())?;
        let world = tenant
            .into_world()
            .map_err(|errors| errors.first().map_or_else(String::new, ToString::to_string))?;
        let mut waiting = Vec::new();
        let devices = fleet.records(world_tool).filter_map(|device| {
            match fate(plan, &device.key) {
                Fate::Stays => {}
                Fate::Edited => waiting.push(edited(device.clone(), plan.seed)),
                Fate::Goes => waiting.push(removed(&device)),
                Fate::Comes => {
                    waiting.push(Change::Put(Record::from(device)));
                    return None;
                }
            }
            Some(device)
        });
        let simulator = simulator_with_devices(vendor, &world, devices, now);
        Ok(Self { simulator, waiting })
    }

    /// Lets the day's changes happen, all at one time, and says how many there were.
    pub(super) fn change(&mut self, now: Timestamp) -> Result<u64, String> {
        let changes = std::mem::take(&mut self.waiting);
        for change in &changes {
            let told = self.simulator.apply(change, now);
            told.map_err(|error| error.to_string())?;
        }
        Ok(changes.len() as u64)
    }
}

fn fate(plan: &BenchPlan, key: &str) -> Fate {
    // A copy of a device shares its fate, whichever tool holds it.
    let key = key.split('#').next().unwrap_or(key);
    let draw = foldhash::quality::FixedState::with_seed(plan.seed).hash_one(key);
    if draw % 1_000_000 >= u64::from(plan.changes.millionths()) {
        return Fate::Stays;
    }
    match (draw >> 32) % 20 {
        0 => Fate::Comes,
        1 => Fate::Goes,
        _ => Fate::Edited,
    }
}

fn edited(before: DeviceRecord, seed: u64) -> Change {
    let mut after = before.clone();
    after.name = format!("{}-R{}", before.name, seed % 10);
    Change::Edit {
        before: Record::from(before),
        after: Record::from(after),
    }
}

fn removed(device: &DeviceRecord) -> Change {
    Change::Remove {
        kind: Kind::Device,
        key: device.key.clone(),
    }
}
