//! Tenants, made small so that hundreds of runs fit into a minute.

use syncrig_mocks::world::{Count, DirtPreset, DirtSpec, GenerateSpec, World, generate};

/// Settings of a generated tenant of so many organizations with four devices each.
pub(crate) fn spec(seed: u64, organizations: u32, dirt: DirtPreset) -> GenerateSpec {
    GenerateSpec {
        seed,
        organizations,
        devices_per_organization: Count::Fixed(4),
        locations_per_organization: Count::Fixed(2),
        contacts_per_organization: Count::Fixed(3),
        dirt: DirtSpec::preset(dirt),
        ..GenerateSpec::default()
    }
}

/// A tenant in which every record can be told from every other.
pub(crate) fn clean(seed: u64, organizations: u32) -> World {
    world(&spec(seed, organizations, DirtPreset::None))
}

/// The world of a specification.
pub(crate) fn world(spec: &GenerateSpec) -> World {
    let tenant = generate(spec).expect("a specification that can be made");
    tenant
        .into_world()
        .expect("generated tenants hold together")
}
