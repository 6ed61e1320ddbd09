//! The sync itself: settings and gates, the PSA pass, the RMM pass with its matching cascade, the
//! actions of the matching screen, and the plans of the four methods. It stands on connectors and
//! the account, and must not know scenarios, the truth, or the simulators.

mod account;
mod ahead;
mod changes;
mod disconnect;
mod error;
mod event;
mod import;
mod knobs;
mod normal;
mod outcome;
mod pass;
mod person;
mod placeholders;
mod plan;
mod psa;
mod review;
mod rmm;
mod rows;
mod rules;
mod settings;
mod sync;
mod view;

pub use crate::model::{KnobChanges, Knobs, Profile};
pub use account::{Creatable, FieldChanges};
pub use disconnect::{PsaDisconnect, RmmDisconnect};
pub use error::{EngineError, MergeRefusal};
pub use event::{Event, Listener};
pub use import::{
    IMPORT_BYTES_MAX, Import, ImportError, ImportFormat, ImportReport, ImportRow, RowOutcome,
    data_rows, import_fields,
};
pub use normal::{MacKey, mac_key, present, single_mac};
pub use pass::Times;
pub use person::{Access, Person, Visible};
pub use plan::{Flow, MethodPlan, PlanStep, PlanWarning, Trigger, plan};
pub use review::{Bulk, ReviewAction, ReviewReport, Target};
pub use rules::{RULES, Rule, rule};
pub use settings::{PsaRows, PsaSettings};
pub use sync::{Engine, SyncReport};
