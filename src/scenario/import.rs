//! The step in which a person imports a file into the documentation account.

use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use syncrig_mocks::world::{Kind, Located};

use super::steps::is_false;
use crate::engine;
use crate::model::RecordKind;

/// `import: { kind: configurations, text: …, stands_for: [ws1] }`: the file stands in the script, or
/// beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Kind of the records.
    pub kind: ImportKind,
    /// Kind of the file. Left out: CSV.
    #[serde(default, skip_serializing_if = "is_default")]
    pub format: ImportFormat,
    /// The file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Path of the file, relative to the script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Located<String>>,
    /// Key of the organization into which all rows go. Left out: the organization column says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Located<String>>,
    /// The wizard's mapping, header to field. Other headers are named like fields.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<Located<String>, Located<String>>,
    /// Fields that must have a column, and a value in each row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Located<String>>,
    /// Headers of columns that are not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<Located<String>>,
    /// "Allow partial imports": bad rows are reported and the others kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub partial: bool,
    /// What `text` is encoded to before it is handed over. Left out: UTF-8 without a mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Located<Encoding>>,
    /// How many bytes the file may have. Left out: 300 MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Key of the true entity of each row of data, in order; null for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_for: Option<Located<Vec<Option<Located<String>>>>>,
    /// How many rows must be bad. Left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Located<u64>>,
    /// The code with which the whole file must be refused. Left out: it must be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails: Option<Located<String>>,
    /// What `file` holds; empty until the script's loader has read it.
    #[serde(skip)]
    pub(super) read: Arc<[u8]>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Import {
    /// The bytes of the file; none when `text` has letters that its encoding has not.
    pub fn content(&self) -> Option<Vec<u8>> {
        let Some(text) = &self.text else {
            return Some(self.read.to_vec());
        };
        match self.encoding.as_ref().map(|encoding| encoding.value) {
            None => Some(text.clone().into_bytes()),
            Some(encoding) => encoding.encode(text),
        }
    }

    /// The true entity of a row of data, from 0.
    pub fn entity(&self, row: usize) -> Option<&str> {
        let entities = self.stands_for.as_ref()?;
        entities.value.get(row)?.as_ref().map(Located::as_str)
    }
}

/// Kind of the records of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// Clients.
    Organizations,
    /// Addresses.
    Locations,
    /// People.
    Contacts,
    /// Devices.
    Configurations,
}

impl ImportKind {
    /// The kind in the account.
    pub const fn record_kind(self) -> RecordKind {
        match self {
            Self::Organizations => RecordKind::Organization,
            Self::Locations => RecordKind::Location,
            Self::Contacts => RecordKind::Contact,
            Self::Configurations => RecordKind::Configuration,
        }
    }

    /// The kind of the entities.
    pub const fn entity_kind(self) -> Kind {
        match self {
            Self::Organizations => Kind::Organization,
            Self::Locations => Kind::Location,
            Self::Contacts => Kind::Contact,
            Self::Configurations => Kind::Device,
        }
    }
}

/// Kind of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFormat {
    /// CSV with columns that are mapped.
    #[default]
    Csv,
    /// Network Detective's list of computers.
    NetworkDetective,
}

impl From<ImportFormat> for engine::ImportFormat {
    fn from(format: ImportFormat) -> Self {
        match format {
            ImportFormat::Csv => Self::Csv,
            ImportFormat::NetworkDetective => Self::NetworkDetective,
        }
    }
}

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8 without a mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 with its mark in front.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// UTF-16, low byte first, with its mark in front.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// ISO 8859-1: one byte a letter.
    #[serde(rename = "latin-1")]
    Latin1,
}

impl Encoding {
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Utf8Bom => Some([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            Self::Utf16Le => {
                let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
                Some(units.flat_map(u16::to_le_bytes).collect())
            }
            Self::Latin1 => text
                .chars()
                .map(|letter| u8::try_from(u32::from(letter)).ok())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_bytes() {
        let encode = |encoding: Encoding| encoding.encode("aé").unwrap();
        assert_eq!(encode(Encoding::Utf8), [0x61, 0xC3, 0xA9]);
        assert_eq!(
            encode(Encoding::Utf8Bom),
            [0xEF, 0xBB, 0xBF, 0x61, 0xC3, 0xA9]
        );
        assert_eq!(encode(Encoding::Utf16Le), [0xFF, 0xFE, 0x61, 0, 0xE9, 0]);
        assert_eq!(encode(Encoding::Latin1), [0x61, 0xE9]);
        assert_eq!(Encoding::Latin1.encode("€"), None);
    }
}
