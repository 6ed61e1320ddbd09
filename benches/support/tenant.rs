//! Tenants of a known size; the same ones every time.

use syncrig_mocks::world::{Count, DirtPreset, DirtSpec, GenerateSpec, World, generate};

/// Devices of each organization.
const DEVICES_PER_ORGANIZATION: u32 = 50;

/// What a clean tenant of so many devices is made by.
pub(crate) fn spec(devices: u32) -> GenerateSpec {
    GenerateSpec {
        seed: 42,
        organizations: devices / DEVICES_PER_ORGANIZATION,
        devices_per_organization: Count::Fixed(DEVICES_PER_ORGANIZATION),
        locations_per_organization: Count::Fixed(1),
        contacts_per_organization: Count::Fixed(5),
        dirt: DirtSpec::preset(DirtPreset::None),
        ..GenerateSpec::default()
    }
}

/// The tenant that is made by this.
pub(crate) fn world(spec: &GenerateSpec) -> World {
    let tenant = generate(spec).expect("a specification that can be made");
    tenant
        .into_world()
        .expect("generated tenants hold together")
}
