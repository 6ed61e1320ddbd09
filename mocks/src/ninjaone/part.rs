//! One subject of a device: what its own call answers, and its rows in the report over all devices. It
//! knows devices and nothing of requests.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::devices::{ADAPTERS, DISKS, Facts};
use crate::kit::{Object, at};

/// The subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Adapters,
    Disks,
    Volumes,
    Processors,
    System,
    Os,
    User,
    Health,
}

impl Part {
    pub(super) fn rows(self, device: &Object, now: Timestamp) -> Vec<Object> {
        let many = |member: &str| -> Vec<Object> {
            let rows = at(device, member).as_array();
            let rows = rows.into_iter().flatten();
            rows.filter_map(|row| row.as_object().cloned()).collect()
        };
        let single = |member: &str| -> Vec<Object> {
            at(device, member)
                .as_object()
                .cloned()
                .into_iter()
                .collect()
        };
        match self {
            Self::Adapters => {
                let rows = at(device, ADAPTERS).as_array().into_iter().flatten();
                rows.enumerate().map(|(at, row)| adapter(at, row)).collect()
            }
            Self::Disks => {
                let rows = at(device, DISKS).as_array().into_iter().flatten();
                rows.map(disk).collect()
            }
            Self::Volumes => many("volumes"),
            Self::Processors => many("processors"),
            Self::System => single("system"),
            Self::Os => single("os"),
            Self::User => {
                let user = at(device, "lastLoggedInUser").as_str();
                let row = user.map(|user| {
                    let mut row = Object::new();
                    row.insert("userName".to_owned(), user.into());
                    row.insert("logonTime".to_owned(), at(device, "lastContact").clone());
                    row
                });
                row.into_iter().collect()
            }
            Self::Health => {
                let offline = Facts::of(device).offline(now);
                let row = json!({
                    "healthStatus": "HEALTHY", "offline": offline, "alertCount": 0, "activeJobCount": 0,
                });
                row.as_object().cloned().into_iter().collect()
            }
        }
    }

    /// What the device's own call answers.
    pub(super) fn of(self, device: &Object, now: Timestamp) -> Value {
        let rows = self.rows(device, now).into_iter().map(Value::Object);
        match self {
            Self::User => rows.into_iter().next().unwrap_or_else(|| json!({})),
            _ => rows.collect(),
        }
    }
}

/// An adapter as its own call shows it, from what is kept: name, IP address, MAC address, gateway.
fn adapter(at: usize, kept: &Value) -> Object {
    let kept = |place: usize| kept.get(place).filter(|value| !value.is_null()).cloned();
    let list = |place: usize| -> Value { kept(place).into_iter().collect() };
    let members = [
        ("adapterName", kept(0)),
        ("interfaceName", kept(0)),
        ("interfaceType", Some("Ethernet".into())),
        ("interfaceIndex", Some(at.to_string().into())),
        ("ipAddress", Some(list(1))),
        ("macAddress", Some(list(2))),
        ("defaultGateway", kept(3)),
        ("status", Some("Up".into())),
    ];
    let members = members.into_iter();
    members
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// A disk as its own call shows it, from what is kept: name and size.
fn disk(kept: &Value) -> Object {
    let members = [
        ("name", kept.get(0).cloned().unwrap_or_default()),
        ("size", kept.get(1).cloned().unwrap_or_default()),
        ("mediaType", "SSD".into()),
        ("status", "OK".into()),
    ];
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
