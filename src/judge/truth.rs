//! What is really so: the true entities, the records that tools hold of them, and what a run was
//! meant to do. The rig fills this in from the world; nothing here knows simulators.

use std::collections::BTreeMap;

use crate::model::{Method, RecordKind, Tool};

/// A thing of the real world: one client, address, person or device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Kind; a device is a [`RecordKind::Configuration`].
    pub kind: RecordKind,
    /// Key in the tenant (`ws1`), unique in its kind.
    pub key: String,
    /// Name, for people.
    pub name: String,
}

/// Whether a tool's record can reach the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It is there and nothing keeps it out.
    Delivered,
    /// It is there, but the tool is not connected, a gate of the settings keeps it out, or the
    /// product drops it (an RMM company without devices).
    Withheld,
    /// It was there once and was deleted in the tool.
    Removed,
}

/// A record of a tool, and the entity it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Kind of tool.
    pub tool: Tool,
    /// The vendor's slug.
    pub vendor: String,
    /// Kind of record.
    pub kind: RecordKind,
    /// The id that the vendor's API gives it.
    pub external_id: String,
    /// Key of the record in its tool (`ws1#2` for a second copy).
    pub key: String,
    /// Key of the entity.
    pub truth: String,
    /// Whether it can reach the account.
    pub presence: Presence,
}

/// A record of the account that a person made, and the entity the person meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandMade {
    /// Kind of record.
    pub kind: RecordKind,
    /// Account id.
    pub record_id: String,
    /// Key of the entity.
    pub truth: String,
}

/// The truth about one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// Entities. One that only rows name is taken in with its key for a name.
    pub entities: Vec<Entity>,
    /// Records of the tools, deleted ones included. The first row of an external id counts.
    pub rows: Vec<SourceRow>,
    /// Records of the account that no link explains. One that is named twice, with two entities,
    /// holds both.
    pub hand_made: Vec<HandMade>,
}

/// What the judge must know about a run besides the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The method, which says where records have to come from.
    pub method: Method,
    /// Syncs (indices into the outcome's list) before which nothing had changed since the sync
    /// before of the same tool: they must write nothing.
    pub repeats: Vec<usize>,
    /// Calls made, by vendor and operation.
    pub calls: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Scope {
    /// A scope without repeated syncs and without counted calls.
    pub fn new(method: Method) -> Self {
        Self {
            method,
            repeats: Vec::new(),
            calls: BTreeMap::new(),
        }
    }
}

/// The tool that has to bring records of a kind into the account under a method, or none when the
/// method does not bring them (rule book, section 2). Hand-made records are nobody's duty.
///
/// | | organizations | locations, contacts | configurations |
/// | --- | --- | --- | --- |
/// | A, B | PSA | PSA | PSA |
/// | C | PSA | PSA | RMM |
/// | D | RMM | none | RMM |
pub const fn source_of(method: Method, kind: RecordKind) -> Option<Tool> {
    match (method, kind) {
        (Method::A | Method::B, _) => Some(Tool::Psa),
        (Method::C | Method::D, RecordKind::Configuration)
        | (Method::D, RecordKind::Organization) => Some(Tool::Rmm),
        (Method::C, _) => Some(Tool::Psa),
        (Method::D, RecordKind::Location | RecordKind::Contact) => None,
    }
}
