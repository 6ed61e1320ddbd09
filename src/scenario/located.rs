//! How a script names an entity of its tenant.

use std::fmt;

use syncrig_mocks::world::{Kind, Located};

/// One entity (or one record of it) of the tenant, by kind and key: `acme`, or `acme#2` for its
/// second record in one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRef {
    /// Kind.
    pub kind: Kind,
    /// Key, with the place where it was written.
    pub key: Located<String>,
}

impl EntityRef {
    /// An entity of the given kind.
    pub fn new(kind: Kind, key: impl Into<Located<String>>) -> Self {
        Self {
            kind,
            key: key.into(),
        }
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.kind, self.key)
    }
}

/// Stands in a message between what is wrong and how to mend it, since serde carries one text only.
pub(super) const HELP: &str = "\n\u{1f}";

/// Takes the one entity that a map names out of the keys that it may use.
///
/// # Errors
/// A message for the reader when none or several are given. `names` are the keys that are allowed.
pub(super) fn exactly_one<const N: usize>(
    given: [(Kind, Option<Located<String>>); N],
    names: &str,
) -> Result<EntityRef, String> {
    let mut found = given
        .into_iter()
        .filter_map(|(kind, key)| key.map(|key| EntityRef { kind, key }));
    match (found.next(), found.next()) {
        (Some(entity), None) => Ok(entity),
        (None, _) => Err(format!(
            "this does not say which record is meant{HELP}give one of {names}"
        )),
        (Some(_), Some(_)) => Err(format!(
            "this names more than one record{HELP}give only one of {names}"
        )),
    }
}

/// The reverse of [`exactly_one`]: the key in the slot of its kind.
#[derive(Default)]
pub(super) struct Slots {
    pub(super) organization: Option<Located<String>>,
    pub(super) location: Option<Located<String>>,
    pub(super) contact: Option<Located<String>>,
    pub(super) device: Option<Located<String>>,
}

impl From<EntityRef> for Slots {
    fn from(entity: EntityRef) -> Self {
        let mut slots = Self::default();
        let slot = match entity.kind {
            Kind::Organization => &mut slots.organization,
            Kind::Location => &mut slots.location,
            Kind::Contact => &mut slots.contact,
            Kind::Device => &mut slots.device,
        };
        *slot = Some(entity.key);
        slots
    }
}
