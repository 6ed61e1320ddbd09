//! Normal forms: when two texts count as the same. Everything else in matching is string equality.

use std::fmt::{self, Write as _};

/// A MAC address as the RMM matcher compares it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MacKey {
    /// Six pairs of hex digits joined by one kind of separator, as a number: the separator and the
    /// case do not count (separator: documented; case: open, folded).
    Pairs(u64),
    /// Any other form, case folded: equal only to itself (inferred).
    Text(String),
}

impl fmt::Display for MacKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pairs(value) => {
                for (at, pair) in value.to_be_bytes()[2..].iter().enumerate() {
                    if at > 0 {
                        formatter.write_char(':')?;
                    }
                    for digit in [pair >> 4, pair & 15] {
                        formatter.write_char(char::from(b"0123456789ABCDEF"[digit as usize]))?;
                    }
                }
                Ok(())
            }
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

/// The MAC as it is compared; `None` when there is nothing to compare.
pub fn mac_key(text: &str) -> Option<MacKey> {
    let text = present(Some(text))?;
    Some(pairs(text).map_or_else(|| MacKey::Text(text.to_ascii_lowercase()), MacKey::Pairs))
}

/// The MAC by its letters and digits alone, whatever stands between them (documented for the vendor's
/// matcher of network devices, not for this one).
pub(super) fn mac_key_alnum(text: &str) -> Option<MacKey> {
    let digits: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    if digits.is_empty() {
        return None;
    }
    if digits.len() == 12
        && let Ok(value) = u64::from_str_radix(&digits, 16)
    {
        return Some(MacKey::Pairs(value));
    }
    Some(MacKey::Text(digits))
}

/// A value that can be compared: an empty or blank one never satisfies an equality (inferred).
pub fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// A PSA's MAC field when it holds one MAC. A text longer than 17 characters or not shaped like one
/// MAC address is not synced (documented for ConnectWise, which joins several MACs in one field).
pub fn single_mac(text: &str) -> Option<&str> {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let others = text.bytes().filter(|byte| !byte.is_ascii_hexdigit());
    let separators_only = others
        .clone()
        .all(|byte| matches!(byte, b':' | b'-' | b'.'));
    (text.len() <= 17 && digits == 12 && separators_only).then_some(text)
}

fn pairs(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.len() != 17 {
        return None;
    }
    let separator = bytes[2];
    if separator.is_ascii_alphanumeric() || !separator.is_ascii_graphic() {
        return None;
    }
    let mut value = 0_u64;
    for (position, byte) in bytes.iter().enumerate() {
        if position % 3 == 2 {
            if *byte != separator {
                return None;
            }
        } else {
            value = value << 4 | u64::from(char::from(*byte).to_digit(16)?);
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, prop_assert_ne, proptest};

    use super::*;

    /// The same rule, written the long way.
    fn naive_equal(left: &str, right: &str) -> bool {
        let shaped = |text: &str| {
            ['-', ':', '.', '_', '/'].into_iter().any(|separator| {
                let parts: Vec<&str> = text.split(separator).collect();
                parts.len() == 6
                    && parts.iter().all(|part| {
                        part.len() == 2 && part.chars().all(|digit| digit.is_ascii_hexdigit())
                    })
            })
        };
        let digits = |text: &str| -> String {
            text.to_lowercase()
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect()
        };
        if left.trim().is_empty() || right.trim().is_empty() {
            return false;
        }
        if shaped(left) && shaped(right) {
            return digits(left) == digits(right);
        }
        left.to_lowercase() == right.to_lowercase()
    }

    fn write(mac: u64, separator: &str, upper: bool) -> String {
        let pairs: Vec<String> = (0..6)
            .rev()
            .map(|at| {
                let byte = mac >> (8 * at) & 0xff;
                if upper {
                    format!("{byte:02X}")
                } else {
                    format!("{byte:02x}")
                }
            })
            .collect();
        pairs.join(separator)
    }

    proptest! {
        #[test]
        fn mac_forms_agree_with_the_naive_rule(
            left in any::<u64>(), right in any::<u64>(), same in any::<bool>(),
            separators in ("[-:. ]?", "[-:._/]?"), upper in any::<(bool, bool)>(),
        ) {
            let right = if same { left } else { right };
            let left = write(left, &separators.0, upper.0);
            let right = write(right, &separators.1, upper.1);
            let equal = mac_key(&left) == mac_key(&right);
            // A blank is no separator in either form.
            prop_assert_eq!(equal, naive_equal(&left, &right), "{} {}", left, right);
        }

        #[test]
        fn a_mac_key_never_panics_and_folds_case(text in ".{0,24}") {
            prop_assert_eq!(mac_key(&text), mac_key(&text.to_ascii_uppercase()));
        }

        #[test]
        fn pairs_differ_when_a_digit_differs(mac in 0_u64..1 << 48, bit in 0_u32..48) {
            let other = mac ^ 1 << bit;
            prop_assert_ne!(mac_key(&write(mac, ":", true)), mac_key(&write(other, "-", false)));
        }

        #[test]
        fn letters_and_digits_alone_are_compared_where_the_form_does_not_count(
            left in any::<u64>(), right in any::<u64>(), same in any::<bool>(),
            separators in ("[-:. ]?", "[-:._/]?"), upper in any::<(bool, bool)>(),
        ) {
            let right = if same { left } else { right };
            let left = write(left, &separators.0, upper.0);
            let right = write(right, &separators.1, upper.1);
            let digits = |text: &str| -> String {
                text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
            };
            prop_assert_eq!(
                mac_key_alnum(&left) == mac_key_alnum(&right),
                digits(&left) == digits(&right)
            );
            // What is equal in form is equal without it.
            if mac_key(&left) == mac_key(&right) {
                prop_assert_eq!(mac_key_alnum(&left), mac_key_alnum(&right));
            }
        }

        #[test]
        fn serials_and_names_are_compared_as_they_are(text in ".{0,12}") {
            let expected = (!text.trim().is_empty()).then_some(text.as_str());
            prop_assert_eq!(present(Some(&text)), expected);
        }
    }

    #[test]
    fn only_one_mac_is_synced_from_a_psa() {
        assert_eq!(single_mac("00:1B:44:11:3A:B7"), Some("00:1B:44:11:3A:B7"));
        assert_eq!(single_mac("001B44113AB7"), Some("001B44113AB7"));
        assert_eq!(single_mac("001b.4411.3ab7"), Some("001b.4411.3ab7"));
        assert_eq!(single_mac("00:1B:44:11:3A:B7, 00:1B:44:11:3A:B8"), None);
        assert_eq!(single_mac("n/a"), None);
        assert_eq!(single_mac(""), None);
    }

    #[test]
    fn two_separators_are_no_pairs() {
        assert_ne!(mac_key("00:1B:44-11:3A:B7"), mac_key("00:1B:44:11:3A:B7"));
        assert_eq!(mac_key("   "), None);
    }
}
