//! GUIDs drawn from a seed and a record's key, which stay the same whatever else is added, edited or
//! reordered, and their text. It must not know what the keys mean.

use super::mix;

/// A random-looking GUID of a record, by the kind of record and its key.
pub fn draw_guid(seed: u64, kind: &str, key: &str) -> u128 {
    let high = draw(seed, kind, key);
    let low = mix(high ^ draw(seed, key, kind));
    let value = (u128::from(high) << 64) | u128::from(low);
    // Version 4, variant 1.
    (value & !(0xf << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62)
}

/// A number that looks drawn, by the kind of record and its key.
pub fn draw(seed: u64, kind: &str, key: &str) -> u64 {
    // FNV-1a, then a finalizer, since FNV leaves the high bits of short keys alike.
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ mix(seed);
    for byte in kind.bytes().chain([0]).chain(key.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mix(hash)
}

/// `7c2f2c0a-1111-4b8e-9a55-0d8a2f4b1c01`.
pub fn guid(number: u128) -> String {
    let hex = format!("{number:032x}");
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
pub fn parse_guid(text: &str) -> Option<u128> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_the_same_on_every_machine_and_read_back() {
        let number = draw_guid(7, "device", "ws1");
        let text = guid(number);
        assert_eq!(text, "ca434238-d44d-48b7-9d74-3a8b4a5e91ca");
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(matches!(text.as_bytes()[19], b'8'..=b'b'));
        assert_eq!(parse_guid(&text), Some(number));
        assert_eq!(parse_guid(&text.to_uppercase()), Some(number));
        for other in [
            draw_guid(7, "site", "ws1"),
            draw_guid(7, "device", "ws2"),
            draw_guid(8, "device", "ws1"),
        ] {
            assert_ne!(number, other);
        }
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
}
