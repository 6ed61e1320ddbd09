//! Carries simulators to clients.
