//! Carries simulators to clients: a loopback server for anything that speaks HTTP, a
//! `wiremock::MockServer` for Rust tests, and faults that can be laid over either. A front must not
//! know any vendor.

mod calls;
pub mod faults;
mod loopback;
mod time;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "wiremock")]
pub mod wiremock;

pub use calls::{Call, CallLog};
pub use faults::{Fault, FaultGuard, FaultRule, Faults, Faulty};
pub use loopback::{Loopback, LoopbackOptions};
pub use time::{RealTime, Time};
#[cfg(feature = "tls")]
pub use tls::TestAuthority;
