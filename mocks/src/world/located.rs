//! A value with the place in the YAML text where it stands, so that a check that runs later can
//! point at it. Two values are equal when they say the same, wherever they stand.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::Spanned;

/// A value and its place in the text it was read from. Made in code, it has no place.
#[derive(Clone, Copy)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    place: serde_saphyr::Location,
}

impl<T> Located<T> {
    /// Where the value stands; none when it was made in code.
    pub fn location(&self) -> Option<serde_saphyr::Location> {
        (self.place != serde_saphyr::Location::UNKNOWN).then_some(self.place)
    }
}

impl Located<String> {
    /// The value as text.
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

impl<T> From<T> for Located<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            place: serde_saphyr::Location::UNKNOWN,
        }
    }
}

impl From<&str> for Located<String> {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}

impl<T: Default> Default for Located<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Located<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<T: fmt::Display> fmt::Display for Located<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}

impl<T: Hash> Hash for Located<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

// Equality and hash are those of the text, so a map keyed by located text is asked with plain text.
impl Borrow<str> for Located<String> {
    fn borrow(&self) -> &str {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(Self {
            value: spanned.value,
            place: spanned.referenced,
        })
    }
}

impl<T: Serialize> Serialize for Located<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;

    #[test]
    fn the_place_is_kept_and_does_not_count_in_comparisons() {
        let read: IndexMap<Located<String>, Located<u8>> =
            serde_saphyr::from_str("one: 1\ntwo: 2\n").unwrap();
        let (key, value) = read.get_key_value("two").unwrap();
        let place = key.location().unwrap();
        assert_eq!((place.line(), place.column()), (2, 1));
        assert_eq!(value.location().unwrap().column(), 6);
        assert_eq!(*key, Located::from("two"));
        assert_eq!(Located::from(2_u8).location(), None);
    }
}
