//! What is tested: the built-in engine, or somebody else's integration. Everything that passes here
//! can be written down as JSON; records are named by the ids that the subject itself gave them.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use crate::engine::{ImportFormat, PsaRows, PsaSettings};
use crate::model::{Knobs, Outcome, RecordKind, RemoteEmail, RemotePhone, SyncError, Tool};

/// Where a tool is, and how to get in.
#[derive(Debug, Clone)]
pub struct Connection {
    /// PSA or RMM.
    pub tool: Tool,
    /// The vendor's slug.
    pub vendor: String,
    /// Base URL.
    pub base_url: String,
    /// Credentials by the vendor's own names.
    pub credentials: BTreeMap<String, String>,
    /// What is ticked. PSA only.
    pub settings: PsaSettings,
    /// What plays the company, in the vendor's own word; its usual choice when left out. RMM only.
    pub company: Option<String>,
}

/// The two lists of the matching screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Companies, which stand for organizations.
    Companies,
    /// Devices, which stand for configurations.
    Devices,
}

/// Rows of the matching screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Every unmatched row.
    All,
    /// Every unmatched row with a suggestion.
    Suggested,
    /// These, by the RMM's ids.
    Ids(Vec<String>),
}

/// What a person does with rows of the matching screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Takes the suggestion.
    Accept,
    /// Matches to a record, by the subject's id.
    Match(String),
    /// Makes a record.
    Create,
    /// Sets aside.
    Ignore,
    /// Moves a match to another record, by the subject's id.
    Change(String),
    /// Takes a match back.
    Revert,
}

/// An action on the matching screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The list.
    pub screen: Screen,
    /// The rows.
    pub rows: Rows,
    /// What is done.
    pub verb: Verb,
}

/// A record that an action made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The RMM's id of the row.
    pub external_id: String,
    /// The subject's id of the record.
    pub record_id: String,
}

/// A record that a person makes by hand in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Kind.
    pub kind: RecordKind,
    /// The subject's id of the organization it stands under.
    pub organization_id: Option<String>,
    /// Name; of a contact, the first name.
    pub name: String,
    /// Last name of a contact.
    pub last_name: Option<String>,
    /// Type by name.
    pub record_type: Option<String>,
    /// Status by name.
    pub status: Option<String>,
    /// Serial number of a configuration.
    pub serial: Option<String>,
    /// Primary MAC of a configuration.
    pub mac: Option<String>,
    /// Manufacturer of a configuration.
    pub manufacturer: Option<String>,
    /// Model of a configuration.
    pub model: Option<String>,
    /// The subject's id of the location at which a contact or configuration stands.
    pub location_id: Option<String>,
    /// Address of a location: first line, second line, city, region, postal code, country.
    pub address: [Option<String>; 6],
    /// E-mail addresses of a contact.
    pub emails: Vec<RemoteEmail>,
    /// Telephone numbers of a contact.
    pub phones: Vec<RemotePhone>,
    /// Whether a program makes it, through the account's API.
    pub by_api: bool,
}

/// One record of the account, by the subject's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef {
    /// Kind.
    pub kind: RecordKind,
    /// The subject's id.
    pub id: String,
}

/// What a person does in the account with records that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAction {
    /// Changes fields, by the account's names, and saves; none empties a field.
    Edit(RecordRef, Vec<(String, Option<String>)>),
    /// Puts a record away.
    Archive(RecordRef),
    /// Takes it back from the archive.
    Restore(RecordRef),
    /// Deletes it for good.
    Delete(RecordRef),
    /// Switches its sync off.
    DisableSync(RecordRef),
    /// Switches its sync on.
    EnableSync(RecordRef),
    /// Takes a disconnected one back into the sync.
    Reconnect(RecordRef),
    /// Merges the first organization into the second.
    Merge(RecordRef, RecordRef),
    /// Pushes all that could sync and does not yet.
    PushAll,
}

impl NewRecord {
    /// A record with a name and nothing else.
    pub fn named(kind: RecordKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            organization_id: None,
            name: name.into(),
            last_name: None,
            record_type: None,
            status: None,
            serial: None,
            mac: None,
            manufacturer: None,
            model: None,
            location_id: None,
            address: Default::default(),
            emails: Vec::new(),
            phones: Vec::new(),
            by_api: false,
        }
    }
}

/// A file that a person imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFile {
    /// Kind of the records.
    pub kind: RecordKind,
    /// Kind of the file.
    pub format: ImportFormat,
    /// The file.
    pub content: Vec<u8>,
    /// The subject's id of the organization into which all rows go.
    pub organization_id: Option<String>,
    /// The wizard's mapping, header to field.
    pub columns: Vec<(String, String)>,
    /// Fields that must have a column and a value.
    pub required: Vec<String>,
    /// Headers of columns that are not taken.
    pub ignore: Vec<String>,
    /// Whether good rows are kept beside bad ones.
    pub partial: bool,
    /// How many bytes a file may have, in place of the subject's own limit.
    pub limit: Option<u64>,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportResult {
    /// The subject's id of the record that each row of data made or fits, in order; none for a bad
    /// row.
    pub rows: Vec<Option<String>>,
    /// Organizations that the organization column made: place of the row, from 0, and id.
    pub organizations: Vec<(usize, String)>,
    /// Bad rows.
    pub rejected: u64,
    /// What is wrong with them, for people.
    pub problems: Vec<String>,
}

/// How a tool is disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disconnect {
    /// Everything stays; nothing syncs until it is resumed.
    Pause,
    /// The link goes, the data stays.
    Keep,
    /// The data goes too. PSA only.
    Delete,
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncResult {
    /// Why it ended early.
    pub error: Option<SyncError>,
    /// Records written.
    pub writes: u64,
}

/// A step that the subject could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SubjectError {
    /// Stable code.
    pub code: String,
    /// What went wrong.
    pub message: String,
    /// Whether it is the rig's or the machine's fault (disk full) and not the subject's answer.
    pub internal: bool,
}

/// The result of a step.
pub(super) type StepResult<T> = Result<T, SubjectError>;

/// Who acts in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Sees and may do everything.
    Administrator,
    /// Works for some organizations.
    Manager {
        /// The organizations that they may access, by the subject's ids. None: all.
        organizations: Option<Vec<String>>,
    },
}

/// What a person sees of the matching screen: rows by the RMM's ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisibleRows {
    /// Companies.
    pub companies: Vec<String>,
    /// Devices.
    pub devices: Vec<String>,
}

/// An integration under test.
pub trait Subject: Send {
    /// Sets the knobs. Called once, before the first step.
    fn configure(&mut self, knobs: Knobs) -> BoxFuture<'_, StepResult<()>>;

    /// Says which step of the script comes next, counted from 1.
    fn at_step(&mut self, step: usize);

    /// Connects a tool.
    fn connect(&mut self, connection: Connection) -> BoxFuture<'_, StepResult<()>>;

    /// Changes what is ticked for the PSA.
    fn settings(&mut self, settings: PsaSettings) -> BoxFuture<'_, StepResult<()>>;

    /// Syncs a tool. A sync that fails on the way is a result with an error.
    fn sync(&mut self, tool: Tool) -> BoxFuture<'_, StepResult<SyncResult>>;

    /// Does something on the matching screen.
    fn review(&mut self, action: Action) -> BoxFuture<'_, StepResult<Vec<Created>>>;

    /// Makes a record by hand, and gives its id.
    fn create(&mut self, record: NewRecord) -> BoxFuture<'_, StepResult<String>>;

    /// Does something with records of the account.
    fn account(&mut self, action: AccountAction) -> BoxFuture<'_, StepResult<()>>;

    /// Says who acts from here on. Before the first such call it is an administrator.
    fn act_as(&mut self, person: Person) -> BoxFuture<'_, StepResult<()>>;

    /// What the person who acts sees of the matching screen.
    fn visible(&mut self) -> BoxFuture<'_, StepResult<VisibleRows>>;

    /// Imports a file.
    fn import(&mut self, file: ImportFile) -> BoxFuture<'_, StepResult<ImportResult>>;

    /// Disconnects or pauses rows of the PSA's types and statuses.
    fn disconnect_rows(&mut self, rows: PsaRows, how: Disconnect) -> BoxFuture<'_, StepResult<()>>;

    /// Takes rows back into the sync.
    fn reconnect_rows(&mut self, rows: PsaRows) -> BoxFuture<'_, StepResult<()>>;

    /// Disconnects or pauses a tool.
    fn disconnect(&mut self, tool: Tool, how: Disconnect) -> BoxFuture<'_, StepResult<()>>;

    /// Resumes a paused tool.
    fn resume(&mut self, tool: Tool) -> BoxFuture<'_, StepResult<()>>;

    /// What stands in the account now, whoever acts.
    fn outcome(&mut self) -> BoxFuture<'_, StepResult<Outcome>>;
}
