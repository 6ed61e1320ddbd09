//! Reading values whose type nobody can rely on: the same number is a number in one list and text in
//! another, and inventories hold text alone. Functions for `deserialize_with`; they know no field.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use jiff::civil::Date;
use serde::de::{Deserializer, Error, Visitor};

use crate::connectors::values::date;

/// An id: a number, or one as text.
pub(super) fn id<'de, D: Deserializer<'de>>(source: D) -> Result<i64, D::Error> {
    number(source)?.ok_or_else(|| D::Error::custom("there is no number"))
}

/// An id that may be missing.
pub(super) fn maybe_id<'de, D: Deserializer<'de>>(source: D) -> Result<Option<i64>, D::Error> {
    number(source)
}

/// A count: a number, or one as text; none where that is empty.
pub(super) fn count<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    number(source)
}

/// A truth value, or one as text.
pub(super) fn flag<'de, D: Deserializer<'de>>(source: D) -> Result<bool, D::Error> {
    let text = source.deserialize_any(Loose::<String>(PhantomData))?;
    match text.as_deref() {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) => Err(D::Error::custom(format!(
            "`{text}` is neither true nor false"
        ))),
    }
}

/// A text, or what stands in its place; none where it is empty.
pub(super) fn words<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    source.deserialize_any(Loose(PhantomData))
}

/// A date that is there, if only as none.
pub(super) fn told<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Option<Date>>, D::Error> {
    date(source).map(Some)
}

fn number<'de, D: Deserializer<'de>, N: FromStr>(source: D) -> Result<Option<N>, D::Error> {
    let text = source.deserialize_any(Loose::<String>(PhantomData))?;
    let text = text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    text.map(|text| {
        let number = text.parse();
        number.map_err(|_| D::Error::custom(format!("`{text}` is no number that can be")))
    })
    .transpose()
}

/// Whatever is no list and no object, as text.
struct Loose<T>(PhantomData<T>);

impl Visitor<'_> for Loose<String> {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a number or a truth value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }
}
