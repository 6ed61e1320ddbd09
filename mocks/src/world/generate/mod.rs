//! Tenants from a seed.

mod spec;

pub use spec::{ClassWeights, Count, GenerateSpec, SpecError};

use super::tenant::Tenant;

/// Makes a tenant.
///
/// # Errors
/// Settings that no tenant can be made of.
pub fn generate(spec: &GenerateSpec) -> Result<Tenant, SpecError> {
    spec.check()?;
    Ok(Tenant::default())
}
