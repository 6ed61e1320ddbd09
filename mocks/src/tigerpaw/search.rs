//! Searches: criteria of one type are alternatives, those of different types must all hold (seen). It
//! knows records and criteria, and nothing of who asks.

use serde_json::{Value, json};

use super::store::Store;
use crate::kit::{Collection, Object, at, write};

/// Rows on a page when nothing is said, and at most (inferred).
const PAGE: usize = 25;
const LARGEST_PAGE: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    StartsWith,
    EndsWith,
    Contains,
    Greater,
    GreaterOrEqual,
    Equal,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone)]
struct Criterion {
    kind: String,
    how: Match,
    text: String,
}

/// A search that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Search {
    criteria: Vec<Criterion>,
    size: usize,
    /// Counted from 1 (seen).
    start: usize,
}

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Accounts,
    Contacts,
}

impl Subject {
    /// The kinds of criteria that there are, in lower case (documented for accounts; of contacts those
    /// of its single searches and the account's number, inferred). No account here has an agreement, a
    /// custom field or anything external, so that those find nothing. Not here: what sounds alike.
    const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Accounts => &[
                "accountname",
                "address",
                "postalcode",
                "email",
                "phonenumber",
                "accountnumber",
                "accountid",
                "contactname",
                "accounttype",
                "accountstatus",
                "externalid",
                "agreement",
                "customfield",
                "externalproduct",
            ],
            Self::Contacts => &[
                "firstname",
                "lastname",
                "email",
                "phone",
                "contactnumber",
                "accountnumber",
            ],
        }
    }
}

impl Search {
    /// One criterion of a single search.
    pub(super) fn single(
        subject: Subject,
        kind: &str,
        text: &str,
        size: Option<usize>,
        start: Option<usize>,
    ) -> Result<Self, String> {
        let criterion = Criterion {
            kind: known(subject, kind)?,
            how: Match::StartsWith,
            text: text.to_owned(),
        };
        Ok(Self {
            criteria: vec![criterion],
            size: size.unwrap_or(PAGE).clamp(1, LARGEST_PAGE),
            start: start.unwrap_or(1).max(1),
        })
    }

    pub(super) fn read(subject: Subject, bytes: &[u8]) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(bytes)
            .map_err(|_| "The request body is not valid JSON.".to_owned())?;
        if !body.is_object() {
            return Err("The request body is not a search.".to_owned());
        }
        let number = |name: &str, otherwise: usize| match &body[name] {
            Value::Null => Ok(otherwise),
            value => value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| format!("{name} is not a number.")),
        };
        let Value::Array(rows) = &body["Criteria"] else {
            return Err("A search needs Criteria.".to_owned());
        };
        let mut criteria = Vec::new();
        for row in rows {
            let kind = row["SearchType"].as_str().unwrap_or_default();
            let how = match row["MatchType"]
                .as_str()
                .unwrap_or("StartsWith")
                .to_lowercase()
                .as_str()
            {
                "startswith" => Match::StartsWith,
                "endswith" => Match::EndsWith,
                "contains" => Match::Contains,
                "greaterthan" => Match::Greater,
                "greaterthanequal" => Match::GreaterOrEqual,
                "equal" => Match::Equal,
                "lessthan" => Match::Less,
                "lessthanequal" => Match::LessOrEqual,
                other => return Err(format!("{other} is not a valid MatchType.")),
            };
            let text = match &row["Criteria"] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err("A criterion has no Criteria.".to_owned()),
            };
            criteria.push(Criterion {
                kind: known(subject, kind)?,
                how,
                text,
            });
        }
        if criteria.is_empty() {
            return Err("A search needs Criteria.".to_owned());
        }
        Ok(Self {
            criteria,
            size: number("PageSize", PAGE)?.clamp(1, LARGEST_PAGE),
            start: number("StartRow", 1)?.max(1),
        })
    }

    fn fits(&self, store: &Store, subject: Subject, record: &Object) -> bool {
        let mut kinds: Vec<&str> = self.criteria.iter().map(|it| it.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().all(|kind| {
            let values = values(store, subject, record, kind);
            let mut own = self.criteria.iter().filter(|it| it.kind == kind);
            own.any(|it| values.iter().any(|value| it.fits(value)))
        })
    }

    /// A page of the search: `{"Accounts": […], "PageSize", "NextRow", "TotalCount", …}`. `NextRow` is
    /// 0 behind the last (inferred).
    pub(super) fn page(&self, store: &Store, subject: Subject) -> Vec<u8> {
        let (collection, member): (&Collection, _) = match subject {
            Subject::Accounts => (&store.accounts, "Accounts"),
            Subject::Contacts => (&store.contacts, "Contacts"),
        };
        let mut rows: Vec<Vec<u8>> = Vec::new();
        let mut total = 0;
        for (id, record) in collection.iter() {
            if !self.fits(store, subject, &record) {
                continue;
            }
            total += 1;
            if total >= self.start && rows.len() < self.size {
                let shown = match subject {
                    Subject::Accounts => shown_account(store, id, record),
                    Subject::Contacts => summary(store, id, &record),
                };
                let mut json = Vec::new();
                write(
                    &["AccountNumber", "ContactNumber", "Account", "Contact"],
                    &shown,
                    &mut json,
                );
                rows.push(json);
            }
        }
        let behind = self.start + rows.len();
        let next = if behind <= total && !rows.is_empty() {
            behind
        } else {
            0
        };
        let tail = json!({
            "PageSize": self.size, "NextRow": next, "TotalCount": total, "Success": true, "Message": null,
        });
        let mut body = format!("{{\"{member}\":[").into_bytes();
        body.extend(rows.join(&b","[..]));
        body.extend_from_slice(b"],");
        body.extend_from_slice(&tail.to_string().as_bytes()[1..]);
        body
    }
}

fn known(subject: Subject, kind: &str) -> Result<String, String> {
    let kind = kind.to_lowercase();
    if subject.kinds().contains(&kind.as_str()) {
        Ok(kind)
    } else {
        Err(format!("{kind} is not a valid SearchType."))
    }
}

/// An account as it is shown: with its contacts counted and the first among them named.
pub(super) fn shown_account(store: &Store, id: u64, mut record: Object) -> Object {
    let owned = store.contacts.owned(id);
    let number = at(&record, "Account")["PrimaryContactNumber"].as_u64();
    let number = number.filter(|number| owned.contains(number));
    let primary = number.and_then(|number| {
        let contact = store.contacts.get(number)?;
        Some(summary(store, number, &contact))
    });
    let of = |member: &str| {
        let primary = primary.as_ref();
        primary.map_or(Value::Null, |contact| at(contact, member).clone())
    };
    let name = primary.as_ref();
    let name = name.map_or(Value::Null, |contact| {
        at(contact, "Contact")["Name"].clone()
    });
    for (member, value) in [
        ("PrimaryContactName", name),
        ("PrimaryContactEmailAddress", of("EmailAddress")),
        ("PrimaryContactPhoneNumber", of("PhoneNumber")),
        ("NumberOfContacts", owned.len().into()),
    ] {
        record.insert(member.to_owned(), value);
    }
    record
}

/// What the list of contacts shows of one.
pub(super) fn summary(store: &Store, id: u64, record: &Object) -> Object {
    let primary = |list: &str, member: &str| {
        let rows = at(record, list).as_array();
        let row = rows
            .into_iter()
            .flatten()
            .find(|row| row["IsPrimary"] == true);
        row.map(|row| row[member].clone()).unwrap_or_default()
    };
    let account = at(record, "AccountNumber").as_u64();
    let account = account.and_then(|id| store.accounts.get(id));
    let account = account.map(|account| at(&account, "Account").clone());
    let account = account.unwrap_or_default();
    let summary = json!({
        "ContactNumber": id,
        "Contact": at(record, "Contact"),
        "PhoneNumber": primary("PhoneNumbers", "Number"),
        "EmailAddress": primary("EmailAddresses", "Email"),
        "AccountName": account["Name"],
        "IsPrimaryContact": account["PrimaryContactNumber"] == id,
    });
    match summary {
        Value::Object(summary) => summary,
        _ => Object::new(),
    }
}

fn values(store: &Store, subject: Subject, record: &Object, kind: &str) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let all = |list: &str, member: &str| -> Vec<String> {
        let rows = at(record, list).as_array();
        rows.into_iter()
            .flatten()
            .filter_map(|row| text(&row[member]))
            .collect()
    };
    let account = at(record, "Account");
    let contact = at(record, "Contact");
    let one = |value: &Value| text(value).into_iter().collect();
    match (subject, kind) {
        (Subject::Accounts, "accountname") => one(&account["Name"]),
        (Subject::Accounts, "address") => one(&account["Address1"]),
        (Subject::Accounts, "postalcode") => one(&account["PostalCode"]),
        (Subject::Accounts, "phonenumber") => one(at(record, "PhoneNumber")),
        (_, "accountnumber") => one(at(record, "AccountNumber")),
        (Subject::Accounts, "accountid") => one(&account["AccountId"]),
        (Subject::Accounts, "accounttype") => one(&account["AccountType"]),
        (Subject::Accounts, "accountstatus") => one(&account["Status"]),
        (Subject::Accounts, "contactname" | "email") => {
            let number = at(record, "AccountNumber").as_u64().unwrap_or_default();
            let contacts = store
                .contacts
                .owned(number)
                .iter()
                .filter_map(|id| store.contacts.get(*id));
            contacts
                .flat_map(|contact| {
                    if kind == "contactname" {
                        text(&at(&contact, "Contact")["Name"])
                            .into_iter()
                            .collect::<Vec<_>>()
                    } else {
                        values(store, Subject::Contacts, &contact, "email")
                    }
                })
                .collect()
        }
        (Subject::Contacts, "firstname") => one(&contact["FirstName"]),
        (Subject::Contacts, "lastname") => one(&contact["LastName"]),
        (Subject::Contacts, "email") => all("EmailAddresses", "Email"),
        (Subject::Contacts, "phone") => all("PhoneNumbers", "Number"),
        (Subject::Contacts, "contactnumber") => one(at(record, "ContactNumber")),
        _ => Vec::new(),
    }
}

impl Criterion {
    fn fits(&self, value: &str) -> bool {
        let (value, wanted) = (value.to_lowercase(), self.text.to_lowercase());
        let order = match (value.parse::<i64>(), wanted.parse::<i64>()) {
            (Ok(value), Ok(wanted)) => value.cmp(&wanted),
            _ => value.cmp(&wanted),
        };
        match self.how {
            Match::StartsWith => value.starts_with(&wanted),
            Match::EndsWith => value.ends_with(&wanted),
            Match::Contains => value.contains(&wanted),
            Match::Greater => order.is_gt(),
            Match::GreaterOrEqual => order.is_ge(),
            Match::Equal => order.is_eq(),
            Match::Less => order.is_lt(),
            Match::LessOrEqual => order.is_le(),
        }
    }
}
