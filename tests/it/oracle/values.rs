//! How values are compared [3.5, design table].

/// Six pairs of hexadecimal digits with one kind of separator: the form that a MAC address has.
fn pairs(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() != 17 {
        return None;
    }
    let separator = bytes[2];
    let mut digits = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if at % 3 == 2 {
            if *byte != separator || separator.is_ascii_alphanumeric() {
                return None;
            }
        } else {
            if !byte.is_ascii_hexdigit() {
                return None;
            }
            digits.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    Some(digits)
}

/// Six pairs are equal whatever the separator and case; other forms only to themselves, case folded.
/// Neither is empty.
pub(super) fn same_mac(left: &str, right: &str) -> bool {
    match (pairs(left), pairs(right)) {
        (Some(left), Some(right)) => left == right,
        (None, None) => left.to_lowercase() == right.to_lowercase(),
        _ => false,
    }
}

/// What a PSA's MAC field may hold to be synced: not longer than 17 characters, and shaped like a
/// single MAC address [3.5].
pub(super) fn is_one_mac(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    text.len() <= 17 && digits.len() == 12 && digits.iter().all(char::is_ascii_hexdigit)
}

/// A name without case, punctuation and legal form.
pub(super) fn bare_name(name: &str) -> String {
    const FORMS: [&str; 8] = ["inc", "llc", "llp", "ltd", "limited", "corp", "gmbh", "co"];
    let lower = name.to_lowercase();
    let words = lower.split(|it: char| !it.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let kept: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !FORMS.contains(word))
        .collect();
    kept.join(" ")
}

/// How much a company's name resembles an organization's, from 0 to 1. O2: at least 0.92 is worth a
/// suggestion.
pub(super) fn resemblance(left: &str, right: &str) -> f64 {
    let (left, right) = (bare_name(left), bare_name(right));
    if left == right {
        1.0
    } else {
        strsim::jaro_winkler(&left, &right)
    }
}
