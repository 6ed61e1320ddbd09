//! Ids in the order of creation, and GUIDs derived from the seed and a record's key, which stay the
//! same whatever else is added, edited or reordered. Must not know what the keys mean.

use crate::kit::mix;

/// Ids begin here: lower ones belong to the system's own records.
const FIRST_ID: u64 = 1_000_000;

/// Derives ids for one seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    seed: u64,
}

impl Ids {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The number after the last one of its kind: a vendor's list by id is in the order in which its
    /// records came to be (inferred). Numbers of one kind begin at a place that the seed gives.
    pub(super) fn next(self, kind: &str, last: Option<u64>) -> u64 {
        let first = FIRST_ID + self.hash(kind, "") % FIRST_ID;
        last.map_or(first, |last| first.max(last + 1))
    }

    /// A random-looking GUID.
    pub(super) fn uid(self, kind: &str, key: &str) -> u128 {
        let high = self.hash(kind, key);
        let low = mix(high ^ self.hash(key, kind));
        let value = (u128::from(high) << 64) | u128::from(low);
        // Version 4, variant 1.
        (value & !(0xf << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62)
    }

    /// 32 hexadecimal digits, for credentials.
    pub(super) fn secret(self, kind: &str) -> String {
        format!("{:032X}", self.uid("secret", kind))
    }

    /// A number below `bound`, for values that the world does not give.
    pub(super) fn pick(self, kind: &str, key: &str, bound: u64) -> u64 {
        self.hash(kind, key) % bound.max(1)
    }

    fn hash(self, kind: &str, key: &str) -> u64 {
        // FNV-1a, then a finalizer, since FNV leaves the high bits of short keys alike.
        let mut hash = 0xcbf2_9ce4_8422_2325 ^ mix(self.seed);
        for byte in kind.bytes().chain([0]).chain(key.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        mix(hash)
    }
}

/// `7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c01`.
pub(super) fn guid(uid: u128) -> String {
    let hex = format!("{uid:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// Reads a GUID in its usual form, in either case.
pub(super) fn parse_guid(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let mut value: u128 = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return None;
            }
        } else {
            value = (value << 4) | u128::from(char::from(*byte).to_digit(16)?);
        }
    }
    Some(value)
}

/// Twelve hexadecimal digits without separators, as paths have a MAC address (documented).
pub(super) fn parse_bare_mac(text: &str) -> Option<u64> {
    (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| u64::from_str_radix(text, 16).ok())?
}

/// A MAC address as a tool writes it, separators ignored. `None` when it is no MAC address.
pub(super) fn parse_mac(text: &str) -> Option<u64> {
    let mut digits = 0_u32;
    let mut value = 0_u64;
    for character in text.chars() {
        if matches!(character, ':' | '-' | '.' | ' ') {
            continue;
        }
        value = (value << 4) | u64::from(character.to_digit(16)?);
        digits += 1;
        if digits > 12 {
            return None;
        }
    }
    (digits == 12).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_on_every_machine() {
        let ids = Ids::new(7);
        assert_eq!(ids.next("device", None), 1_685_417);
        assert_eq!(
            guid(ids.uid("device", "ws1")),
            "ca434238-d44d-48b7-9d74-3a8b4a5e91ca"
        );
        assert_ne!(ids.uid("device", "ws1"), ids.uid("site", "ws1"));
        assert_ne!(ids.uid("device", "ws1"), Ids::new(8).uid("device", "ws1"));
    }

    #[test]
    fn ids_ascend_in_the_order_of_creation() {
        let ids = Ids::new(7);
        let first = ids.next("device", None);
        assert!(first >= FIRST_ID);
        assert_eq!(ids.next("device", Some(first)), first + 1);
        // The system's own records have low ids.
        assert_eq!(ids.next("device", Some(3)), first);
    }

    #[test]
    fn guids_read_back() {
        let uid = Ids::new(1).uid("site", "acme");
        let text = guid(uid);
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(matches!(text.as_bytes()[19], b'8'..=b'b'));
        assert_eq!(parse_guid(&text), Some(uid));
        assert_eq!(parse_guid(&text.to_uppercase()), Some(uid));
        for wrong in [
            "",
            "deleted-devices",
            &text[1..],
            &text.replace('-', "0"),
            &"é".repeat(18),
        ] {
            assert_eq!(parse_guid(wrong), None);
        }
    }

    #[test]
    fn mac_addresses_read_in_any_spelling() {
        let expected = Some(0x001b_4411_3ab7);
        for text in [
            "00:1B:44:11:3A:B7",
            "001b.4411.3ab7",
            "00-1b-44-11-3a-b7",
            "001B44113AB7",
        ] {
            assert_eq!(parse_mac(text), expected);
        }
        for wrong in ["", "00:1B:44:11:3A", "00:1B:44:11:3A:B7:00", "unknown"] {
            assert_eq!(parse_mac(wrong), None);
        }
        assert_eq!(parse_bare_mac("001B44113AB7"), expected);
        assert_eq!(parse_bare_mac("00:1B:44:11:3A:B7"), None);
        assert_eq!(parse_bare_mac("+01B44113AB7"), None);
    }
}
