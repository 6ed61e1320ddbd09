//! The YAML reader's errors in our words: what is wrong, and the nearest name that would be right.

use std::sync::Arc;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};

use super::codes;
use super::diagnostics::{Diagnostic, Place, Source};
use super::located::HELP;
use super::nearest;

/// A name that is probably a typing mistake.
pub(super) struct Misspelt {
    /// What is written.
    pub(super) written: String,
    /// What is meant.
    pub(super) meant: &'static str,
}

/// One error of the YAML reader as a diagnostic; with the name to put right when it has one.
pub(super) fn yaml_error(error: &Error, source: &Arc<Source>) -> (Diagnostic, Option<Misspelt>) {
    let location = error.location();
    let (error, location) = match error.without_snippet() {
        // The fault is where the anchor is, not where it is used.
        Error::AliasError { error, .. } => (&**error, error.location().or(location)),
        other => (other, location),
    };
    let mut misspelt = None;
    let mut name = None;
    let diagnostic = match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => {
            misspelt = near(field, expected);
            name = Some(field);
            unknown(
                codes::UNKNOWN_FIELD,
                source,
                "there is no field",
                field,
                expected,
            )
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => {
            misspelt = near(variant, expected);
            name = Some(variant);
            // The one list that holds this name is the list of steps.
            if expected.contains(&"clear_faults") && variant == "~" {
                Diagnostic::error(codes::INVALID_VALUE, source, "a step is missing here")
                    .hint("write the step behind `- `, or take the line out".to_owned())
            } else if expected.contains(&"clear_faults") {
                unknown(
                    codes::UNKNOWN_STEP,
                    source,
                    "there is no step",
                    variant,
                    expected,
                )
            } else {
                Diagnostic::error(
                    codes::UNKNOWN_VALUE,
                    source,
                    format!("`{variant}` is not allowed here"),
                )
                .hint(nearest::hint(variant, expected.iter().copied()))
            }
        }
        Error::SerdeMissingField { field, .. } => Diagnostic::error(
            codes::MISSING_FIELD,
            source,
            format!("the field `{field}` is missing"),
        )
        .label("it belongs beside this"),
        Error::Message { msg, .. } => message(msg, location, source),
        other => plain(other, source),
    };
    let mut diagnostic = diagnostic.at(location);
    if let (Some(name), Some(place)) = (name, &mut diagnostic.place) {
        narrow(place, name, &source.text);
    }
    (diagnostic, misspelt)
}

/// Short forms are read by hand, and a wrong name in one is reported at the key before it. The name
/// itself is what should be marked.
fn narrow(place: &mut Place, name: &str, text: &str) {
    let rest = &text[place.span.start..];
    if rest.starts_with(name) {
        return;
    }
    let line = rest.lines().next().unwrap_or_default();
    let found = line.match_indices(name).find(|(at, _)| {
        let before = line[..*at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        let apart = |letter: Option<char>| letter.is_none_or(|it| !it.is_alphanumeric());
        apart(before) && apart(after)
    });
    if let Some((at, _)) = found {
        let start = place.span.start + at;
        *place = Place::new(text, start..start + name.len());
    }
}

fn near(name: &str, expected: &[&'static str]) -> Option<Misspelt> {
    nearest::nearest_static(name, expected).map(|meant| Misspelt {
        written: name.to_owned(),
        meant,
    })
}

fn unknown(
    code: &'static str,
    source: &Arc<Source>,
    what: &str,
    name: &str,
    expected: &[&'static str],
) -> Diagnostic {
    Diagnostic::error(code, source, format!("{what} `{name}`"))
        .label("no such name here")
        .hint(nearest::hint(name, expected.iter().copied()))
}

/// Messages of our own readers, and those of the YAML scanner, which have no byte range.
fn message(
    text: &str,
    location: Option<serde_saphyr::Location>,
    source: &Arc<Source>,
) -> Diagnostic {
    if let Some((wrong, help)) = text.split_once(HELP) {
        return Diagnostic::error(codes::INVALID_VALUE, source, wrong).hint(help.to_owned());
    }
    let of_a_value = location.is_some_and(|place| place.span().byte_offset().is_some());
    if of_a_value {
        Diagnostic::error(codes::INVALID_VALUE, source, text)
    } else {
        Diagnostic::error(codes::SYNTAX, source, format!("this is not YAML: {text}"))
    }
}

/// Errors without a name to look for.
fn plain(error: &Error, source: &Arc<Source>) -> Diagnostic {
    let value = |text: String| Diagnostic::error(codes::INVALID_VALUE, source, text);
    let syntax = |text: String| Diagnostic::error(codes::SYNTAX, source, text);
    match error {
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("the key");
            syntax(format!("`{key}` stands in this map twice"))
                .hint("keep one of the two".to_owned())
        }
        Error::Eof { .. } if source.text.trim().is_empty() => {
            syntax("the file is empty".to_owned())
                .hint("a scenario has a `title`, a `method`, a `tenant` and `steps`".to_owned())
        }
        Error::Eof { .. } => syntax("the text ends too early".to_owned()),
        Error::ExternalMessage { msg, .. } => {
            syntax(format!("this is not YAML: {msg}")).hint(mend(msg).to_owned())
        }
        Error::MultipleDocuments { .. }
        | Error::Budget {
            breach: BudgetBreach::Documents { .. },
            ..
        } => syntax("a file holds one scenario".to_owned())
            .hint("put what follows `---` into a file of its own".to_owned()),
        Error::Budget { breach, .. } => syntax(format!("the script is too large ({breach:?})"))
            .hint("put the tenant into a file of its own: `tenant: { file: … }`".to_owned()),
        Error::ExpectedMappingEndAfterEnumVariantValue { .. } => {
            value("only one key may stand here".to_owned())
                .hint("begin a new step with `- `".to_owned())
        }
        Error::ExpectedStringKeyForExternallyTaggedEnum { .. }
        | Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. } => {
            value("a map with one key is needed here".to_owned())
        }
        Error::UnexpectedValueForUnitEnumVariant { .. } => {
            value("this name takes no value".to_owned())
        }
        Error::NullIntoString { .. } => value("a text is missing here".to_owned())
            .hint("write the text, or `\"\"` for an empty one".to_owned()),
        Error::Unexpected { expected, .. } => {
            let kind = kind(expected);
            let hint = match kind {
                "a list" => Some("write `[one, two]`, or a line beginning with `- ` for each"),
                "a map" => Some("write `name: value`, with a blank behind the colon"),
                _ => None,
            };
            value(format!("expected {kind}")).hint(hint.map(str::to_owned))
        }
        Error::InvalidScalar { ty, .. } => value(format!("this is not {}", kind(ty))),
        Error::SerdeInvalidType {
            unexpected,
            expected,
            ..
        }
        | Error::SerdeInvalidValue {
            unexpected,
            expected,
            ..
        } => value(format!("expected {}, found {unexpected}", kind(expected))),
        Error::SerdeInvalidLength { len, expected, .. } => {
            value(format!("expected {}, found {len}", kind(expected)))
        }
        other => syntax(UserMessageFormatter.format_message(other).into_owned()),
    }
}

/// What to look for, by the scanner's own words.
fn mend(scanner: &str) -> &'static str {
    if scanner.contains("tabs") {
        "indent with blanks"
    } else if scanner.contains("mapping values are not allowed") {
        "a text that holds `: ` needs quotes, or the line is indented too far"
    } else {
        "look for a bracket, brace or quote that is not closed, or a wrong indent"
    }
}

/// Names of Rust types in words of the file.
fn kind(rust: &str) -> &str {
    match rust {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 upwards",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "bool" | "boolean" => "`true` or `false`",
        "string scalar" | "scalar" => "a text",
        "sequence start" | "sequence" => "a list",
        "mapping start" | "mapping" => "a map",
        "mapping end" => "the end of the map",
        other => other,
    }
}
