//! What people and programs do in the account itself: create, edit, archive, delete, merge, switch the
//! sync of a record; and the push of all that to a two-way PSA. It knows no matching screen.

mod action;
mod edit;
mod links;
mod merge;
mod push;
mod pushed;
mod put_away;

pub use edit::{Creatable, FieldChanges};
pub(super) use push::Owed;
pub(super) use pushed::Pushed;
pub(super) use put_away::{delete_configuration, delete_organization, delete_plain};
