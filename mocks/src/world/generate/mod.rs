//! Tenants from a seed: clients, sites, people and devices as an MSP has them, clean or with the dirt
//! that its tools hold. Each entity is drawn from a stream of its own, so that more devices in one
//! organization leave the others as they are.

mod client;
mod draw;
mod hardware;
mod machine;
mod soil;
mod spec;
mod words;

pub use spec::{ClassWeights, Count, GenerateSpec, SpecError};

use client::{Client, Names};
use draw::{Draw, Purpose};
use hardware::Register;
use machine::{Shop, epoch};
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
        add_client(&mut tenant, spec, index, &mut names, &mut register);
    }
    Ok(tenant)
}

fn add_client(
    tenant: &mut Tenant,
    spec: &GenerateSpec,
    index: u32,
    names: &mut Names,
    register: &mut Register,
) {
    let seed = spec.seed;
    let count = |purpose, count| Draw::new(seed, index, purpose, 0).count(count);
    let mut client = Client::draw(seed, index, names);
    let dirt = OrganizationDirt::draw(seed, index, &spec.dirt);
    dirt.apply(seed, index, &mut client.organization);

    let locations = count(Purpose::LocationCount, spec.locations_per_organization).max(1);
    for nth in 0..locations {
        let (key, location) = client.location(seed, index, nth);
        tenant.locations.insert(key.into(), location);
    }
    let people = count(Purpose::ContactCount, spec.contacts_per_organization);
    let contacts: Vec<(String, Contact)> = (0..people)
        .map(|nth| client.contact(seed, index, nth, locations))
        .collect();

    let shop = Shop {
        seed,
        index,
        client: &client,
        locations,
        contacts: &contacts,
        classes: spec.classes,
        epoch: epoch(),
    };
    let devices = count(Purpose::DeviceCount, spec.devices_per_organization);
    let mut machines: Vec<_> = (0..devices).map(|nth| shop.make(nth, register)).collect();
    let soil = Soil {
        seed,
        index,
        spec: &spec.dirt,
        empty_site: dirt.empty_site,
        neighbour: neighbour(spec, index),
    };
    soil.apply(&mut machines, register);

    let devices = machines.into_iter();
    tenant
        .devices
        .extend(devices.map(|made| (made.key.into(), made.device)));
    let contacts = contacts.into_iter();
    tenant
        .contacts
        .extend(contacts.map(|(key, contact)| (key.into(), contact)));
    tenant
        .organizations
        .insert(client.key.into(), client.organization);
}

/// The next organization whose site in the RMM is not to stay empty.
fn neighbour(spec: &GenerateSpec, index: u32) -> Option<String> {
    let next = (index + 1) % spec.organizations;
    let open = !OrganizationDirt::draw(spec.seed, next, &spec.dirt).empty_site;
    (open && next != index).then(|| format!("o{}", next + 1))
}
