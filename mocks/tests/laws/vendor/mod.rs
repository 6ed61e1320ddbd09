//! The habits of each vendor.

pub(crate) mod atera;
pub(crate) mod autotask;
pub(crate) mod connectwise_automate;
pub(crate) mod connectwise_psa;
pub(crate) mod datto_rmm;
pub(crate) mod halopsa;
pub(crate) mod intune;
pub(crate) mod kaseya_bms;
pub(crate) mod kaseya_vsa9;
pub(crate) mod n_central;
pub(crate) mod ninjaone;
pub(crate) mod syncro;
pub(crate) mod tigerpaw;
pub(crate) mod vsa_x;
