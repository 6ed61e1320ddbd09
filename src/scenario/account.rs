//! Steps in which a person works in the documentation account itself.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use syncrig_mocks::world::{Kind, Located};

use super::located::{EntityRef, HELP, Slots, exactly_one};

/// What a person does in the documentation account by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Account {
    /// Enters a record.
    Create(Box<AccountCreate>),
    /// Changes fields of a record and saves it.
    Edit(Box<AccountEdit>),
    /// Puts a record away; it is kept and counts no longer.
    Archive(AccountRecord),
    /// Takes a record back from the archive.
    Restore(AccountRecord),
    /// Deletes a record for good; an organization goes with all that it has.
    Delete(AccountRecord),
    /// Switches the sync of one record off.
    DisableSync(AccountRecord),
    /// Switches it on again.
    EnableSync(AccountRecord),
    /// Takes a disconnected record back into the sync.
    Reconnect(AccountRecord),
    /// Merges one organization into another.
    Merge(AccountMerge),
    /// The one-time push of all records that could sync and do not yet.
    PushAll(PushAll),
}

impl Account {
    /// The record that is worked on, unless it is one that is made, or many.
    pub const fn record(&self) -> Option<&AccountRecord> {
        match self {
            Self::Create(_) | Self::PushAll(_) => None,
            Self::Edit(edit) => Some(&edit.record),
            Self::Archive(record)
            | Self::Restore(record)
            | Self::Delete(record)
            | Self::DisableSync(record)
            | Self::EnableSync(record)
            | Self::Reconnect(record) => Some(record),
            Self::Merge(merge) => Some(&merge.source),
        }
    }
}

/// `push_all: {}`: there is nothing to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushAll {}

/// One record of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "AccountRecordText", into = "AccountRecordText")]
pub struct AccountRecord {
    /// The entity, or one tool's record of it, for which the record stands.
    pub entity: EntityRef,
    /// Which of several, from 1, in order of creation. None: the first.
    pub nth: Option<Located<u32>>,
}

impl AccountRecord {
    /// The first record that stands for an entity.
    pub const fn first(entity: EntityRef) -> Self {
        Self { entity, nth: None }
    }
}

/// Name the record by its entity, with `organization`, `location`, `contact` or `configuration`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "AccountRecord")]
pub(super) struct AccountRecordText {
    /// Key of an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Located<String>>,
    /// Key of a location.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Located<String>>,
    /// Key of a contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Located<String>>,
    /// Key of a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Located<String>>,
    /// Which of several records for the entity, from 1, in order of creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<Located<u32>>,
}

impl TryFrom<AccountRecordText> for AccountRecord {
    type Error = String;

    fn try_from(text: AccountRecordText) -> Result<Self, String> {
        let entity = account_entity(
            text.organization,
            text.location,
            text.contact,
            text.configuration,
        )?;
        Ok(Self {
            entity,
            nth: counted(text.nth)?,
        })
    }
}

impl From<AccountRecord> for AccountRecordText {
    fn from(record: AccountRecord) -> Self {
        let slots = Slots::from(record.entity);
        Self {
            organization: slots.organization,
            location: slots.location,
            contact: slots.contact,
            configuration: slots.device,
            nth: record.nth,
        }
    }
}

/// `edit: { configuration: ws1, set: { notes: Rack 2 } }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "AccountEditText", into = "AccountEditText")]
pub struct AccountEdit {
    /// The record.
    pub record: AccountRecord,
    /// New values by the account's own names of fields; null empties one. None at all: the record is
    /// opened and saved as it is.
    pub set: IndexMap<Located<String>, Option<String>>,
}

/// One record, and its new values.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "AccountEdit")]
pub(super) struct AccountEditText {
    /// Key of an organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Located<String>>,
    /// Key of a location.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Located<String>>,
    /// Key of a contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Located<String>>,
    /// Key of a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Located<String>>,
    /// Which of several records for the entity, from 1, in order of creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<Located<u32>>,
    /// New values by field; null empties one. An empty map saves the record as it is.
    set: IndexMap<Located<String>, Option<String>>,
}

impl TryFrom<AccountEditText> for AccountEdit {
    type Error = String;

    fn try_from(text: AccountEditText) -> Result<Self, String> {
        let entity = account_entity(
            text.organization,
            text.location,
            text.contact,
            text.configuration,
        )?;
        let nth = counted(text.nth)?;
        Ok(Self {
            record: AccountRecord { entity, nth },
            set: text.set,
        })
    }
}

impl From<AccountEdit> for AccountEditText {
    fn from(edit: AccountEdit) -> Self {
        let AccountRecordText {
            organization,
            location,
            contact,
            configuration,
            nth,
        } = edit.record.into();
        Self {
            organization,
            location,
            contact,
            configuration,
            nth,
            set: edit.set,
        }
    }
}

/// `merge: { organization: acme, nth: 2, into: acme }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "AccountMergeText", into = "AccountMergeText")]
pub struct AccountMerge {
    /// The organization that goes.
    pub source: AccountRecord,
    /// The organization that stays.
    pub target: AccountRecord,
}

/// The organization that goes, and the one that stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "AccountMerge")]
pub(super) struct AccountMergeText {
    /// Key of the organization whose record is merged and then gone.
    organization: Located<String>,
    /// Which of several records, from 1, in order of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<Located<u32>>,
    /// Key of the organization whose record gets everything.
    into: Located<String>,
    /// Which of several records, from 1, in order of creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    into_nth: Option<Located<u32>>,
}

impl TryFrom<AccountMergeText> for AccountMerge {
    type Error = String;

    fn try_from(text: AccountMergeText) -> Result<Self, String> {
        let record = |key, nth| -> Result<AccountRecord, String> {
            Ok(AccountRecord {
                entity: EntityRef {
                    kind: Kind::Organization,
                    key,
                },
                nth: counted(nth)?,
            })
        };
        Ok(Self {
            source: record(text.organization, text.nth)?,
            target: record(text.into, text.into_nth)?,
        })
    }
}

impl From<AccountMerge> for AccountMergeText {
    fn from(merge: AccountMerge) -> Self {
        Self {
            organization: merge.source.entity.key,
            nth: merge.source.nth,
            into: merge.target.entity.key,
            into_nth: merge.target.nth,
        }
    }
}

/// Records are counted from 1.
fn counted(nth: Option<Located<u32>>) -> Result<Option<Located<u32>>, String> {
    if nth.as_ref().is_some_and(|nth| nth.value == 0) {
        return Err(format!(
            "records are counted from 1{HELP}write `nth: 1` for the first"
        ));
    }
    Ok(nth)
}

fn account_entity(
    organization: Option<Located<String>>,
    location: Option<Located<String>>,
    contact: Option<Located<String>>,
    configuration: Option<Located<String>>,
) -> Result<EntityRef, String> {
    exactly_one(
        [
            (Kind::Organization, organization),
            (Kind::Location, location),
            (Kind::Contact, contact),
            (Kind::Device, configuration),
        ],
        "`organization`, `location`, `contact` and `configuration`",
    )
}

/// A record entered by hand for a true entity. What is not given is taken from the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "AccountCreateText", into = "AccountCreateText")]
pub struct AccountCreate {
    /// The true entity that the record stands for; a device's record is a configuration.
    pub entity: EntityRef,
    /// Key of the organization whose record gets the new one. None: the entity's own.
    pub organization: Option<Located<String>>,
    /// Key of the location whose record a contact or configuration stands at. None: at none.
    pub location: Option<Located<String>>,
    /// Values that differ from the truth.
    pub values: AccountValues,
    /// Through what it comes. None: a person on the screen.
    pub by: Option<By>,
}

/// Through what a record is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// A program, through the account's API.
    Api,
}

/// Values typed in by hand. Left out: as the truth has it. Null: left empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccountValues {
    /// Name; of a contact, the first and the last name with a space between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Type, by name.
    #[serde(
        rename = "type",
        deserialize_with = "nullable",
        skip_serializing_if = "Option::is_none"
    )]
    pub record_type: Option<Option<String>>,
    /// Status, by name.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub status: Option<Option<String>>,
    /// Serial number. Configurations only.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub serial: Option<Option<String>>,
    /// Primary MAC address. Configurations only.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Option::is_none")]
    pub mac: Option<Option<String>>,
    /// Manufacturer. Left out: none. Configurations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Model. Left out: none. Configurations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

fn nullable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Name the entity with `organization`, `location`, `contact` or `configuration`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "AccountCreate")]
pub(super) struct AccountCreateText {
    /// Key of a true organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Located<String>>,
    /// Key of a true location.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Located<String>>,
    /// Key of a true contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Located<String>>,
    /// Key of a true device.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Located<String>>,
    /// Key of the organization under which it is entered. Left out: the entity's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    under: Option<Located<String>>,
    /// Key of the location at which a contact or configuration is entered. Left out: at none.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Located<String>>,
    /// Values that differ from the truth; null leaves a field empty.
    #[serde(skip_serializing_if = "is_default")]
    set: AccountValues,
    /// `api`: a program enters it. Left out: a person does.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<By>,
}

fn is_default(values: &AccountValues) -> bool {
    *values == AccountValues::default()
}

impl TryFrom<AccountCreateText> for AccountCreate {
    type Error = String;

    fn try_from(text: AccountCreateText) -> Result<Self, String> {
        let entity = account_entity(
            text.organization,
            text.location,
            text.contact,
            text.configuration,
        )?;
        if entity.kind != Kind::Device {
            let values = &text.set;
            if values.serial.is_some() || values.mac.is_some() {
                return Err(format!(
                    "only a configuration has a serial number and a MAC address{HELP}\
                     take `serial` and `mac` out of `set`"
                ));
            }
            if values.manufacturer.is_some() || values.model.is_some() {
                return Err(format!(
                    "only a configuration has a manufacturer and a model{HELP}\
                     take `manufacturer` and `model` out of `set`"
                ));
            }
        }
        if !matches!(entity.kind, Kind::Contact | Kind::Device) && text.at.is_some() {
            return Err(format!(
                "only a contact and a configuration stand at a location{HELP}take `at` away"
            ));
        }
        if entity.kind == Kind::Organization && text.under.is_some() {
            return Err(format!(
                "an organization stands under no other record here{HELP}take `under` away"
            ));
        }
        Ok(Self {
            entity,
            organization: text.under,
            location: text.at,
            values: text.set,
            by: text.by,
        })
    }
}

impl From<AccountCreate> for AccountCreateText {
    fn from(step: AccountCreate) -> Self {
        let slots = Slots::from(step.entity);
        Self {
            organization: slots.organization,
            location: slots.location,
            contact: slots.contact,
            configuration: slots.device,
            under: step.organization,
            at: step.location,
            set: step.values,
            by: step.by,
        }
    }
}
