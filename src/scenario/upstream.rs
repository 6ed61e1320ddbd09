//! Steps in which people work in the tools.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use syncrig_mocks::world::{
    ContactPatch, DevicePatch, Kind, Located, LocationPatch, OrganizationPatch, Patch, Tool,
};

use super::located::{EntityRef, HELP, Slots, exactly_one};

/// `edit: { in: rmm, device: ws1, set: { name: ACME-WS9 } }`. The record is named before `set`,
/// because its kind decides what can be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The tool in which it is changed.
    pub tool: Tool,
    /// The record.
    pub record: EntityRef,
    /// The new values, of the record's kind. What is left out stays; null clears.
    pub set: Patch,
}

/// The keys of `edit`.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum EditKey {
    In,
    Organization,
    Location,
    Contact,
    Device,
    Set,
}

const RECORD_KEYS: &str = "`organization`, `location`, `contact` and `device`";

impl<'de> Deserialize<'de> for Edit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Edit;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map with `in`, one record, and `set`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Edit, A::Error> {
                let mut tool = None;
                let mut record: Option<EntityRef> = None;
                let mut set = None;
                while let Some(key) = map.next_key::<EditKey>()? {
                    let kind = match key {
                        EditKey::In => {
                            tool = Some(map.next_value()?);
                            continue;
                        }
                        EditKey::Set => {
                            let kind = record.as_ref().map(|record| record.kind);
                            set = Some(next_patch(&mut map, kind)?);
                            continue;
                        }
                        EditKey::Organization => Kind::Organization,
                        EditKey::Location => Kind::Location,
                        EditKey::Contact => Kind::Contact,
                        EditKey::Device => Kind::Device,
                    };
                    if record.is_some() {
                        return Err(Error::custom(format!(
                            "this names more than one record{HELP}give only one of {RECORD_KEYS}"
                        )));
                    }
                    let key: Located<String> = map.next_value()?;
                    record = Some(EntityRef { kind, key });
                }
                Ok(Edit {
                    tool: tool.ok_or_else(|| Error::missing_field("in"))?,
                    record: record.ok_or_else(|| {
                        Error::custom(format!(
                            "this does not say which record is meant{HELP}give one of {RECORD_KEYS}"
                        ))
                    })?,
                    set: set.ok_or_else(|| Error::missing_field("set"))?,
                })
            }
        }

        deserializer.deserialize_map(Form)
    }
}

fn next_patch<'de, A: MapAccess<'de>>(map: &mut A, kind: Option<Kind>) -> Result<Patch, A::Error> {
    Ok(match kind {
        Some(Kind::Organization) => map.next_value::<OrganizationPatch>()?.into(),
        Some(Kind::Location) => map.next_value::<LocationPatch>()?.into(),
        Some(Kind::Contact) => map.next_value::<ContactPatch>()?.into(),
        Some(Kind::Device) => map.next_value::<DevicePatch>()?.into(),
        None => {
            return Err(Error::custom(format!(
                "`set` stands before the record that it changes{HELP}\
                 name the record first, with one of {RECORD_KEYS}"
            )));
        }
    })
}

impl Serialize for Edit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("in", &self.tool)?;
        let kind = match self.record.kind {
            Kind::Organization => "organization",
            Kind::Location => "location",
            Kind::Contact => "contact",
            Kind::Device => "device",
        };
        map.serialize_entry(kind, &self.record.key)?;
        match &self.set {
            Patch::Organization(patch) => map.serialize_entry("set", patch)?,
            Patch::Location(patch) => map.serialize_entry("set", patch)?,
            Patch::Contact(patch) => map.serialize_entry("set", patch)?,
            Patch::Device(patch) => map.serialize_entry("set", patch)?,
        }
        map.end()
    }
}

impl JsonSchema for Edit {
    fn schema_name() -> Cow<'static, str> {
        "Edit".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tool = generator.subschema_for::<Tool>();
        let form = |kind: &str, patch: Schema| {
            json_schema!({
                "type": "object",
                "properties": {
                    "in": tool,
                    kind: { "type": "string", "description": "Key of the record." },
                    "set": patch
                },
                "required": ["in", kind, "set"],
                "additionalProperties": false
            })
        };
        let forms = [
            form(
                "organization",
                generator.subschema_for::<OrganizationPatch>(),
            ),
            form("location", generator.subschema_for::<LocationPatch>()),
            form("contact", generator.subschema_for::<ContactPatch>()),
            form("device", generator.subschema_for::<DevicePatch>()),
        ];
        json_schema!({
            "description": "The tool, one record, and its new values. The record is named before `set`.",
            "anyOf": forms
        })
    }
}

/// One record in one tool, for `remove` and `add`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "InToolText", into = "InToolText")]
pub struct InTool {
    /// The tool.
    pub tool: Tool,
    /// The record.
    pub record: EntityRef,
}

/// `remove: { in: psa, device: ws1 }`. An organization goes with all that it has in that tool.
pub type Remove = InTool;

/// `add: { in: psa, device: ws1 }`: a true entity that this tool did not have.
pub type Add = InTool;

/// The tool, and one record in it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "InTool")]
pub(super) struct InToolText {
    /// The tool.
    #[serde(rename = "in")]
    tool: Tool,
    /// The organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<Located<String>>,
    /// The location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<Located<String>>,
    /// The contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<Located<String>>,
    /// The device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<Located<String>>,
}

impl TryFrom<InToolText> for InTool {
    type Error = String;

    fn try_from(text: InToolText) -> Result<Self, String> {
        let record = exactly_one(
            [
                (Kind::Organization, text.organization),
                (Kind::Location, text.location),
                (Kind::Contact, text.contact),
                (Kind::Device, text.device),
            ],
            RECORD_KEYS,
        )?;
        Ok(Self {
            tool: text.tool,
            record,
        })
    }
}

impl From<InTool> for InToolText {
    fn from(step: InTool) -> Self {
        let slots = Slots::from(step.record);
        Self {
            tool: step.tool,
            organization: slots.organization,
            location: slots.location,
            contact: slots.contact,
            device: slots.device,
        }
    }
}

/// `reimage: { device: ws1 }`: a second RMM record with the same hardware, `ws1#2`, beside the old.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reimage {
    /// The device.
    pub device: Located<String>,
}
