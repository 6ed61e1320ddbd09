//! Reading single values the way vendors really write them: dates as text or as numbers, "no value"
//! in several spellings. Functions for `deserialize_with`; they know no vendor.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Epoch numbers from here on count milliseconds, below it seconds: as seconds it is the year 5138,
/// as milliseconds the year 1973.
const FIRST_MS: i64 = 100_000_000_000;

/// A text; the empty one is how some vendors write "none" and becomes `None`. Spaces are kept.
pub(crate) fn text<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(source)?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// A moment: epoch milliseconds, epoch seconds, either as text, or ISO 8601 (without an offset: UTC).
/// Null, an empty text and the year 1, which stands for "never", become `None`.
pub(crate) fn moment<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Timestamp>, D::Error> {
    source.deserialize_any(MomentVisitor)
}

/// A calendar date: ISO 8601 date or date and time, whose date is taken as it is written; or a
/// moment as a number, whose date in UTC is taken. Null, an empty text and the year 1 become `None`.
pub(crate) fn date<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Date>, D::Error> {
    source.deserialize_any(DateVisitor)
}

struct MomentVisitor;

impl<'de> Visitor<'de> for MomentVisitor {
    type Value = Option<Timestamp>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("epoch milliseconds or an ISO 8601 time")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        epoch(number).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        self.visit_i64(whole(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if let Ok(number) = text.parse() {
            return epoch(number).map_err(E::custom);
        }
        let moment = match text.parse::<Timestamp>() {
            Ok(moment) => moment,
            Err(_) => civil(text)
                .and_then(|time| time.to_zoned(TimeZone::UTC).ok())
                .map(|time| time.timestamp())
                .ok_or_else(|| E::custom(format!("`{text}` is no time")))?,
        };
        Ok(unless_year_one(moment))
    }
}

struct DateVisitor;

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Option<Date>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an ISO 8601 date")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        let moment = epoch(number).map_err(E::custom)?;
        Ok(moment.map(|moment| TimeZone::UTC.to_datetime(moment).date()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        self.visit_i64(whole(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let time = civil(text).ok_or_else(|| E::custom(format!("`{text}` is no date")))?;
        Ok(Some(time.date()).filter(|date| date.year() > 1))
    }
}

/// Seconds with a fraction as milliseconds; a number without one as it is. The casts saturate; what is
/// out of range is refused as such.
fn whole(number: f64) -> i64 {
    if number.fract() != 0.0 && number.abs() < FIRST_MS as f64 {
        let ms = (number * 1e3).round() as i64;
        // In the first months of 1970 they would be taken for seconds.
        if ms.unsigned_abs() >= FIRST_MS.unsigned_abs() {
            return ms;
        }
    }
    number as i64
}

fn epoch(number: i64) -> Result<Option<Timestamp>, String> {
    let moment = if number.unsigned_abs() >= FIRST_MS.unsigned_abs() {
        Timestamp::from_millisecond(number)
    } else {
        Timestamp::from_second(number)
    };
    moment
        .map(unless_year_one)
        .map_err(|_| format!("{number} is no time that can be"))
}

fn unless_year_one(moment: Timestamp) -> Option<Timestamp> {
    Some(moment).filter(|moment| TimeZone::UTC.to_datetime(*moment).year() > 1)
}

/// The date and time that stand in a text, whatever its offset.
fn civil(text: &str) -> Option<DateTime> {
    text.trim_end_matches(['Z', 'z']).parse().ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::Date;
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "super::moment")]
        moment: Option<Timestamp>,
        #[serde(default, deserialize_with = "super::date")]
        date: Option<Date>,
        #[serde(default, deserialize_with = "super::text")]
        text: Option<String>,
    }

    fn moment(value: Value) -> Result<Option<String>, serde_json::Error> {
        let row: Row = serde_json::from_value(json!({ "moment": value }))?;
        Ok(row.moment.map(|moment| moment.to_string()))
    }

    fn date(value: Value) -> Result<Option<String>, serde_json::Error> {
        let row: Row = serde_json::from_value(json!({ "date": value }))?;
        Ok(row.date.map(|date| date.to_string()))
    }

    #[test]
    fn moments_in_every_spelling() {
        for (value, expected) in [
            (json!(1_760_011_200_123_i64), "2025-10-09T12:00:00.123Z"),
            (json!(1_760_011_200), "2025-10-09T12:00:00Z"),
            (json!(1.760_011_2e12), "2025-10-09T12:00:00Z"),
            (json!("1760011200000"), "2025-10-09T12:00:00Z"),
            (json!("2025-10-09T12:00:00Z"), "2025-10-09T12:00:00Z"),
            (json!("2025-10-09T14:00:00+02:00"), "2025-10-09T12:00:00Z"),
            (json!("2025-10-09T12:00:00.5"), "2025-10-09T12:00:00.5Z"),
            (json!(0), "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                moment(value.clone()).unwrap().as_deref(),
                Some(expected),
                "{value}"
            );
        }
        for never in [
            json!(null),
            json!(""),
            json!(-62_135_596_800_000_i64),
            json!("0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(moment(never.clone()).unwrap(), None, "{never}");
        }
        for wrong in [
            json!("soon"),
            json!(true),
            json!({}),
            json!(i64::MAX),
            json!(1e300),
        ] {
            assert!(moment(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates_are_taken_as_written() {
        for (value, expected) in [
            (json!("2023-06-01T00:00:00Z"), "2023-06-01"),
            (json!("2023-06-01"), "2023-06-01"),
            (json!("2023-06-01T23:30:00-10:00"), "2023-06-01"),
            (json!(1_760_011_200_000_i64), "2025-10-09"),
        ] {
            assert_eq!(
                date(value.clone()).unwrap().as_deref(),
                Some(expected),
                "{value}"
            );
        }
        for never in [json!(null), json!(""), json!("0001-01-01T00:00:00Z")] {
            assert_eq!(date(never.clone()).unwrap(), None, "{never}");
        }
        for wrong in [json!("06/01/2023"), json!("2023-02-30"), json!([])] {
            assert!(date(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_the_empty_text_is_none() {
        for (value, expected) in [
            (json!(""), None),
            (json!(" "), Some(" ")),
            (json!("a"), Some("a")),
        ] {
            let row: Row = serde_json::from_value(json!({ "text": value })).unwrap();
            assert_eq!(row.text.as_deref(), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_number_panics(text in any::<String>(), number in any::<i64>()) {
            for value in [json!(text), json!(number)] {
                let _ = moment(value.clone());
                let _ = date(value);
            }
        }

        #[test]
        fn milliseconds_seconds_and_text_agree(seconds in 100_000_001_i64..99_999_999_999) {
            let expected = Timestamp::from_second(seconds).unwrap().to_string();
            for value in [json!(seconds), json!(seconds * 1_000), json!(expected)] {
                prop_assert_eq!(moment(value).unwrap().unwrap(), expected.clone());
            }
        }
    }
}
