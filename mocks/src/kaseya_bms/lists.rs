//! Lists: filters by query names, pages by number. It knows records and parameters, and nothing of who
//! asks.

use serde_json::Value;

use super::store::{EMPLOYEE_NAME, Store};
use crate::kit::{Object, Table, write};
use crate::world::Kind;

/// Records on a page when nothing is said, and at most (inferred).
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1_000;

/// The query of a list, names without regard to case (seen).
#[derive(Debug, Default)]
pub(super) struct Asked {
    filters: Vec<(String, String)>,
    size: usize,
    page: usize,
    /// `Sort=Name` or `Sort=Name desc` (inferred).
    sort: Option<(String, bool)>,
}

impl Asked {
    /// Reads the query; what is wrong with it.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Self, String> {
        let mut asked = Self {
            size: PAGE,
            page: 1,
            ..Self::default()
        };
        for (name, value) in pairs {
            let name = name.to_ascii_lowercase();
            let number = |value: &str| {
                value
                    .trim()
                    .parse::<usize>()
                    .map_err(|_| format!("The value '{value}' is not valid for {name}."))
            };
            if let Some(filter) = name.strip_prefix("filter.") {
                asked.filters.push((filter.to_owned(), value));
            } else if name == "pagesize" {
                asked.size = number(&value)?.clamp(1, LARGEST_PAGE);
            } else if name == "pagenumber" {
                // The first page is 1, and 0 gives it too (seen).
                asked.page = number(&value)?.max(1);
            } else if name == "sort" {
                let mut words = value.split_whitespace();
                if let Some(field) = words.next() {
                    let down = words
                        .next()
                        .is_some_and(|word| word.eq_ignore_ascii_case("desc"));
                    asked.sort = Some((field.to_owned(), down));
                }
            }
        }
        Ok(asked)
    }

    /// Whether a record passes each filter that is known of its list; a name that is given several
    /// times passes with any of its values.
    fn fits(&self, record: &Object, fields: &Fields) -> Result<bool, String> {
        for (name, _) in &self.filters {
            let Some((_, test)) = fields.iter().find(|(own, _)| own == name) else {
                continue;
            };
            let mut values = self.filters.iter().filter(|(other, _)| other == name);
            let mut fits = false;
            for (_, value) in values.by_ref() {
                fits |= test.fits(record, value).ok_or_else(|| {
                    format!("The value '{value}' is not valid for Filter.{name}.")
                })?;
            }
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn filtered(&self, fields: &Fields) -> bool {
        let known = |name: &str| fields.iter().any(|(own, _)| *own == name);
        self.filters.iter().any(|(name, _)| known(name))
    }
}

/// How a filter looks at a record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test {
    /// Text in a member, without case (inferred: contained in it).
    Text(&'static str),
    /// A number, or several with commas.
    Number(&'static str),
    Flag(&'static str),
    /// A moment not before, not after.
    From(&'static str),
    To(&'static str),
    /// Text in a member of each row of a member.
    Within(&'static str, &'static str),
    /// Text in the first and last name of the contact.
    Person,
    /// Any number but this one.
    Except(&'static str),
}

/// Names of filters in lower case.
pub(super) type Fields = [(&'static str, Test)];

impl Test {
    /// Nothing when the value cannot be.
    fn fits(self, record: &Object, value: &str) -> Option<bool> {
        let contains = |own: &Value, wanted: &str| {
            own.as_str()
                .is_some_and(|own| own.to_lowercase().contains(&wanted.to_lowercase()))
        };
        Some(match self {
            Self::Text(member) => record.get(member).is_some_and(|own| contains(own, value)),
            Self::Within(member, inner) => record
                .get(member)
                .and_then(Value::as_array)
                .is_some_and(|rows| rows.iter().any(|row| contains(&row[inner], value))),
            Self::Number(member) => {
                let own = record.get(member).and_then(Value::as_u64);
                let mut wanted = Vec::new();
                for part in value.split(',').filter(|part| !part.trim().is_empty()) {
                    wanted.push(part.trim().parse::<u64>().ok()?);
                }
                own.is_some_and(|own| wanted.contains(&own))
            }
            Self::Person => contains(&person(record), value),
            Self::Except(member) => {
                let excluded = value.trim().parse::<u64>().ok()?;
                record.get(member).and_then(Value::as_u64) != Some(excluded)
            }
            Self::Flag(member) => {
                let wanted: bool = value.trim().to_lowercase().parse().ok()?;
                record.get(member) == Some(&Value::Bool(wanted))
            }
            Self::From(member) | Self::To(member) => {
                let text = record.get(member).and_then(Value::as_str)?;
                let wanted = day_or_moment(value)?;
                let own = day_or_moment(text)?;
                match self {
                    Self::From(_) => own >= wanted,
                    _ => own <= wanted,
                }
            }
        })
    }
}

fn day_or_moment(text: &str) -> Option<jiff::civil::DateTime> {
    let text = text.trim().trim_end_matches('Z');
    let moment = text.parse::<jiff::civil::DateTime>().ok();
    moment.or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0)))
}

pub(super) const ACCOUNTS: &Fields = &[
    ("accountname", Test::Text("accountName")),
    ("accountcode", Test::Text("accountCode")),
    ("accounttypeid", Test::Number("accountTypeId")),
    ("accounttypename", Test::Text("accountType")),
    ("createdonfrom", Test::From("createdOn")),
    ("createdonto", Test::To("createdOn")),
    ("modifiedonfrom", Test::From("modifiedOn")),
    ("modifiedonto", Test::To("modifiedOn")),
    ("isactive", Test::Flag("isActive")),
    ("ids", Test::Number("id")),
    ("name", Test::Text("accountName")),
];

pub(super) const CONTACTS: &Fields = &[
    ("ids", Test::Number("id")),
    ("accountid", Test::Number("accountId")),
    ("accountids", Test::Number("accountId")),
    ("accountname", Test::Text("accountName")),
    ("locationid", Test::Number("locationId")),
    ("locationname", Test::Text("locationName")),
    ("firstname", Test::Text("firstName")),
    ("lastname", Test::Text("lastName")),
    ("jobtitle", Test::Text("jobTitle")),
    ("phone", Test::Within("phones", "phone")),
    ("email", Test::Within("emails", "emailAddress")),
    ("emailaddress", Test::Within("emails", "emailAddress")),
    ("createdonfrom", Test::From("createdOn")),
    ("createdonto", Test::To("createdOn")),
    ("modifiedonfrom", Test::From("modifiedOn")),
    ("modifiedonto", Test::To("modifiedOn")),
    ("ispoc", Test::Flag("isPoc")),
    ("isactive", Test::Flag("isActive")),
];

pub(super) const ASSETS: &Fields = &[
    ("categoryids", Test::Number("categoryId")),
    ("assetname", Test::Text("name")),
    ("locationname", Test::Text("accountLocation")),
    ("serialnumber", Test::Text("serialNumber")),
    ("description", Test::Text("description")),
    ("ipaddress", Test::Text("ipAddress")),
    ("accountid", Test::Number("accountId")),
    ("contactid", Test::Number("contactId")),
    ("contactname", Test::Person),
    ("excludedid", Test::Except("id")),
    ("isactive", Test::Flag("isActive")),
];

/// What is shown of a record.
pub(super) type Show = fn(&Store, u64, Object) -> Object;

/// A page of a list as an envelope's text; what is wrong with the query.
pub(super) fn page(
    store: &Store,
    kind: Kind,
    asked: &Asked,
    fields: &Fields,
    show: Show,
    counted: bool,
) -> Result<Vec<u8>, String> {
    let collection = store.of(kind);
    let table: &Table = collection.table();
    let skip = (asked.page - 1).saturating_mul(asked.size);
    let all = asked.filtered(fields) || asked.sort.is_some();
    let (ids, total): (Vec<u64>, usize) = if all {
        let mut fitting = Vec::new();
        for (id, record) in collection.iter() {
            if asked.fits(&record, fields)? {
                let key = asked.sort.as_ref().and_then(|(field, _)| {
                    let mut members = record.iter();
                    let own = members.find(|(name, _)| name.eq_ignore_ascii_case(field));
                    own.map(|(_, value)| value.to_string().to_lowercase())
                });
                fitting.push((key, id));
            }
        }
        if let Some((_, down)) = asked.sort {
            fitting.sort();
            if down {
                fitting.reverse();
            }
        }
        let total = fitting.len();
        let page = fitting.into_iter().skip(skip).take(asked.size);
        (page.map(|(_, id)| id).collect(), total)
    } else {
        let places = skip..skip.saturating_add(asked.size).min(table.len());
        (
            places.filter_map(|at| table.id_at(at)).collect(),
            table.len(),
        )
    };
    let mut body = b"{\"success\":true,\"result\":[".to_vec();
    for (at, id) in ids.into_iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        let record = collection.get(id).unwrap_or_default();
        write(&["id"], &show(store, id, record), &mut body);
    }
    body.push(b']');
    if counted {
        body.extend(format!(",\"totalRecords\":{total}").into_bytes());
    }
    body.push(b'}');
    Ok(body)
}

/// What the short list of assets shows (documented).
pub(super) fn short_asset(_store: &Store, _id: u64, asset: Object) -> Object {
    const SHOWN: [(&str, &str); 12] = [
        ("id", "id"),
        ("categoryName", "category"),
        ("categoryId", "categoryId"),
        ("locationName", "accountLocation"),
        ("assetName", "name"),
        ("serialNumber", "serialNumber"),
        ("machineGroupId", "machineGroupId"),
        ("ipAddress", "ipAddress"),
        ("contactId", "contactId"),
        ("accountId", "accountId"),
        ("accountName", "accountName"),
        ("isActive", "isActive"),
    ];
    let mut short: Object = SHOWN
        .map(|(name, own)| (name.to_owned(), asset.get(own).cloned().unwrap_or_default()))
        .into_iter()
        .collect();
    // No null here, unlike in the whole asset (documented); what stands for none is inferred.
    if short["contactId"].is_null() {
        short.insert("contactId".to_owned(), 0.into());
    }
    short.insert("contactName".to_owned(), person(&asset));
    short
}

/// The contact of an asset by its name; null when there is none.
fn person(asset: &Object) -> Value {
    let names = ["contactFirstName", "contactLastName"];
    let names = names
        .into_iter()
        .filter_map(|name| asset.get(name)?.as_str());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        Value::Null
    } else {
        names.join(" ").into()
    }
}

pub(super) fn whole_account(store: &Store, id: u64, account: Object) -> Object {
    store.account(id).unwrap_or(account)
}

pub(super) fn short_account(_store: &Store, _id: u64, account: Object) -> Object {
    [
        ("id", "id"),
        ("name", "accountName"),
        ("tenantName", "tenantName"),
        ("isActive", "isActive"),
    ]
    .map(|(name, own)| {
        (
            name.to_owned(),
            account.get(own).cloned().unwrap_or_default(),
        )
    })
    .into_iter()
    .collect()
}

pub(super) fn whole(_store: &Store, _id: u64, record: Object) -> Object {
    record
}

/// What the search for contacts shows (seen).
pub(super) fn found_contact(_store: &Store, _id: u64, contact: Object) -> Object {
    let mut found: Object = [
        "id",
        "accountId",
        "accountName",
        "locationId",
        "locationName",
        "firstName",
        "lastName",
        "jobTitle",
        "isPoc",
        "isActive",
    ]
    .into_iter()
    .map(|name| {
        (
            name.to_owned(),
            contact.get(name).cloned().unwrap_or_default(),
        )
    })
    .collect();
    let email = default_item(&contact, "emails", "emailAddress");
    found.insert("emailAddress".to_owned(), email);
    found.insert("hasClientPortalAccess".to_owned(), false.into());
    found
}

/// The default one of a contact's addresses or numbers, else the first.
fn default_item(contact: &Object, list: &str, member: &str) -> Value {
    let rows = contact.get(list).and_then(Value::as_array);
    let row = rows.and_then(|rows| {
        let default = rows.iter().find(|row| row["isDefault"] == true);
        default.or_else(|| rows.first())
    });
    row.map(|row| row[member].clone()).unwrap_or_default()
}

/// What a create of a contact answers (documented).
pub(super) fn made_contact(contact: &Object) -> Object {
    let mut made = picked(
        contact,
        &[
            ("id", "id"),
            ("firstName", "firstName"),
            ("lastName", "lastName"),
            ("accountId", "accountId"),
            ("accountName", "accountName"),
            ("locationId", "locationId"),
            ("locationName", "locationName"),
        ],
    );
    for (name, list, member) in [
        ("phoneNumber", "phones", "phone"),
        ("emailAddress", "emails", "emailAddress"),
    ] {
        made.insert(name.to_owned(), default_item(contact, list, member));
    }
    made.insert("customFieldsData".to_owned(), Value::Array(Vec::new()));
    made
}

/// What changing a contact answers: other names than reading it shows (documented).
pub(super) fn changed_contact(mut contact: Object) -> Object {
    for (read, changed) in [
        ("isPoc", "poc"),
        ("isBillable", "billByContact"),
        ("canRecieveInvoices", "recieveInvoices"),
    ] {
        let value = contact.remove(read).unwrap_or_default();
        contact.insert(changed.to_owned(), value);
    }
    for (name, value) in [
        ("middleName", Value::Null),
        ("createdByName", EMPLOYEE_NAME.into()),
        ("modifiedByName", EMPLOYEE_NAME.into()),
    ] {
        contact.insert(name.to_owned(), value);
    }
    contact
}

fn picked(record: &Object, members: &[(&str, &str)]) -> Object {
    let members = members.iter();
    members
        .map(|(name, own)| {
            let value = record.get(*own).cloned().unwrap_or_default();
            ((*name).to_owned(), value)
        })
        .collect()
}
