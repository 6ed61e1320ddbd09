//! Actions of a person on the matching screen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use syncrig_mocks::world::{Kind, Located};

use super::located::{EntityRef, Slots, exactly_one};

/// One action on the matching screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Review {
    /// Accepts the suggestion.
    Accept(Target),
    /// Matches to a record of the account that the person chose.
    Match(MatchTo),
    /// Creates a new record from the RMM's data, with no look at what exists.
    Create(Target),
    /// Ignores, now and in later syncs.
    Ignore(Target),
    /// Moves an existing match to another record.
    Change(MatchTo),
    /// Takes a match back.
    Revert(Target),
}

impl Review {
    /// The action's name, as scripts write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accept(_) => "accept",
            Self::Match(_) => "match",
            Self::Create(_) => "create",
            Self::Ignore(_) => "ignore",
            Self::Change(_) => "change",
            Self::Revert(_) => "revert",
        }
    }
}

/// The rows that an action is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// The row of one organization.
    Organization(Located<String>),
    /// The row of one device.
    Device(Located<String>),
    /// Several organizations in one action.
    Organizations(Rows),
    /// Several devices in one action.
    Devices(Rows),
}

impl Target {
    /// Kind of the rows.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Organization(_) | Self::Organizations(_) => Kind::Organization,
            Self::Device(_) | Self::Devices(_) => Kind::Device,
        }
    }
}

/// Which rows of a bulk action: `all`, `suggested`, or a list of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Every unmatched row.
    All,
    /// Every unmatched row that has a suggestion.
    Suggested,
    /// These.
    Keys(Vec<Located<String>>),
}

/// One row, and the record of the account that it is matched to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "MatchToText", into = "MatchToText")]
pub struct MatchTo {
    /// The RMM's organization or device.
    pub row: EntityRef,
    /// Key of the entity (or of one record of it) whose record in the account is meant; of the same
    /// kind as the row.
    pub to: Located<String>,
}

/// Give `organization` or `device`, and the record that it is matched to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "MatchTo")]
pub(super) struct MatchToText {
    /// The RMM's organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<Located<String>>,
    /// The RMM's device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Located<String>>,
    /// Key of the entity whose record in the account is meant.
    to: Located<String>,
}

impl TryFrom<MatchToText> for MatchTo {
    type Error = String;

    fn try_from(text: MatchToText) -> Result<Self, String> {
        let row = exactly_one(
            [
                (Kind::Organization, text.organization),
                (Kind::Device, text.device),
            ],
            "`organization` and `device`",
        )?;
        Ok(Self { row, to: text.to })
    }
}

impl From<MatchTo> for MatchToText {
    fn from(step: MatchTo) -> Self {
        let slots = Slots::from(step.row);
        Self {
            organization: slots.organization,
            device: slots.device,
            to: step.to,
        }
    }
}
