//! The devices of a generated tenant, one organization at a time: a tenant with a million of them never
//! lies in memory as a whole. They are the same as [`generate`](super::generate()) makes.

use super::super::records::{DeviceRecord, Tool};
use super::super::shelf::Entry;
use super::super::tenant::Tenant;
use super::client::Names;
use super::hardware::Register;
use super::{Customer, GenerateSpec, SpecError};

/// Devices that are still to be made.
pub struct Fleet {
    spec: GenerateSpec,
    customers: Vec<Customer>,
    register: Register,
}

/// Makes a tenant without its devices, which come from the fleet beside it.
///
/// # Errors
/// Settings that no tenant can be made of.
pub fn generate_apart(spec: &GenerateSpec) -> Result<(Tenant, Fleet), SpecError> {
    spec.check()?;
    let mut tenant = Tenant {
        seed: spec.seed.into(),
        ..Tenant::default()
    };
    let mut names = Names::default();
    let found = |index| Customer::found(&mut tenant, spec, index, &mut names);
    let customers: Vec<Customer> = (0..spec.organizations).map(found).collect();
    for customer in &customers {
        let contacts = customer.contacts.iter().cloned();
        let contacts = contacts.map(|(key, contact)| (key.into(), contact));
        tenant.contacts.extend(contacts);
    }
    let fleet = Fleet {
        spec: spec.clone(),
        customers,
        register: Register::default(),
    };
    Ok((tenant, fleet))
}

impl Fleet {
    /// The devices as a tool holds them, in the order of the tenant.
    pub fn records(self, tool: Tool) -> impl Iterator<Item = DeviceRecord> {
        let Self {
            spec,
            customers,
            mut register,
        } = self;
        customers.into_iter().flat_map(move |customer| {
            let mut records = Vec::new();
            for made in customer.machines(&spec, &mut register) {
                let entry = Entry::new(made.device);
                let slots = entry.slots(tool);
                records.extend(slots.map(|slot| slot.record(&made.key, &entry)));
            }
            records
        })
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let organizations = self.customers.len();
        write!(formatter, "Fleet of {organizations} organizations")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Count, DirtPreset, DirtSpec, generate};

    #[test]
    fn a_fleet_has_the_devices_of_the_tenant() {
        let spec = GenerateSpec {
            seed: 9,
            organizations: 7,
            devices_per_organization: Count::Fixed(60),
            dirt: DirtSpec::preset(DirtPreset::Typical),
            ..GenerateSpec::default()
        };
        let whole = generate(&spec).unwrap().into_world().unwrap();
        for tool in [Tool::Psa, Tool::Rmm] {
            let (tenant, fleet) = generate_apart(&spec).unwrap();
            let mut records = tenant.into_world().unwrap().project(tool);
            records.devices = fleet.records(tool).collect();
            assert!(records.devices.len() > 400);
            assert_eq!(records, whole.project(tool));
        }
    }
}
