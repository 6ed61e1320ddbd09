//! Who acts in the documentation account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use syncrig_mocks::world::Located;

/// Who acts from here on: `administrator`, or `{ manager: [acme, lark] }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Person {
    /// Sees and may do everything. Whoever acts before the first such step is one.
    Administrator,
    /// May access some organizations, or all.
    Manager(Access),
}

/// The organizations that a manager may access: `all`, or a list of keys. A key stands for every
/// record that stands for the organization at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// All, those that come later included.
    All,
    /// These.
    Keys(Vec<Located<String>>),
}
