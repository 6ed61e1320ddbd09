//! What a script means: names that must exist, steps that must be able to come where they stand.
//! All that is wrong is collected. It must not know how a script is played.

mod account;
mod expectations;
mod head;
mod imports;
mod order;
mod references;
mod ticks;

use std::sync::Arc;

pub(crate) use head::is_rule_id;

use super::diagnostics::{Diagnostic, Source};
use super::model::Scenario;

/// Finds all that is wrong with a scenario whose shape is right. `tenant_source` is the file in
/// which the tenant stands, which may be another.
pub(super) fn check(
    scenario: &Scenario,
    source: &Arc<Source>,
    tenant_source: &Arc<Source>,
    found: &mut Vec<Diagnostic>,
) {
    head::check(scenario, source, found);
    order::check(scenario, source, found);
    references::check(scenario, source, tenant_source, found);
}
