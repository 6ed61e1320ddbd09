//! The steps of a scenario, one key each. What a step does is the rig's business; these types only
//! say what can be written.

use std::str::FromStr;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use syncrig_mocks::front::{Fault, FaultRule};
use syncrig_mocks::world::{Cascade, Located, PushIdentifier, PushRules, Tool};

use super::account::Account;
use super::expect::Expect;
use super::import::Import;
use super::located::HELP;
use super::person::Person;
use super::review::Review;
use super::upstream::{Add, Edit, Reimage, Remove};

/// One step: a map with one key, the step's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Connects a tool to the documentation account.
    Connect(Connect),
    /// Changes the sync settings of a connected PSA.
    Settings(Settings),
    /// Runs one sync to its end.
    Sync(Sync),
    /// A person's action on the matching screen.
    Review(Review),
    /// The RMM's own PSA integration: writes the RMM's devices into the PSA.
    Push(Push),
    /// Somebody changes a record in a tool.
    Edit(Box<Edit>),
    /// Somebody deletes a record in a tool.
    Remove(Remove),
    /// Somebody enters a true entity into a tool that did not have it.
    Add(Add),
    /// A device is installed anew and appears in the RMM a second time.
    Reimage(Reimage),
    /// Somebody imports a file into the documentation account.
    Import(Box<Import>),
    /// Somebody works in the documentation account by hand.
    Account(Account),
    /// Says who acts in the account from here on.
    Person(Person),
    /// Disconnects a tool.
    Disconnect(Disconnect),
    /// Takes disconnected rows of the PSA's settings back into the sync.
    Reconnect(Reconnect),
    /// Takes up a paused tool again.
    Resume(Tool),
    /// From here on a tool's API misbehaves.
    Fault(FaultStep),
    /// Lifts all faults of a tool.
    ClearFaults(Tool),
    /// A step that the account must refuse.
    Refused(Refused),
    /// Lets simulated time pass.
    Advance(Advance),
    /// Checks the account in the middle of the script.
    Expect(Box<Expect>),
}

impl Step {
    /// The step's name, as scripts write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Settings(_) => "settings",
            Self::Sync(_) => "sync",
            Self::Review(_) => "review",
            Self::Push(_) => "push",
            Self::Edit(_) => "edit",
            Self::Remove(_) => "remove",
            Self::Add(_) => "add",
            Self::Reimage(_) => "reimage",
            Self::Import(_) => "import",
            Self::Account(_) => "account",
            Self::Person(_) => "person",
            Self::Disconnect(_) => "disconnect",
            Self::Reconnect(_) => "reconnect",
            Self::Resume(_) => "resume",
            Self::Fault(_) => "fault",
            Self::ClearFaults(_) => "clear_faults",
            Self::Refused(_) => "refused",
            Self::Advance(_) => "advance",
            Self::Expect(_) => "expect",
        }
    }
}

/// Which tool is connected, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Connect {
    /// The PSA.
    Psa(PsaSettings),
    /// The RMM.
    Rmm(RmmSettings),
}

impl Connect {
    /// The tool that is connected.
    pub const fn tool(&self) -> Tool {
        match self {
            Self::Psa(_) => Tool::Psa,
            Self::Rmm(_) => Tool::Rmm,
        }
    }
}

/// New settings for a connected tool. They replace the old ones whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Settings {
    /// The PSA's.
    Psa(PsaSettings),
}

/// What is ticked in the sync settings of the PSA. A record passes only when its type and its
/// status are ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PsaSettings {
    /// Organization types that sync. Left out: all. An empty list: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_types: Option<Vec<Located<String>>>,
    /// Organization statuses that sync. Left out: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_statuses: Option<Vec<Located<String>>>,
    /// Whether locations sync.
    #[serde(skip_serializing_if = "is_true")]
    pub locations: bool,
    /// Whether contacts sync.
    #[serde(skip_serializing_if = "is_true")]
    pub contacts: bool,
    /// Configuration types that sync. Left out: all. An empty list: no configuration syncs, which
    /// is what method C asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_types: Option<Vec<Located<String>>>,
    /// Configuration statuses that sync. Left out: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_statuses: Option<Vec<Located<String>>>,
    /// Whether what is written in the account is pushed to the PSA.
    #[serde(skip_serializing_if = "is_false")]
    pub two_way: bool,
    /// Type of the e-mail addresses of new contacts in the PSA. Left out: addresses that have no type
    /// are not pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_email_type: Option<String>,
    /// Type of the telephone numbers of new contacts in the PSA. Left out: numbers that have no type
    /// are not pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_phone_type: Option<String>,
}

impl Default for PsaSettings {
    fn default() -> Self {
        Self {
            organization_types: None,
            organization_statuses: None,
            locations: true,
            contacts: true,
            configuration_types: None,
            configuration_statuses: None,
            two_way: false,
            contact_email_type: None,
            contact_phone_type: None,
        }
    }
}

/// Settings of the RMM. Without any the map is written as `{}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RmmSettings {
    /// What plays the company, where the product leaves the choice: one of the vendor's own words
    /// (`groups`). Left out: what the vendor's documentation takes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Located<String>>,
}

/// One sync: `sync: rmm`, or `sync: { tool: rmm, fails: vendor-unauthorized }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    /// Which tool is synced.
    pub tool: Tool,
    /// The error code that the sync is expected to end with. None: it must succeed.
    pub fails: Option<Located<String>>,
}

/// What a tool's own integration writes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushTarget {
    /// The PSA.
    Psa,
    /// The RMM, which no integration writes into.
    Rmm,
    /// The documentation account, through its API.
    Account,
}

/// `push: { from: rmm, to: psa }` or `push: { from: psa, to: account }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The tool whose own integration writes: `rmm` into the PSA, `psa` into the account.
    pub from: Located<Tool>,
    /// What it writes into.
    pub to: Located<PushTarget>,
    /// Only these devices, into the PSA. Left out: every device that the PSA has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<Located<String>>>,
    /// By whose rules the RMM finds a device's record in the PSA. Left out: no product's (`plain`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cascade: Option<Located<Cascade>>,
    /// What `cascade: auvik` tells devices by. Left out: the serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Located<PushIdentifier>>,
    /// Whether `cascade: auvik` looks at active records of the PSA alone. Left out: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_active: Option<Located<bool>>,
}

/// Which tool is disconnected, and what becomes of its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Disconnect {
    /// The PSA.
    Psa(PsaDisconnect),
    /// Rows of the PSA's types and statuses.
    PsaRows(RowsDisconnect),
    /// The RMM.
    Rmm(RmmDisconnect),
}

impl Push {
    /// Whether it writes into the account.
    pub fn is_into_account(&self) -> bool {
        self.to.value == PushTarget::Account
    }

    /// How the RMM's integration works.
    pub fn rules(&self) -> PushRules {
        fn told<T: Copy + Default>(value: &Option<Located<T>>) -> T {
            value.as_ref().map(|it| it.value).unwrap_or_default()
        }
        PushRules {
            cascade: told(&self.cascade),
            identifier: told(&self.identifier),
            only_active: told(&self.only_active),
        }
    }
}

impl Disconnect {
    /// The tool that is disconnected.
    pub const fn tool(&self) -> Tool {
        match self {
            Self::Psa(_) | Self::PsaRows(_) => Tool::Psa,
            Self::Rmm(_) => Tool::Rmm,
        }
    }

    /// Whether it is for the tool as a whole.
    pub const fn is_whole(&self) -> bool {
        !matches!(self, Self::PsaRows(_))
    }

    /// Whether `resume` can undo it.
    pub const fn is_pause(&self) -> bool {
        matches!(
            self,
            Self::Psa(PsaDisconnect::Pause) | Self::Rmm(RmmDisconnect::Pause)
        )
    }
}

/// The three ways to disconnect a PSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PsaDisconnect {
    /// Pause: data and links stay.
    Pause,
    /// Disconnect for good: the data stays as stand-alone records, links go.
    Keep,
    /// Disconnect for good and delete all data, children included.
    Delete,
}

/// Rows of the PSA's types and statuses, and how they are disconnected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsDisconnect {
    /// What becomes of the data.
    pub how: PsaDisconnect,
    /// Organization types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organization_types: Vec<Located<String>>,
    /// Organization statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organization_statuses: Vec<Located<String>>,
    /// Configuration types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration_types: Vec<Located<String>>,
    /// Configuration statuses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration_statuses: Vec<Located<String>>,
}

impl RowsDisconnect {
    /// The rows alone.
    pub fn rows(&self) -> PsaRows {
        PsaRows {
            organization_types: self.organization_types.clone(),
            organization_statuses: self.organization_statuses.clone(),
            configuration_types: self.configuration_types.clone(),
            configuration_statuses: self.configuration_statuses.clone(),
        }
    }
}

/// Rows of the PSA's types and statuses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PsaRows {
    /// Organization types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organization_types: Vec<Located<String>>,
    /// Organization statuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organization_statuses: Vec<Located<String>>,
    /// Configuration types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configuration_types: Vec<Located<String>>,
    /// Configuration statuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configuration_statuses: Vec<Located<String>>,
}

/// `reconnect: { psa_rows: { configuration_types: [Managed Server] } }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reconnect {
    /// Rows that were disconnected or paused.
    PsaRows(PsaRows),
}

/// `refused: { with: account-locked, step: { account: … } }`: the account must refuse the step with
/// this code, and nothing comes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The code of the refusal.
    pub with: Located<String>,
    /// The step.
    pub step: Box<Located<Step>>,
}

/// The two ways to disconnect an RMM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RmmDisconnect {
    /// Pause: matches and overlaid data stay and go stale.
    Pause,
    /// Disconnect for good: matches and overlaid data go, records stay.
    Permanent,
}

/// A fault in a tool's API from this step on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultStep {
    /// The tool whose API misbehaves.
    #[serde(rename = "in")]
    pub tool: Tool,
    /// Only requests of this operation (`configurations.list`, `configurations.*`). Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Located<String>>,
    /// How many matching requests get through first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// How many are answered wrongly then. Left out: all of them, until `clear_faults`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What they are answered.
    pub answer: Fault,
}

impl FaultStep {
    /// The rule, as a front takes it.
    pub fn rule(&self) -> FaultRule {
        FaultRule {
            operation: self.operation.as_ref().map(|name| name.value.clone()),
            skip: self.skip,
            times: self.times,
            answer: self.answer.clone(),
        }
    }
}

/// How much simulated time passes: `90s`, `2h 30m`, `1d`, or ISO 8601 (`PT2H`). A day has 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Advance(SignedDuration);

impl Advance {
    /// The duration in milliseconds; at least 1.
    pub fn as_millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

impl FromStr for Advance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!("`{text}` {what}{HELP}write a duration such as `90s`, `2h 30m` or `1d`")
        };
        let span: Span = text.parse().map_err(|_| wrong("is not a duration"))?;
        let duration = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| wrong("has no fixed length"))?;
        if duration.as_millis() < 1 {
            return Err(wrong("does not go forward"));
        }
        // The simulated clock is a timestamp; a thousand years is far enough.
        if duration.as_hours() > 24 * 366 * 1_000 {
            return Err(wrong("is too long"));
        }
        Ok(Self(duration))
    }
}

impl TryFrom<String> for Advance {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Advance> for String {
    fn from(advance: Advance) -> Self {
        format!("{:#}", advance.0)
    }
}

pub(super) fn is_false(value: &bool) -> bool {
    !*value
}

pub(super) fn is_true(value: &bool) -> bool {
    *value
}

pub(super) fn is_zero(value: &u32) -> bool {
    *value == 0
}
