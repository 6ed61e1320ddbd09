//! Kinds of field, and where a path such as `company/id` leads.

use super::{Resource, Schema};

/// A field of a record.
#[derive(Debug)]
pub(crate) struct Field {
    /// Name, as sent.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Whether a write without it is refused.
    pub required: bool,
}

/// The kind of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The record's id.
    Id,
    /// Text of at most so many characters; 0 is without limit.
    Text(usize),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A boolean, and what it is when it was not sent.
    Flag(Option<bool>),
    /// A date and time.
    Moment,
    /// A UUID that the server gives.
    Guid,
    /// A reference to a record that is held here.
    Reference(Resource),
    /// A reference to something that is not simulated; kept as it was sent.
    Loose,
    /// An array of references.
    References(Resource),
    /// A contact's e-mail addresses and telephone numbers.
    Communications,
    /// Custom fields.
    CustomFields,
    /// Answers to the questions of a configuration's type.
    Questions,
    /// An array or value that is kept as it was sent.
    Any,
    /// `_info`.
    Info,
}

impl Kind {
    /// Whether the server always sends it, as an empty array if need be.
    pub(crate) const fn is_array(self) -> bool {
        matches!(
            self,
            Self::References(_) | Self::Communications | Self::CustomFields | Self::Questions
        )
    }

    /// Whether only the server sets it.
    pub(crate) const fn read_only(self) -> bool {
        matches!(self, Self::Id | Self::Guid | Self::Info)
    }
}

/// What can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Text,
    Number,
    Flag,
    Moment,
    /// Text, number or boolean, as the record has it.
    Any,
    /// An object or array, which can only be asked whether it is null.
    Whole,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The steps, spelled as in the record.
    pub path: Vec<&'static str>,
    /// What stands there.
    pub kind: ValueKind,
}

/// Where a path leads that goes into an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// The array.
    pub array: &'static str,
    /// The place in its elements.
    pub located: Located,
}

const IDENTITY: &[(&str, ValueKind)] = &[
    ("id", ValueKind::Number),
    ("name", ValueKind::Text),
    ("identifier", ValueKind::Text),
];

const INFO: &[(&str, ValueKind)] = &[
    ("lastUpdated", ValueKind::Moment),
    ("updatedBy", ValueKind::Text),
    ("dateEntered", ValueKind::Moment),
    ("enteredBy", ValueKind::Text),
];

const COMMUNICATION: &[(&str, ValueKind)] = &[
    ("id", ValueKind::Number),
    ("value", ValueKind::Text),
    ("extension", ValueKind::Text),
    ("defaultFlag", ValueKind::Flag),
    ("domain", ValueKind::Text),
    ("communicationType", ValueKind::Text),
];

const CUSTOM_FIELD: &[(&str, ValueKind)] = &[
    ("id", ValueKind::Number),
    ("caption", ValueKind::Text),
    ("type", ValueKind::Text),
    ("entryMethod", ValueKind::Text),
    ("numberOfDecimals", ValueKind::Number),
    ("value", ValueKind::Any),
];

const QUESTION: &[(&str, ValueKind)] = &[
    ("answerId", ValueKind::Number),
    ("questionId", ValueKind::Number),
    ("question", ValueKind::Text),
    ("answer", ValueKind::Any),
    ("sequenceNumber", ValueKind::Number),
    ("fieldType", ValueKind::Text),
    ("requiredFlag", ValueKind::Flag),
];

fn pick(
    list: &'static [(&'static str, ValueKind)],
    name: &str,
) -> Option<(&'static str, ValueKind)> {
    list.iter()
        .copied()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
}

impl Schema {
    /// Where a path of `conditions`, `orderBy` or `fields` leads, names in any case. `lastUpdated`
    /// stands for `_info/lastUpdated` (documented), its neighbours likewise (inferred).
    pub(crate) fn locate(&self, path: &[String]) -> Option<Located> {
        let (first, rest) = path.split_first()?;
        let Some(field) = self.field_any_case(first) else {
            let (name, kind) = pick(INFO, first).filter(|_| rest.is_empty())?;
            let path = vec!["_info", name];
            return Some(Located { path, kind });
        };
        let inner = match field.kind {
            Kind::Reference(_) | Kind::Loose => IDENTITY,
            Kind::Info => INFO,
            _ => &[],
        };
        match rest {
            [] => Some(Located {
                path: vec![field.name],
                kind: field.kind.whole(),
            }),
            [name] => {
                let (name, kind) = pick(inner, name)?;
                let path = vec![field.name, name];
                Some(Located { path, kind })
            }
            _ => None,
        }
    }

    /// Where a path of `childConditions` leads.
    pub(crate) fn locate_element(&self, path: &[String]) -> Option<Element> {
        let (first, rest) = path.split_first()?;
        let field = self.field_any_case(first)?;
        let located = match (field.kind, rest) {
            (Kind::Communications, [step, name]) if step.eq_ignore_ascii_case("type") => {
                let (name, kind) = pick(IDENTITY, name)?;
                let path = vec!["type", name];
                Located { path, kind }
            }
            (kind, [name]) => {
                let (name, kind) = pick(kind.element(), name)?;
                let path = vec![name];
                Located { path, kind }
            }
            _ => return None,
        };
        Some(Element {
            array: field.name,
            located,
        })
    }

    /// Where a name of `customFieldConditions` leads.
    pub(crate) fn locate_custom(&self, path: &[String]) -> Option<Element> {
        self.field("customFields")?;
        match path {
            [name] => {
                let (name, kind) = pick(CUSTOM_FIELD, name)?;
                let path = vec![name];
                Some(Element {
                    array: "customFields",
                    located: Located { path, kind },
                })
            }
            _ => None,
        }
    }
}

impl Kind {
    const fn whole(self) -> ValueKind {
        match self {
            Self::Id | Self::Integer | Self::Number => ValueKind::Number,
            Self::Text(_) | Self::Guid => ValueKind::Text,
            Self::Flag(_) => ValueKind::Flag,
            Self::Moment => ValueKind::Moment,
            Self::Any => ValueKind::Any,
            _ => ValueKind::Whole,
        }
    }

    const fn element(self) -> &'static [(&'static str, ValueKind)] {
        match self {
            Self::References(_) => IDENTITY,
            Self::Communications => COMMUNICATION,
            Self::CustomFields => CUSTOM_FIELD,
            Self::Questions => QUESTION,
            _ => &[],
        }
    }
}

/// A field that may be left out.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
    }
}

/// A field that may not be left out.
pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: true,
    }
}

pub(super) const ID: Field = field("id", Kind::Id);
pub(super) const INFO_FIELD: Field = field("_info", Kind::Info);
pub(super) const CUSTOM_FIELDS: Field = field("customFields", Kind::CustomFields);
pub(super) const MOBILE_GUID: Field = field("mobileGuid", Kind::Guid);

/// Text of at most so many characters.
pub(super) const fn text(name: &'static str, length_max: usize) -> Field {
    field(name, Kind::Text(length_max))
}

/// A boolean that is sent even when nobody set it.
pub(super) const fn flag(name: &'static str, otherwise: bool) -> Field {
    field(name, Kind::Flag(Some(otherwise)))
}
