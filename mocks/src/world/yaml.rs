//! Tenants as text: reading under a budget, and printing.

use serde_saphyr::Options;
use serde_saphyr::options::DuplicateKeyPolicy;

use super::tenant::Tenant;

/// Most nodes (maps, lists, values) in one file: a device of the generator has about 60, so this is
/// room for 300,000 of them.
const NODES_MAX: usize = 20_000_000;
/// Most text in one file, in bytes.
const TEXT_MAX: usize = 512 * 1024 * 1024;
/// Deepest nesting: tenant, devices, device, copies, tool, copy, adapters, adapter; the rest is for
/// the scenario around it.
const DEPTH_MAX: usize = 32;

/// How tenants (and scenarios that hold one) are read: no value twice under one key, and a limit on
/// everything that a hostile file could blow up. Aliases are allowed for hand-written files but add
/// at most as much as a small file holds.
pub fn yaml_options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            max_total_scalar_bytes: TEXT_MAX,
            max_depth: DEPTH_MAX,
            max_documents: 1,
            max_aliases: 10_000,
            max_anchors: 10_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
    }
}

impl Tenant {
    /// Reads a tenant from its own file.
    ///
    /// # Errors
    /// What is wrong with the text, with its place ([`serde_saphyr::Error::location`]): not YAML, a
    /// key twice, an unknown field, a value of the wrong kind, or more than the budget allows. That
    /// references lead somewhere is checked by [`Tenant::resolve`].
    pub fn from_yaml(text: &str) -> Result<Self, serde_saphyr::Error> {
        serde_saphyr::from_str_with_options(text, yaml_options())
    }

    /// The tenant as a file, without what has its default anyway.
    pub fn to_yaml(&self) -> String {
        let options = serde_saphyr::ser_options! {
            prefer_block_scalars: false,
        };
        #[expect(
            clippy::expect_used,
            reason = "writing to a string cannot fail, and every value in a tenant has a YAML form"
        )]
        serde_saphyr::to_string_with_options(self, options).expect("a tenant has a YAML form")
    }
}
