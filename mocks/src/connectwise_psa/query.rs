//! The parameters of a list. Names match in any case; of a name given twice the last counts.

use serde_json::Value;

use super::fault::{Fault, FieldError};
use super::schema::Schema;
use super::write::object;
use crate::Request;
use crate::kit::query_pairs;

/// Records in a page that is asked for without a size.
pub(super) const PAGE_SIZE: u64 = 25;

/// The largest page; larger ones are capped without a word.
pub(super) const PAGE_SIZE_MAX: u64 = 1_000;

/// What is listed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub selection: Selection,
    pub fields: String,
    pub page: u64,
    pub page_size: u64,
    pub page_id: u64,
}

/// Which records, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selection {
    pub conditions: String,
    pub child_conditions: String,
    pub custom_field_conditions: String,
    pub order_by: String,
}

impl Query {
    /// Reads the query of a request. A page or size below one is taken as not given (inferred); one
    /// that is no number is refused.
    pub(super) fn read(request: &Request) -> Result<Self, Fault> {
        let mut query = Self {
            selection: Selection::default(),
            fields: String::new(),
            page: 1,
            page_size: PAGE_SIZE,
            page_id: 0,
        };
        for (name, value) in query_pairs(request) {
            if let Some(slot) = query.selection.slot(&name) {
                *slot = value;
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "fields" => query.fields = value,
                "page" => query.page = number(&name, &value, 1)?,
                "pagesize" => {
                    query.page_size = number(&name, &value, PAGE_SIZE)?.min(PAGE_SIZE_MAX);
                }
                "pageid" => query.page_id = number(&name, &value, 0)?,
                // `managedIdentifier`, `managedInformation` and what the server does not know.
                _ => {}
            }
        }
        Ok(query)
    }

    /// Takes the selection from the body of a search.
    pub(super) fn search(&mut self, schema: &Schema, body: &Value) -> Result<(), Fault> {
        for (name, value) in object(schema, body)? {
            match (self.selection.slot(name), value) {
                (Some(slot), Value::String(text)) => slot.clone_from(text),
                (None, _) | (Some(_), Value::Null) => {}
                (Some(_), _) => return Err(Fault::one(schema, FieldError::invalid(name, "text"))),
            }
        }
        Ok(())
    }
}

impl Selection {
    fn slot(&mut self, name: &str) -> Option<&mut String> {
        match name.to_ascii_lowercase().as_str() {
            "conditions" => Some(&mut self.conditions),
            "childconditions" => Some(&mut self.child_conditions),
            "customfieldconditions" => Some(&mut self.custom_field_conditions),
            "orderby" => Some(&mut self.order_by),
            _ => None,
        }
    }
}

fn number(name: &str, value: &str, otherwise: u64) -> Result<u64, Fault> {
    match value.trim() {
        "" => Ok(otherwise),
        text => match text.parse::<i64>() {
            Ok(number) if number < 1 => Ok(otherwise),
            Ok(number) => Ok(number.unsigned_abs()),
            Err(_) => Err(Fault::Parameter(format!("{name} must be a whole number"))),
        },
    }
}
