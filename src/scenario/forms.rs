//! Values that may be written short or long (`sync: psa` or `sync: { tool: psa, … }`), read by hand
//! because serde's untagged enums lose the place and the names that would have been right.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use syncrig_mocks::world::{Located, Tool};

use super::person::Access;
use super::review::Rows;
use super::steps::Sync;

const TOOLS: &[&str] = &["psa", "rmm"];
const ROWS: &[&str] = &["all", "suggested"];
const ACCESS: &[&str] = &["all"];

/// The long form of `sync`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Sync")]
struct SyncMap {
    /// Which tool is synced.
    tool: Tool,
    /// The error code that the sync is expected to end with.
    #[serde(default)]
    fails: Option<Located<String>>,
}

impl<'de> Deserialize<'de> for Sync {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Sync;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`psa`, `rmm`, or a map with `tool` and `fails`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Sync, E> {
                let tool = match text {
                    "psa" => Tool::Psa,
                    "rmm" => Tool::Rmm,
                    other => return Err(E::unknown_variant(other, TOOLS)),
                };
                Ok(Sync { tool, fails: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sync, A::Error> {
                let SyncMap { tool, fails } =
                    SyncMap::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Sync { tool, fails })
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl Serialize for Sync {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(fails) = &self.fails else {
            return self.tool.serialize(serializer);
        };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("tool", &self.tool)?;
        map.serialize_entry("fails", fails)?;
        map.end()
    }
}

impl JsonSchema for Sync {
    fn schema_name() -> Cow<'static, str> {
        "Sync".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tool = generator.subschema_for::<Tool>();
        let long = SyncMap::json_schema(generator);
        json_schema!({
            "description": "One sync, expected to succeed unless `fails` gives an error code.",
            "anyOf": [tool, long]
        })
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Rows;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`all`, `suggested`, or a list of keys")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Rows, E> {
                match text {
                    "all" => Ok(Rows::All),
                    "suggested" => Ok(Rows::Suggested),
                    other => Err(E::unknown_variant(other, ROWS)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, keys: A) -> Result<Rows, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(keys)).map(Rows::Keys)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Suggested => serializer.serialize_str("suggested"),
            Self::Keys(keys) => keys.serialize(serializer),
        }
    }
}

impl JsonSchema for Rows {
    fn schema_name() -> Cow<'static, str> {
        "Rows".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`all`: every unmatched row; `suggested`: every unmatched row with a \
                suggestion; or a list of keys.",
            "anyOf": [
                { "type": "string", "enum": ROWS },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

impl<'de> Deserialize<'de> for Access {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Access;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`all`, or a list of organizations")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Access, E> {
                match text {
                    "all" => Ok(Access::All),
                    other => Err(E::unknown_variant(other, ACCESS)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, keys: A) -> Result<Access, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(keys)).map(Access::Keys)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl Serialize for Access {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Keys(keys) => keys.serialize(serializer),
        }
    }
}

impl JsonSchema for Access {
    fn schema_name() -> Cow<'static, str> {
        "Access".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The organizations that a manager may access: `all`, or a list of keys.",
            "anyOf": [
                { "type": "string", "enum": ACCESS },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}
