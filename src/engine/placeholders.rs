//! What stands where a serial number or a MAC address should, and identifies nothing. Data, gathered
//! from what inventory tools and integrators publicly leave out; all of it is seen and none of it is
//! documented for the matching that is modelled here.

/// Placeholders in place of a serial number, as [`bare`] writes them: what firmware and tools put
/// there when nobody has set one. Where each was seen:
///
/// - `R` filtered by an integration of Datto RMM (Datto-RMM-to-ITG-Integration);
/// - `O` asked for in OCSInventory-ocsreports #1652;
/// - `F` left out by fusioninventory-for-glpi (#829, #978, #1455 and its starting list);
/// - `I` shared by many live devices in Intune (ModernAndSecureWorkplace #5);
/// - `S` in the generated tenants of this project.
const SERIALS: &[&str] = &[
    "tobefilledbyoem",     // R O F S
    "tobefilled",          // cut off at the length of the field
    "systemserialnumber",  // R O F S
    "systemserialnumb",    // F: cut off at sixteen characters
    "chassisserialnumber", // the same field of the chassis, which tools fall back to
    "baseboardserialnumber",
    "serialnumber",
    "serial",
    "defaultstring", // R O I S
    "oem",
    "oemserial",    // F
    "notspecified", // F S
    "notapplicable",
    "notavailable",
    "none", // F S
    "null",
    "nullstring", // F
    "empty",      // F
    "invalid",    // F
    "unknown",    // F
    "unknow",     // F: spelled like this by old firmware
    "na",         // F
    "eval",       // F
];

/// Beginnings of counting patterns, whatever follows (`R`: anything that begins with 123456789; `F`
/// lists a dozen lengths of both).
const COUNTING: &[&str] = &["123456789", "0123456789"];

/// MAC addresses that adapters of many machines share, as numbers. Each is left out by several tools:
/// GLPI, OCSInventory, Dell OpenManage (`COMMON_MAC_ADDRESSES`), an asset inventory's list of
/// addresses that are not unique.
const MACS: &[u64] = &[
    0x2041_5359_4EFF, // RAS async adapter: " ASYN" and a byte
    0x5050_5450_3030, // WAN miniport (PPTP): "PPTP00"
    0x3350_6F45_3030, // WAN miniport (PPPoE): "3PoE00"
    0x0053_4500_0000, // "SE" of the same driver
    0x0200_4E43_5049, // "NCPI", a VPN client's adapter
    0x0005_9A3C_7A00, // Cisco AnyConnect, the same on every machine
    0x0250_4100_0001, // GlobalProtect, the same on every machine
    0x000B_CAFE_0000, // Juniper Network Connect
    0x0280_37EC_0200, // Ericsson mobile broadband
    0x00A0_C600_0000, // Qualcomm mobile broadband
    0x0A00_2700_0000, // VirtualBox host-only adapter
    0xFEFF_FFFF_FFFF, // Xen bridge
];

/// VMware's own adapters on the host, `00:50:56:C0:00:01` and on: one for each network (GLPI).
const VMWARE_HOST: u64 = 0x0050_56C0_0000;

/// Whether a text in place of a serial number is one that many devices share.
pub(super) fn is_placeholder_serial(text: &str) -> bool {
    let bare = bare(text);
    let mut letters = bare.chars();
    let Some(first) = letters.next() else {
        // Nothing but dots and dashes (netbox-sync #202: boards that report a row of dots).
        return true;
    };
    // `0`, `00000000`, `XXXXXXX`.
    letters.all(|letter| letter == first)
        || SERIALS.contains(&bare.as_str())
        || COUNTING.iter().any(|pattern| bare.starts_with(pattern))
}

/// Whether a MAC address is one that adapters of many machines share.
pub(super) fn is_shared_mac(mac: u64) -> bool {
    const ALL_ONES: u64 = (1 << 48) - 1;
    mac == 0 || mac == ALL_ONES || mac & !0xFFFF == VMWARE_HOST || MACS.contains(&mac)
}

/// Letters and digits alone, without case.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_however_they_are_spelled() {
        for text in [
            "To be filled by O.E.M.",
            "To Be Filled By O.E.M.",
            " system serial number ",
            "SystemSerialNumb",
            "Default string",
            "Defaultstring",
            "Not Specified",
            "None",
            "N/A",
            "0",
            "00000000",
            "............",
            "-",
            "xxxxxxx",
            "1234567890",
            "0123456789ABCDEF",
            "OEM_Serial",
        ] {
            assert!(is_placeholder_serial(text), "{text}");
        }
    }

    #[test]
    fn serial_numbers_are_not() {
        for text in [
            "5CG01234XY",
            "PF2ABCDE",
            "7XK2P93",
            "VMware-56 4d 1a 2b 3c 4d 5e 6f-70 81 92 a3 b4 c5 d6 e7",
            "2345-6789-0123-4567-8901-2345-67",
            "A-1001",
            "12345",
        ] {
            assert!(!is_placeholder_serial(text), "{text}");
        }
    }

    #[test]
    fn the_tables_are_written_as_they_are_compared() {
        for text in SERIALS.iter().chain(COUNTING) {
            assert_eq!(bare(text), **text);
        }
    }

    #[test]
    fn addresses_that_many_machines_share_are_known() {
        for mac in [0, (1 << 48) - 1, 0x2041_5359_4EFF, 0x0050_56C0_0008] {
            assert!(is_shared_mac(mac), "{mac:012X}");
        }
        assert!(!is_shared_mac(0x001B_4411_3AB7));
        // A virtual machine's own adapter is not the host's.
        assert!(!is_shared_mac(0x0050_5601_0203));
    }
}
