//! The fields that a column can be mapped to, by kind of record. They have the account's own names;
//! what the account works out itself (references, adapters, the RMM's location) is not among them.

use jiff::civil::Date;

use crate::model::RecordKind;

/// The column that names the organization in a multi-organization import.
pub(super) const ORGANIZATION: &str = "organization";

const OF_ORGANIZATION: &[&str] = &[
    "name",
    "short_name",
    "organization_type",
    "status",
    "quick_notes",
];
const OF_LOCATION: &[&str] = &[
    ORGANIZATION,
    "name",
    "address_1",
    "address_2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "fax",
    "is_primary",
];
const OF_CONTACT: &[&str] = &[
    ORGANIZATION,
    "first_name",
    "last_name",
    "title",
    "contact_type",
    "emails",
    "phones",
];
const OF_CONFIGURATION: &[&str] = &[
    ORGANIZATION,
    "name",
    "hostname",
    "configuration_type",
    "status",
    "asset_tag",
    "serial",
    "primary_mac",
    "primary_ip",
    "default_gateway",
    "manufacturer",
    "model",
    "operating_system",
    "purchased_on",
    "installed_on",
    "installed_by",
    "warranty_expires_on",
    "notes",
];

/// Names of the fields that a column can be mapped to, the organization column first.
pub const fn import_fields(kind: RecordKind) -> &'static [&'static str] {
    match kind {
        RecordKind::Organization => OF_ORGANIZATION,
        RecordKind::Location => OF_LOCATION,
        RecordKind::Contact => OF_CONTACT,
        RecordKind::Configuration => OF_CONFIGURATION,
    }
}

/// The field without which there is no record.
pub(super) const fn naming_field(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Contact => "first_name",
        RecordKind::Organization | RecordKind::Location | RecordKind::Configuration => "name",
    }
}

/// A value of a field as the account keeps it, or what is wrong with it and how to mend it.
pub(super) fn accept<'a>(field: &str, text: &'a str) -> Result<&'a str, (String, &'static str)> {
    if is_date(field) {
        return date(text);
    }
    match field {
        "is_primary" => flag(text),
        _ => Ok(text),
    }
}

/// Whether a field holds a date.
pub(super) fn is_date(field: &str) -> bool {
    matches!(
        field,
        "purchased_on" | "installed_on" | "warranty_expires_on"
    )
}

/// `yyyy-mm-dd` and nothing else (documented), and a day that exists.
fn date(text: &str) -> Result<&str, (String, &'static str)> {
    const HINT: &str = "write dates as yyyy-mm-dd: 2026-03-31";
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return Err((format!("`{}` is not a date", shown(text)), HINT));
    }
    match text.parse::<Date>() {
        Ok(_) => Ok(text),
        Err(_) => Err((format!("there is no day {text}"), HINT)),
    }
}

fn flag(text: &str) -> Result<&str, (String, &'static str)> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["true", "yes"]) {
        Ok("true")
    } else if is(&["false", "no"]) {
        Ok("false")
    } else {
        let wrong = format!("`{}` is neither yes nor no", shown(text));
        Err((wrong, "write yes or no, true or false"))
    }
}

/// The beginning of a value, for messages.
pub(super) fn shown(text: &str) -> String {
    const LETTERS_MAX: usize = 40;
    let mut letters = text.chars();
    let mut start: String = letters.by_ref().take(LETTERS_MAX).collect();
    if letters.next().is_some() {
        start.push('…');
    }
    start
}
