//! Device filters: the four LIKE parameters, the vendor's default filters and custom ones. Which
//! devices a filter takes is worked out once for all pages, and again after a change.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;

use super::lists::{Query, parameter};
use super::state::Columns;
use super::wire::to_json;
use crate::kit::Table;

/// How many filtered lists are remembered.
const REMEMBERED: usize = 8;

/// Ids of custom filters begin here.
const FIRST_CUSTOM: u64 = 50_001;

/// A device filter that somebody in the account has made. Values are LIKE patterns as in the list's
/// parameters; what is `None` is not asked for. Deleted devices are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomFilter {
    /// Name.
    pub name: String,
    /// Host name.
    pub hostname: Option<String>,
    /// Category or type of device.
    pub device_type: Option<String>,
    /// Operating system.
    pub operating_system: Option<String>,
    /// Name of the site.
    pub site_name: Option<String>,
}

/// What a request asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    filter_id: Option<u64>,
    like: Like,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Like {
    hostname: Option<Pattern>,
    device_type: Option<Pattern>,
    operating_system: Option<Pattern>,
    site_name: Option<Pattern>,
}

/// The filters of an account and the lists made with them.
#[derive(Debug)]
pub(super) struct Filters {
    custom: Vec<Like>,
    pub(super) default_table: Table,
    pub(super) custom_table: Table,
    remembered: Mutex<VecDeque<List>>,
}

#[derive(Debug)]
struct List {
    wanted: Wanted,
    site: Option<u64>,
    generation: u64,
    ids: Arc<[u64]>,
}

type Test = fn(&Columns<'_>) -> bool;

/// Names and ids are inferred; that there are such filters is documented.
const DEFAULTS: [(u64, &str, Test); 9] = [
    (1, "All Devices", |_| true),
    (2, "All Desktops", |device| {
        device.device_type.category == "Desktop"
    }),
    (3, "All Laptops", |device| {
        device.device_type.category == "Laptop"
    }),
    (4, "All Servers", |device| {
        device.device_type.category == "Server"
    }),
    (5, "All ESXi Hosts", |device| {
        device.device_class == "esxihost"
    }),
    (6, "All Printers", |device| device.device_class == "printer"),
    (7, "All Network Devices", |device| {
        device.device_class == "rmmnetworkdevice"
    }),
    (8, "Online Devices", |device| device.online),
    (9, "Offline Devices", |device| !device.online),
];

impl Wanted {
    /// Reads the parameters. With `filterId` the others count for nothing (documented). `None` when
    /// it is no number, which names no filter.
    pub(super) fn of(query: &Query) -> Option<Self> {
        match parameter(query, "filterId") {
            None | Some("") => {}
            Some(text) => {
                return Some(Self {
                    filter_id: Some(text.parse().ok()?),
                    like: Like::default(),
                });
            }
        }
        let pattern = |name| parameter(query, name).and_then(Pattern::new);
        Some(Self {
            filter_id: None,
            like: Like {
                hostname: pattern("hostname"),
                device_type: pattern("deviceType"),
                operating_system: pattern("operatingSystem"),
                site_name: pattern("siteName"),
            },
        })
    }

    /// Only `filterId`, for lists that have no other.
    pub(super) fn filter_only(mut self) -> Self {
        self.like = Like::default();
        self
    }

    /// Whether everything is asked for.
    pub(super) fn everything(&self) -> bool {
        *self == Self::default()
    }
}

impl Filters {
    pub(super) fn new(custom: &[CustomFilter], now: Timestamp) -> Self {
        let row = |id: u64, name: &str, filter_type: &str| {
            to_json(&json!({
                "id": id,
                "name": name,
                "description": null,
                "type": filter_type,
                "dateCreate": now.as_millisecond(),
                "lastUpdated": now.as_millisecond(),
            }))
        };
        let defaults = DEFAULTS.iter().map(|(id, name, _)| (*id, *name));
        let customs = (FIRST_CUSTOM..).zip(custom.iter().map(|filter| filter.name.as_str()));
        let pattern = |text: &Option<String>| text.as_deref().and_then(Pattern::new);
        Self {
            default_table: Table::build(
                defaults.map(|(id, name)| (id, (id, name))),
                |row_of, out| {
                    out.extend_from_slice(&row(row_of.0, row_of.1, "rmm_default"));
                },
            ),
            custom_table: Table::build(
                customs.map(|(id, name)| (id, (id, name))),
                |row_of, out| {
                    out.extend_from_slice(&row(row_of.0, row_of.1, "custom"));
                },
            ),
            custom: custom
                .iter()
                .map(|filter| Like {
                    hostname: pattern(&filter.hostname),
                    device_type: pattern(&filter.device_type),
                    operating_system: pattern(&filter.operating_system),
                    site_name: pattern(&filter.site_name),
                })
                .collect(),
            remembered: Mutex::default(),
        }
    }

    /// Ids of the devices that are wanted, of all or of one site. `None` when the filter is unknown.
    pub(super) fn select(
        &self,
        wanted: &Wanted,
        devices: &Table,
        site: Option<(u64, &[u64])>,
    ) -> Option<Arc<[u64]>> {
        let site_id = site.map(|(id, _)| id);
        let generation = devices.generation();
        {
            let mut lists = self.lists();
            lists.retain(|list| list.generation == generation);
            let known = lists
                .iter()
                .find(|list| list.wanted == *wanted && list.site == site_id);
            if let Some(list) = known {
                return Some(Arc::clone(&list.ids));
            }
        }
        let ids = self.evaluate(wanted, devices, site.map(|(_, ids)| ids))?;
        let mut lists = self.lists();
        if lists.len() == REMEMBERED {
            lists.pop_front();
        }
        lists.push_back(List {
            wanted: wanted.clone(),
            site: site_id,
            generation,
            ids: Arc::clone(&ids),
        });
        Some(ids)
    }

    fn evaluate(
        &self,
        wanted: &Wanted,
        devices: &Table,
        among: Option<&[u64]>,
    ) -> Option<Arc<[u64]>> {
        let custom;
        let test: &dyn Fn(&Columns<'_>) -> bool = match wanted.filter_id {
            None => &|device| wanted.like.takes(device),
            Some(id) => match DEFAULTS.iter().find(|(default, ..)| *default == id) {
                Some((_, _, test)) => &move |device| !device.deleted && test(device),
                None => {
                    let at = usize::try_from(id.checked_sub(FIRST_CUSTOM)?).ok()?;
                    custom = self.custom.get(at)?;
                    &|device| !device.deleted && custom.takes(device)
                }
            },
        };
        let takes = |id: u64| {
            let json: Bytes = devices.get(id)?;
            let columns = serde_json::from_slice::<Columns<'_>>(&json).ok()?;
            test(&columns).then_some(id)
        };
        Some(match among {
            Some(ids) => ids.iter().filter_map(|id| takes(*id)).collect(),
            None => devices.ids().filter_map(takes).collect(),
        })
    }

    fn lists(&self) -> std::sync::MutexGuard<'_, VecDeque<List>> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Like {
    fn takes(&self, device: &Columns<'_>) -> bool {
        let matches = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
        };
        let os = device.operating_system.as_deref().unwrap_or_default();
        let kind = &device.device_type;
        matches(&self.hostname, &device.hostname)
            && matches(&self.site_name, &device.site_name)
            && matches(&self.operating_system, os)
            && (matches(&self.device_type, &kind.category)
                || matches(&self.device_type, &kind.name))
    }
}

/// A LIKE pattern with partial matches (documented): the text occurs somewhere, in any case
/// (inferred), and `%` stands for anything in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<String>);

impl Pattern {
    /// `None` for an empty text, which asks for nothing.
    pub(super) fn new(text: &str) -> Option<Self> {
        let pieces: Vec<String> = text
            .split('%')
            .filter(|piece| !piece.is_empty())
            .map(str::to_lowercase)
            .collect();
        (!pieces.is_empty()).then_some(Self(pieces))
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut rest = text.as_str();
        self.0.iter().all(|piece| match rest.find(piece.as_str()) {
            Some(at) => {
                rest = rest.get(at + piece.len()..).unwrap_or_default();
                true
            }
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_partial_and_knows_no_case() {
        let matches = |pattern: &str, text: &str| Pattern::new(pattern).unwrap().matches(text);
        assert!(matches("acme", "Old ACME Dental"));
        assert!(matches("ac%dental", "Acme Dental"));
        assert!(!matches("dental%ac", "Acme Dental"));
        assert!(matches("é", "CAFÉ-01"));
        assert!(!matches("acme", ""));
        assert_eq!(Pattern::new("%"), None);
        assert_eq!(Pattern::new(""), None);
    }
}
