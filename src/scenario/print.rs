//! A scenario as YAML again. What it reads back is the same scenario; comments and layout are lost.

use serde_json::Value;

use super::model::Scenario;
use super::steps::Step;

/// A scenario that has no YAML form; only one made in code can be so (text that no key may be).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scenario has no YAML form: {0}")]
pub struct PrintError(String);

impl Scenario {
    /// The scenario as a file, defaults left out.
    ///
    /// # Errors
    /// [`PrintError`] when a value cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, PrintError> {
        let options = serde_saphyr::ser_options! {
            prefer_block_scalars: false,
        };
        serde_saphyr::to_string_with_options(self, options)
            .map_err(|error| PrintError(error.to_string()))
    }
}

impl Step {
    /// The step on one line, for progress and reports: `review: { create: { device: ws1 } }`. For
    /// people; keys stand in the order of the alphabet, text without quotes.
    pub fn summary(&self) -> String {
        let mut line = String::new();
        match serde_json::to_value(self) {
            Ok(Value::Object(step)) => entries(&mut line, &step),
            _ => line.push_str(self.name()),
        }
        line
    }
}

fn entries(line: &mut String, map: &serde_json::Map<String, Value>) {
    for (number, (key, value)) in map.iter().enumerate() {
        if number > 0 {
            line.push_str(", ");
        }
        line.push_str(key);
        line.push_str(": ");
        flow(line, value);
    }
}

fn flow(line: &mut String, value: &Value) {
    match value {
        Value::Object(map) if map.is_empty() => line.push_str("{}"),
        Value::Object(map) => {
            line.push_str("{ ");
            entries(line, map);
            line.push_str(" }");
        }
        Value::Array(items) => {
            line.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    line.push_str(", ");
                }
                flow(line, item);
            }
            line.push(']');
        }
        Value::String(text) => line.push_str(text),
        other => line.push_str(&other.to_string()),
    }
}
