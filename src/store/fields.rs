//! Fields as text: how they are shown to a reader, and how they are filled in by hand.

use super::records::{List, RowId};
use crate::model::{RemoteEmail, RemoteInterface, RemotePhone};

/// How a field is written for a reader; `None` when there is nothing to say.
pub(super) trait Shown {
    fn shown(&self) -> Option<String>;
}

impl Shown for String {
    fn shown(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Option<String> {
        self.as_ref().and_then(Shown::shown)
    }
}

impl Shown for RowId {
    fn shown(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Shown for bool {
    fn shown(&self) -> Option<String> {
        self.then(|| "true".to_owned())
    }
}

impl Shown for List<RemoteEmail> {
    fn shown(&self) -> Option<String> {
        let texts: Vec<&str> = self.0.iter().map(|email| email.address.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}

impl Shown for List<RemotePhone> {
    fn shown(&self) -> Option<String> {
        let texts: Vec<&str> = self.0.iter().map(|phone| phone.number.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}

impl Shown for List<RemoteInterface> {
    fn shown(&self) -> Option<String> {
        let texts: Vec<String> = self
            .0
            .iter()
            .map(|interface| {
                let parts = [interface.mac.as_deref(), interface.ip.as_deref()];
                parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}

/// How a field is filled in by hand; none when text cannot be brought into it.
pub(super) trait Typed: Sized {
    fn typed(text: Option<&str>) -> Option<Self>;
}

impl Typed for String {
    fn typed(text: Option<&str>) -> Option<Self> {
        Some(text.unwrap_or_default().to_owned())
    }
}

impl Typed for Option<String> {
    fn typed(text: Option<&str>) -> Option<Self> {
        Some(text.filter(|text| !text.is_empty()).map(str::to_owned))
    }
}

impl Typed for bool {
    fn typed(text: Option<&str>) -> Option<Self> {
        match text {
            Some("true") => Some(true),
            Some("false") | None => Some(false),
            Some(_) => None,
        }
    }
}

impl Typed for RowId {
    fn typed(text: Option<&str>) -> Option<Self> {
        text?.parse().ok()
    }
}

impl Typed for Option<RowId> {
    fn typed(text: Option<&str>) -> Option<Self> {
        text.map_or(Some(None), |text| text.parse().ok().map(Some))
    }
}

/// The parts of a list that is written with commas, the first of which is the main one.
fn listed(text: Option<&str>) -> impl Iterator<Item = (bool, &str)> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    let parts = parts.filter(|part| !part.is_empty()).enumerate();
    parts.map(|(at, part)| (at == 0, part))
}

impl Typed for List<RemoteEmail> {
    fn typed(text: Option<&str>) -> Option<Self> {
        let emails = listed(text).map(|(primary, address)| RemoteEmail {
            address: address.to_owned(),
            label: None,
            primary,
        });
        Some(Self(emails.collect()))
    }
}

impl Typed for List<RemotePhone> {
    fn typed(text: Option<&str>) -> Option<Self> {
        let phones = listed(text).map(|(primary, number)| RemotePhone {
            number: number.to_owned(),
            extension: None,
            label: None,
            primary,
        });
        Some(Self(phones.collect()))
    }
}

/// Adapters come from a device as a whole.
impl Typed for Option<List<RemoteInterface>> {
    fn typed(_text: Option<&str>) -> Option<Self> {
        None
    }
}
