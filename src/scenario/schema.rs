//! The JSON Schema of scenario files, for editors. It is made from the types, so it cannot say
//! anything else than the reader does.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::model::Scenario;

/// The schema, as it stands in `schema/scenario.schema.json`.
pub fn schema() -> Value {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Scenario>();
    schema.to_value()
}
