//! The saved filters of the server: the one way to narrow a list of devices. Their names and ids are
//! inferred; that they are chosen by id, and by nothing else, is documented.

use serde_json::{Value, json};

use crate::kit::{Object, at};

/// Id, name, and how the classes begin that it takes.
const FILTERS: [(u64, &str, &[&str]); 5] = [
    (1, "All Devices", &[""]),
    (2, "All Servers", &["Servers"]),
    (
        3,
        "All Workstations and Laptops",
        &["Workstations", "Laptop"],
    ),
    (4, "All Laptops", &["Laptop"]),
    (5, "All Network Devices", &["Switch/Router", "Printer"]),
];

/// The ids.
pub(super) fn ids() -> Vec<u64> {
    FILTERS.iter().map(|(id, ..)| *id).collect()
}

/// A filter as a list shows it.
pub(super) fn row(id: u64) -> Option<Object> {
    let (id, name, _) = FILTERS.iter().find(|(own, ..)| *own == id)?;
    let row = json!({ "filterId": id.to_string(), "filterName": name, "description": Value::Null });
    row.as_object().cloned()
}

/// What a filter takes; none when there is no such filter.
pub(super) fn find(id: &str) -> Option<&'static [&'static str]> {
    let id: u64 = id.parse().ok()?;
    let (_, _, classes) = FILTERS.iter().find(|(own, ..)| *own == id)?;
    Some(classes)
}

/// Whether a device fits.
pub(super) fn fits(classes: &[&str], device: &Object) -> bool {
    let class = at(device, "deviceClass").as_str().unwrap_or_default();
    classes.iter().any(|begin| class.starts_with(begin))
}
