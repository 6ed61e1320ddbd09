//! One subject of a device: what its own call answers, and its rows in the report over all devices. It
//! knows devices and nothing of requests.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::store::{ADAPTERS, DISKS, shown};
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
            Self::Adapters => many(ADAPTERS),
            Self::Disks => many(DISKS),
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
                let offline = at(&shown(device.clone(), now), "offline").clone();
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
