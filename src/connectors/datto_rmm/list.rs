//! Walking a Datto list by `nextPageUrl`. Pages are counted, not keyed, so a list that changes under
//! the reader moves records from page to page; one that comes again is dropped. The next page's URL
//! may have lost parameters of the first one (`seen`), which are put back.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use foldhash::fast::FixedState;
use http::{Response, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::DattoRmm;
use super::wire::Row;
use crate::connectors::client::{Call, unreadable};
use crate::connectors::decode::{self, Decoded};
use crate::connectors::{ConnectorError, ErrorKind, Result};

/// No list is longer than this many pages; a server that never ends would otherwise be read for ever.
const MOST_PAGES: u32 = 100_000;

/// One page that brings nothing new may be a hiccup; the second in a row is an error.
const MOST_BARREN: u32 = 2;

/// A uid as part of a path. GUIDs stand there as they are.
pub(super) fn segment(uid: &str) -> impl fmt::Display + '_ {
    const UID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');
    utf8_percent_encode(uid, UID)
}

/// A walk over the pages of one list.
pub(super) struct ListWalk<'a, W> {
    api: &'a DattoRmm,
    operation: &'static str,
    /// The list's path below the base URL.
    path: Cow<'static, str>,
    state: State,
    seen: Seen,
    pages: u32,
    barren: u32,
    row: PhantomData<fn() -> W>,
}

enum State {
    Start,
    Next(Uri),
    Done,
}

#[derive(Deserialize)]
#[serde(expecting = "a page of records")]
struct Envelope<'a> {
    #[serde(rename = "pageDetails")]
    page_details: PageDetails,
    #[serde(borrow)]
    sites: Option<&'a RawValue>,
    #[serde(borrow)]
    devices: Option<&'a RawValue>,
}

/// The member has to be there, as text or null: without it nobody knows whether this is the end.
#[derive(Deserialize)]
#[serde(expecting = "page details")]
struct PageDetails {
    #[serde(rename = "nextPageUrl", deserialize_with = "present")]
    next_page_url: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(source)
}

impl<'a, W: Row> ListWalk<'a, W> {
    pub(super) fn new(
        api: &'a DattoRmm,
        operation: &'static str,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            api,
            operation,
            path: path.into(),
            state: State::Start,
            seen: Seen::default(),
            pages: 0,
            barren: 0,
            row: PhantomData,
        }
    }

    /// The rows of the next page that has any, repeats left out.
    pub(super) async fn next_rows(&mut self) -> Result<Option<Decoded<W>>> {
        loop {
            // Whatever fails below leaves the walk at its end.
            let uri = match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(None),
                State::Next(uri) => uri,
                State::Start => {
                    let path = format!("{}?max={}&page=0", self.path, self.api.page_size);
                    self.api.client.uri(self.operation, &path)?
                }
            };
            self.pages += 1;
            if self.pages > MOST_PAGES {
                return Err(self.endless(format!("more than {MOST_PAGES} pages")));
            }
            let call = Call::get(self.operation, uri);
            let reply = self.api.client.send(&call).await?;
            let (mut page, next) = self.read(&reply)?;
            let next = next
                .map(|link| {
                    let client = &self.api.client;
                    client.follow(self.operation, &call.uri, &link, &["max"])
                })
                .transpose()?;
            self.seen.keep_new(&mut page);
            let barren = page.fetched() == 0;
            self.state = match next {
                None => State::Done,
                Some(next) if next == call.uri && !barren => {
                    return Err(self.endless("a page names itself as the next one".to_owned()));
                }
                Some(next) => State::Next(next),
            };
            if !barren {
                self.barren = 0;
                return Ok(Some(page));
            }
            if matches!(self.state, State::Next(_)) {
                self.count_barren()?;
            }
        }
    }

    /// Whether a record with this uid has been read, as one of the rows delivered last or before them.
    pub(super) fn has_read(&self, uid: &str) -> bool {
        self.seen.contains(uid)
    }

    /// Ends the walk, after something that belongs to its records failed.
    pub(super) fn end(&mut self) {
        self.state = State::Done;
    }

    fn read(&self, reply: &Response<bytes::Bytes>) -> Result<(Decoded<W>, Option<String>)> {
        let body_error = |detail: String| {
            let detail = self.api.client.redact(&detail);
            self.error(ErrorKind::Body { detail })
        };
        let json = std::str::from_utf8(reply.body())
            .map_err(|error| body_error(unreadable(reply, &error)))?;
        let envelope: Envelope<'_> = decode::one(json).map_err(|(field, reason)| {
            body_error(unreadable(reply, &format!("field {field}: {reason}")))
        })?;
        let rows = envelope.devices.or(envelope.sites).ok_or_else(|| {
            let missing = "neither `devices` nor `sites` is there";
            body_error(unreadable(reply, &missing))
        })?;
        let page = decode::list(rows.get(), "uid")
            .map_err(|error| body_error(unreadable(reply, &error)))?;
        // Some recorded replies write the end as an empty text.
        let next = envelope.page_details.next_page_url;
        Ok((page, next.filter(|link| !link.is_empty())))
    }

    fn count_barren(&mut self) -> Result<()> {
        self.barren += 1;
        if self.barren < MOST_BARREN {
            return Ok(());
        }
        let times = self.barren;
        Err(self.endless(format!(
            "{times} pages in a row held only records that had been read before, or none"
        )))
    }

    fn endless(&self, detail: String) -> ConnectorError {
        self.error(ErrorKind::Paging { detail })
    }

    fn error(&self, kind: ErrorKind) -> ConnectorError {
        self.api.client.error(self.operation, kind)
    }
}

/// The uids that have been read. GUIDs are kept as numbers, at a fifth of the space of their text.
#[derive(Default)]
struct Seen {
    guids: HashSet<u128, FixedState>,
    others: HashSet<String, FixedState>,
}

impl Seen {
    /// Takes out the records that have been read. One without a readable uid cannot be known.
    fn keep_new<W: Row>(&mut self, page: &mut Decoded<W>) {
        page.records.retain(|row| self.insert(row.uid()));
        page.rejected
            .retain(|row| row.id.as_deref().is_none_or(|uid| self.insert(uid)));
    }

    fn contains(&self, uid: &str) -> bool {
        match guid(uid) {
            Some(guid) => self.guids.contains(&guid),
            None => self.others.contains(uid),
        }
    }

    fn insert(&mut self, uid: &str) -> bool {
        match guid(uid) {
            Some(guid) => self.guids.insert(guid),
            None => self.others.insert(uid.to_owned()),
        }
    }
}

/// The number that a GUID in its usual spelling (8-4-4-4-12, lower case) stands for. Other spellings
/// are texts of their own.
fn guid(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate() {
        let digit = match byte {
            b'-' if matches!(place, 8 | 13 | 18 | 23) => continue,
            _ if matches!(place, 8 | 13 | 18 | 23) => return None,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::{Seen, guid};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn only_the_usual_spelling_is_a_number() {
        assert_eq!(guid("00000000-0000-0000-0000-00000000000f"), Some(15));
        for other in [
            "deleted-devices",
            "00000000-0000-0000-0000-00000000000F",
            "000000000000000000000000000000000000",
            "0000000--0000-0000-0000-00000000000f",
            "00000000-0000-0000-0000-0000000000é",
        ] {
            assert_eq!(guid(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn equal_numbers_are_equal_texts(number in any::<u128>()) {
            let hex = format!("{number:032x}");
            let text = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
            prop_assert_eq!(guid(&text), Some(number));
            let mut seen = Seen::default();
            prop_assert_eq!(seen.contains(&text), false);
            prop_assert_eq!((seen.insert(&text), seen.insert(&text)), (true, false));
            prop_assert_eq!(seen.contains(&text), true);
        }
    }
}
