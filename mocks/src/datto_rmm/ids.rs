//! Ids in the order of creation, and GUIDs derived from the seed and a record's key, which stay the
//! same whatever else is added, edited or reordered. Must not know what the keys mean.

use crate::kit::{draw, draw_guid};
pub(super) use crate::kit::{guid, parse_guid};

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
        let first = FIRST_ID + draw(self.seed, kind, "") % FIRST_ID;
        last.map_or(first, |last| first.max(last + 1))
    }

    /// A random-looking GUID.
    pub(super) fn uid(self, kind: &str, key: &str) -> u128 {
        draw_guid(self.seed, kind, key)
    }

    /// 32 hexadecimal digits, for credentials.
    pub(super) fn secret(self, kind: &str) -> String {
        format!("{:032X}", self.uid("secret", kind))
    }

    /// A number below `bound`, for values that the world does not give.
    pub(super) fn pick(self, kind: &str, key: &str, bound: u64) -> u64 {
        draw(self.seed, kind, key) % bound.max(1)
    }
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
