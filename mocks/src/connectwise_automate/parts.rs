//! What other resources say of a computer: chassis, drives, memory, processors, BIOS and system. It knows
//! computers as the store keeps them and nothing of requests.

use serde_json::{Value, json};

use super::fields::{self, Field};
use super::render::{CHASSIS, DRIVES, INVENTORY, PROCESSOR};
use crate::kit::{Object, at, mix};

/// The resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Chassis,
    Drives,
    MemorySlots,
    Processors,
    Software,
    Bios,
    System,
}

impl Part {
    pub(super) const fn fields(self) -> &'static [Field] {
        match self {
            Self::Chassis => fields::CHASSIS,
            Self::Drives => fields::DRIVE,
            Self::MemorySlots => fields::SLOT,
            Self::Processors => fields::PROCESSOR,
            Self::Software => fields::EMPTY,
            Self::Bios => fields::BIOS,
            Self::System => fields::SYSTEM,
        }
    }

    /// Whether a computer has one of them, and its own call answers no list.
    pub(super) const fn is_single(self) -> bool {
        matches!(self, Self::Bios | Self::System)
    }

    /// The rows of a computer, as of its last inventory.
    pub(super) fn rows(self, id: u64, computer: &Object) -> Vec<Object> {
        let inventory = at(computer, INVENTORY).clone();
        let own = |member: &str| at(computer, member).clone();
        let rows = match self {
            Self::Software => Vec::new(),
            Self::Chassis => vec![dated(own(CHASSIS), "LastUpdate", &inventory)],
            Self::Processors => vec![dated(own(PROCESSOR), "UpdateDate", &inventory)],
            Self::Drives => {
                let drives = at(computer, DRIVES).as_array().cloned();
                let drives = drives.into_iter().flatten();
                drives
                    .map(|drive| dated(drive, "DateLastInventoried", &inventory))
                    .collect()
            }
            Self::MemorySlots => {
                let size = own("TotalMemory");
                vec![match size {
                    Value::Null => Value::Null,
                    size => json!({ "SlotName": "DIMM 0", "Size": size, "UpdateDate": inventory }),
                }]
            }
            Self::Bios => vec![json!({
                "Vendor": own("BiosManufacturer"), "IsVirtualMachine": own("IsVirtualMachine"),
                "IsPortable": own("Type") == "Laptop", "DateUpdated": inventory,
            })],
            Self::System => vec![json!({
                "Name": own("OperatingSystemName"), "Version": own("OperatingSystemVersion"),
                "Domain": own("DomainName"), "IsServer": own("Type") == "Server", "Is64Bit": true,
                "DateUpdated": inventory,
            })],
        };
        let rows = rows.into_iter().filter_map(|row| match row {
            Value::Object(row) => Some(row),
            _ => None,
        });
        rows.zip(0_u64..)
            .map(|(mut row, place)| {
                row.insert("ComputerId".to_owned(), id.into());
                let number = match self {
                    Self::Drives => Some(("DriveId", id * 16 + place)),
                    Self::MemorySlots => Some(("SlotHandle", place)),
                    Self::Processors => Some(("ProcessorHandle", place)),
                    _ => None,
                };
                if let Some((name, number)) = number {
                    row.insert(name.to_owned(), number.into());
                }
                if self == Self::Chassis {
                    row.insert("UUID".to_owned(), uuid(id).into());
                }
                row
            })
            .collect()
    }
}

fn dated(mut row: Value, member: &str, inventory: &Value) -> Value {
    if let Value::Object(row) = &mut row {
        row.insert(member.to_owned(), inventory.clone());
    }
    row
}

fn uuid(id: u64) -> String {
    let (high, low) = (mix(id), mix(!id));
    format!(
        "{:08X}-{:04X}-4{:03X}-{:04X}-{:012X}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}
