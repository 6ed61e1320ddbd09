//! Reading and writing of `tenant:`, by hand: `file:` stands in place of the tenant's own keys, and
//! an untagged enum would lose all places.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use syncrig_mocks::world::Tenant;

use super::located::HELP;
use super::model::TenantSource;

impl<'de> Deserialize<'de> for TenantSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = TenantSource;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a tenant, or a map with `file`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TenantSource, A::Error> {
                let Some(first) = map.next_key::<String>()? else {
                    return Err(Error::custom(format!(
                        "the tenant is empty{HELP}write its `organizations`, or `generate`, or `file`"
                    )));
                };
                if first == "file" {
                    let path = map.next_value()?;
                    if let Some(other) = map.next_key::<String>()? {
                        return Err(Error::custom(format!(
                            "`{other}` stands beside `file`{HELP}\
                             a tenant in a file of its own is changed there"
                        )));
                    }
                    return Ok(TenantSource::File {
                        path,
                        tenant: Arc::default(),
                    });
                }
                let whole = FirstKeyBack {
                    first: Some(first),
                    rest: map,
                };
                Tenant::deserialize(MapAccessDeserializer::new(whole))
                    .map(|tenant| TenantSource::Here(Box::new(tenant)))
            }
        }

        deserializer.deserialize_map(Form)
    }
}

/// A map whose first key was read to see what the map is.
struct FirstKeyBack<A> {
    first: Option<String>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for FirstKeyBack<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => {
                let key: StringDeserializer<A::Error> = first.into_deserializer();
                seed.deserialize(key).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

impl Serialize for TenantSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Here(tenant) => tenant.serialize(serializer),
            Self::File { path, .. } => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("file", path)?;
                map.end()
            }
        }
    }
}

impl JsonSchema for TenantSource {
    fn schema_name() -> Cow<'static, str> {
        "TenantSource".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let here = generator.subschema_for::<Tenant>();
        json_schema!({
            "description": "A tenant written out (or with `generate`), or the path of its file.",
            "anyOf": [
                here,
                {
                    "type": "object",
                    "properties": {
                        "file": {
                            "type": "string",
                            "description": "Path of a tenant file, relative to the script."
                        }
                    },
                    "required": ["file"],
                    "additionalProperties": false
                }
            ]
        })
    }
}
