//! Tests of the world as a whole, by topic.

mod edits;
mod generate;
mod push;
mod resolve;
mod views;

use super::Tenant;

pub(super) fn tenant(yaml: &str) -> Tenant {
    Tenant::from_yaml(yaml).unwrap()
}

pub(super) fn world(yaml: &str) -> super::World {
    tenant(yaml).resolve().unwrap()
}
