//! Pulseway PSA: Kaseya BMS under another name and host. Login, envelope, paging, contacts and tickets
//! are seen to be the same in a live client; accounts, assets and writes follow from the shared code
//! base (inferred). It knows its name and nothing else.

use crate::Vendor;
use crate::kaseya_bms::Brand;

/// Pulseway PSA in the family.
pub const PULSEWAY_PSA: Brand = Brand {
    vendor: Vendor::PulsewayPsa,
    product_name: "Pulseway PSA",
};
