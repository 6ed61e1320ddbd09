//! Devices that clients publish: what they make themselves, without an agent. It knows records and rules
//! (`documented`: required members and lengths), and nothing of who may write.

use serde_json::{Value, json};

use super::show::placed;
use super::store::Store;
use crate::Request;
use crate::kit::{Object, at};
use crate::world::Kind;

/// Longest names and descriptions.
const NAME_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 255;

/// What a published device was named by whoever publishes it.
const INSTANCE: &str = "_instance";

impl Store {
    /// Registers or updates a device by the client's own name for it: its identifier, or what is wrong.
    pub(super) fn publish(&mut self, request: &Request) -> Result<Value, String> {
        let row = match serde_json::from_slice(request.body()) {
            Ok(Value::Object(row)) => row,
            _ => return Err("The request is invalid.".to_owned()),
        };
        let instance = text(&row, "InstanceId", NAME_MAX)?
            .ok_or_else(|| "The InstanceId field is required.".to_owned())?;
        let name = text(&row, "Name", NAME_MAX)?;
        let description = text(&row, "Description", DESCRIPTION_MAX)?;
        let group = at(&row, "GroupId").as_u64();
        let group = group.ok_or_else(|| "The GroupId field is required.".to_owned())?;
        let place = self
            .place_of_group(group)
            .ok_or_else(|| "The group is not found.".to_owned())?;
        let known = self
            .devices
            .iter()
            .find(|(_, row)| at(row, INSTANCE) == instance);
        let (id, old) = match known {
            Some((id, old)) => (id, old),
            None => {
                let id = self.devices.new_id();
                self.ledger.made(Kind::Device, id);
                (id, Object::new())
            }
        };
        let guid = self.guid(id);
        let own = at(&old, "Name").as_str().unwrap_or(instance);
        let mut record = old.clone();
        record.extend(placed(&guid, name.unwrap_or(own), place, false));
        record.insert(INSTANCE.to_owned(), instance.into());
        record.insert("ComputerType".to_owned(), "custom".into());
        if let Some(description) = description {
            record.insert("Description".to_owned(), description.into());
        }
        self.devices.put(id, &record);
        Ok(json!({ "Identifier": guid }))
    }
}

/// A text that is not too long; none where there is none.
fn text<'a>(row: &'a Object, name: &str, most: usize) -> Result<Option<&'a str>, String> {
    match at(row, name) {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text.chars().count() <= most => Ok(Some(text)),
        Value::String(_) => Err(format!(
            "The field {name} must be a string with a maximum length of {most}."
        )),
        _ => Err(format!("The field {name} must be a string.")),
    }
}
