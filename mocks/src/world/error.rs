//! What can be wrong with a tenant, and with an edit of a world: what, where, and how to fix it.

use serde_saphyr::Location;

use super::records::{Kind, Tool};

/// Something wrong in a tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TenantError {
    /// What is wrong: a fragment in lower case.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
    /// Where it stands in the YAML text; none for a tenant made in code.
    pub location: Option<Location>,
    /// What to write beside the place (`no such organization`).
    pub label: String,
}

/// An edit that a world cannot take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// There is no such entity.
    #[error("there is no {kind} `{key}`")]
    Unknown {
        /// Kind that was asked for.
        kind: Kind,
        /// Its key.
        key: String,
        /// The key that looks most like it.
        nearest: Option<String>,
    },
    /// The entity has no such record in this tool.
    #[error("the {tool} holds no {kind} `{key}`")]
    NotInTool {
        /// The tool.
        tool: Tool,
        /// Kind that was asked for.
        kind: Kind,
        /// Key of the record.
        key: String,
        /// Keys of the entity's records that the tool does hold.
        holds: Vec<String>,
    },
    /// The entity has a record there already.
    #[error("the {tool} already holds the {kind} `{truth}`, as `{key}`")]
    AlreadyInTool {
        /// The tool.
        tool: Tool,
        /// Kind of the entity.
        kind: Kind,
        /// Its key.
        truth: String,
        /// Key of the record.
        key: String,
    },
    /// The organization that it belongs to has no record in this tool.
    #[error(
        "the {kind} `{key}` belongs to the organization `{organization}`, which the {tool} does not hold"
    )]
    NoParent {
        /// The tool.
        tool: Tool,
        /// Kind of the entity.
        kind: Kind,
        /// Its key.
        key: String,
        /// Key of the organization.
        organization: String,
    },
    /// An organization would stand above itself.
    #[error("`{parent}` cannot be the parent of `{key}`: it stands below it")]
    ParentCycle {
        /// Key of the organization.
        key: String,
        /// Key of the parent that was given.
        parent: String,
    },
    /// Values that exclude each other.
    #[error("`nics` excludes `macs` and `ip`, in the override of `{key}`")]
    NicsTwice {
        /// Key of the device.
        key: String,
    },
    /// A push that no product offers.
    #[error("devices are pushed from an rmm into a psa, not from the {from} into the {to}")]
    NoSuchPush {
        /// The tool that would push.
        from: Tool,
        /// The tool that would get the devices.
        to: Tool,
    },
}

impl WorldError {
    /// How to fix it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => {
                nearest.as_ref().map(|key| format!("did you mean `{key}`?"))
            }
            Self::NotInTool {
                tool, key, holds, ..
            } => Some(if holds.is_empty() {
                format!("add `{key}` to the {tool} first, or list `{tool}` in its `in`")
            } else {
                format!("the {tool} holds `{}`", holds.join("`, `"))
            }),
            Self::AlreadyInTool { .. } => {
                Some("a second record comes from `copies`, or from a reimage".to_owned())
            }
            Self::NoParent {
                tool, organization, ..
            } => Some(format!(
                "add the organization `{organization}` to the {tool} first"
            )),
            Self::ParentCycle { parent, .. } => {
                Some(format!("move `{parent}` to another parent first"))
            }
            Self::NicsTwice { .. } => {
                Some("give addresses inside `nics`, or leave `nics` out".to_owned())
            }
            Self::NoSuchPush { .. } => Some("push from `rmm` to `psa`".to_owned()),
        }
    }
}

/// The key that looks most like a wrong one, if any looks alike.
pub(crate) fn nearest<'a>(wrong: &str, keys: impl Iterator<Item = &'a str>) -> Option<String> {
    keys.map(|key| (strsim::jaro_winkler(wrong, key), key))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .fold(None, |best: Option<(f64, &str)>, next| match best {
            // The first of equals, so that the answer does not change with the search.
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        })
        .map(|(_, key)| key.to_owned())
}
