//! Faults on demand: a vendor that answers 500, an HTML page, half a document, or not at all. Rules
//! are data, so that a script can write them; [`Faulty`] lays them over any simulator, so that
//! every front shows them. Faults must not know any vendor: what is particular comes through
//! [`Simulator::operation`](crate::Simulator::operation) and
//! [`Simulator::error_body`](crate::Simulator::error_body).

mod body;
mod faulty;
mod rules;

pub use faulty::Faulty;
pub use rules::{Fault, FaultGuard, FaultRule, Faults};
