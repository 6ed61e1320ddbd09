//! Tenants from a seed: clients, sites, people and devices as an MSP has them, clean or with the dirt
//! that its tools hold. Each entity is drawn from a stream of its own, so that more devices in one
//! organization leave the others as they are.

mod client;
mod draw;
mod fleet;
mod hardware;
mod machine;
mod soil;
mod spec;
mod words;

pub use fleet::{Fleet, generate_apart};
pub use spec::{ClassWeights, Count, GenerateSpec, SpecError};

use client::{Client, Names};
use draw::{Draw, Purpose};
use hardware::Register;
use machine::{Machine, Shop, epoch};
use soil::{OrganizationDirt, Soil};

use super::tenant::{Contact, Tenant};

/// Makes a tenant. Same settings, same tenant, on every machine.
///
/// # Errors
/// Settings that no tenant can be made of.
pub fn generate(spec: &GenerateSpec) -> Result<Tenant, SpecError> {
    spec.check()?;
    let mut tenant = Tenant {
        seed: spec.seed.into(),
        ..Tenant::default()
    };
    let mut names = Names::default();
    let mut register = Register::default();
    for index in 0..spec.organizations {
        let customer = Customer::found(&mut tenant, spec, index, &mut names);
        let devices = customer.machines(spec, &mut register).into_iter();
        tenant
            .devices
            .extend(devices.map(|made| (made.key.into(), made.device)));
        let contacts = customer.contacts.into_iter();
        tenant
            .contacts
            .extend(contacts.map(|(key, contact)| (key.into(), contact)));
    }
    Ok(tenant)
}

/// An organization and what its devices are made from.
pub(super) struct Customer {
    index: u32,
    client: Client,
    empty_site: bool,
    locations: u32,
    contacts: Vec<(String, Contact)>,
}

impl Customer {
    /// Adds the organization and its locations to a tenant.
    fn found(tenant: &mut Tenant, spec: &GenerateSpec, index: u32, names: &mut Names) -> Self {
        let seed = spec.seed;
        let count = |purpose, count| Draw::new(seed, index, purpose, 0).count(count);
        let mut client = Client::draw(seed, index, names);
        let dirt = OrganizationDirt::draw(seed, index, &spec.dirt);
        let mut organization = std::mem::take(&mut client.organization);
        dirt.apply(seed, index, &mut organization);
        tenant
            .organizations
            .insert(client.key.clone().into(), organization);
        let locations = count(Purpose::LocationCount, spec.locations_per_organization).max(1);
        for nth in 0..locations {
            let (key, location) = client.location(seed, index, nth);
            tenant.locations.insert(key.into(), location);
        }
        let people = count(Purpose::ContactCount, spec.contacts_per_organization);
        let contacts = (0..people).map(|nth| client.contact(seed, index, nth, locations));
        Self {
            index,
            contacts: contacts.collect(),
            client,
            empty_site: dirt.empty_site,
            locations,
        }
    }

    /// Its devices, all at once: some have to do with each other. Organizations come in order.
    fn machines(&self, spec: &GenerateSpec, register: &mut Register) -> Vec<Machine> {
        let (seed, index) = (spec.seed, self.index);
        let shop = Shop {
            seed,
            index,
            client: &self.client,
            locations: self.locations,
            contacts: &self.contacts,
            classes: spec.classes,
            epoch: epoch(),
        };
        let mut count = Draw::new(seed, index, Purpose::DeviceCount, 0);
        let devices = count.count(spec.devices_per_organization);
        let mut machines: Vec<_> = (0..devices).map(|nth| shop.make(nth, register)).collect();
        let soil = Soil {
            seed,
            index,
            spec: &spec.dirt,
            empty_site: self.empty_site,
            neighbour: neighbour(spec, index),
        };
        soil.apply(&mut machines, register);
        machines
    }
}

/// The next organization whose site in the RMM is not to stay empty.
fn neighbour(spec: &GenerateSpec, index: u32) -> Option<String> {
    let next = (index + 1) % spec.organizations;
    let open = !OrganizationDirt::draw(spec.seed, next, &spec.dirt).empty_site;
    (open && next != index).then(|| format!("o{}", next + 1))
}
