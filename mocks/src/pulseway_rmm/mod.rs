//! Pulseway RMM: VSA X under another name and host (documented: the same API v3, below `/v3` where it is
//! hosted and below `/api/v3` on a server of one's own). It knows its name and nothing else.

use crate::Vendor;
use crate::vsa_x::Brand;

/// Pulseway RMM in the family.
pub const PULSEWAY_RMM: Brand = Brand {
    vendor: Vendor::PulsewayRmm,
    bases: &["/v3", "/api/v3"],
    product_name: "Pulseway RMM",
};
