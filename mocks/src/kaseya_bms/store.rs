//! The tenant's records: accounts, locations, contacts and assets, and the lists that they choose from.
//! It must not know HTTP.

use serde_json::{Value, json};

use crate::kit::{Collection, Ledger, Object, at};
use crate::world::Kind;

/// The lists of the tenant, by the names under which they are looked up. The names are not published
/// (inferred).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    AccountTypes,
    BusinessTypes,
    AssetCategories,
    AssetStates,
    EmailTypes,
    PhoneTypes,
    Manufacturers,
    Countries,
}

impl Names {
    pub(super) const ALL: [Self; 8] = [
        Self::AccountTypes,
        Self::BusinessTypes,
        Self::AssetCategories,
        Self::AssetStates,
        Self::EmailTypes,
        Self::PhoneTypes,
        Self::Manufacturers,
        Self::Countries,
    ];

    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::AccountTypes => "AccountTypes",
            Self::BusinessTypes => "BusinessTypes",
            Self::AssetCategories => "AssetCategories",
            Self::AssetStates => "AssetStates",
            Self::EmailTypes => "EmailTypes",
            Self::PhoneTypes => "PhoneTypes",
            Self::Manufacturers => "Manufacturers",
            Self::Countries => "Countries",
        }
    }

    pub(super) fn of(table: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|names| names.table().eq_ignore_ascii_case(table))
    }
}

/// All records.
#[derive(Debug)]
pub(super) struct Store {
    collections: [Collection; 4],
    lists: Vec<Vec<String>>,
    pub(super) ledger: Ledger,
    /// The MSP's name, which is the tenant's.
    pub(super) tenant: String,
    items: u64,
}

/// The employee that the API acts for.
pub(super) const EMPLOYEE: u64 = 17;
pub(super) const EMPLOYEE_NAME: &str = "sync.api";

const ACCOUNT: &[&str] = &[
    "id",
    "createdOn",
    "modifiedOn",
    "parentId",
    "accountCode",
    "accountName",
];
const LOCATION: &[&str] = &[
    "id",
    "createdOn",
    "modifiedOn",
    "locationName",
    "isMain",
    "isActive",
];
const CONTACT: &[&str] = &[
    "id",
    "createdOn",
    "modifiedOn",
    "accountId",
    "accountName",
    "locationId",
];
const ASSET: &[&str] = &[
    "id",
    "name",
    "accountId",
    "accountName",
    "accountLocationId",
];

impl Store {
    pub(super) fn new(tenant: &str) -> Self {
        let account = Some("accountId");
        Self {
            collections: [
                Collection::new(20_551, None, ACCOUNT),
                Collection::new(31_001, account, LOCATION),
                Collection::new(88_120, account, CONTACT),
                Collection::new(77_001, account, ASSET),
            ],
            lists: vec![Vec::new(); Names::ALL.len()],
            ledger: Ledger::new(),
            tenant: tenant.to_owned(),
            items: 40_000,
        }
    }

    pub(super) const fn of(&self, kind: Kind) -> &Collection {
        &self.collections[kind as usize]
    }

    pub(super) const fn of_mut(&mut self, kind: Kind) -> &mut Collection {
        &mut self.collections[kind as usize]
    }

    pub(super) fn get(&self, kind: Kind, id: u64) -> Option<Object> {
        self.of(kind).get(id)
    }

    /// An id for an address, an e-mail or a telephone number.
    pub(super) const fn item_id(&mut self) -> u64 {
        self.items += 1;
        self.items
    }

    /// The id of a name in a list, made where there is none. Ids are places, from 1.
    pub(super) fn named(&mut self, list: Names, name: &str) -> u64 {
        let names = &mut self.lists[list as usize];
        let at = names.iter().position(|own| own.eq_ignore_ascii_case(name));
        let at = at.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        at as u64 + 1
    }

    /// The name of an id in a list.
    pub(super) fn name(&self, list: Names, id: u64) -> Option<&str> {
        let at = usize::try_from(id.checked_sub(1)?).ok()?;
        self.lists[list as usize].get(at).map(String::as_str)
    }

    /// A list as it is looked up.
    pub(super) fn list(&self, list: Names) -> Value {
        let rows = (1_u64..).zip(&self.lists[list as usize]);
        rows.map(
            |(id, name)| json!({ "id": id, "name": name, "isActive": true, "isDefault": id == 1 }),
        )
        .collect()
    }

    /// The types of accounts, which have a lookup of their own and other members there (documented).
    pub(super) fn account_types(&self) -> Value {
        let rows = (1_u64..).zip(&self.lists[Names::AccountTypes as usize]);
        let rows = rows.map(|(id, name)| {
            let vendor = name.eq_ignore_ascii_case("vendor");
            json!({ "id": id, "name": name, "isActive": true, "isClient": true, "isVendor": vendor })
        });
        rows.collect()
    }

    /// An account as it is shown: with its locations.
    pub(super) fn account(&self, id: u64) -> Option<Object> {
        let mut account = self.get(Kind::Organization, id)?;
        let locations = self.of(Kind::Location).owned(id).iter();
        let locations: Vec<Value> = locations
            .filter_map(|location| self.location(*location).map(Value::Object))
            .collect();
        account.insert("locations".to_owned(), locations.into());
        Some(account)
    }

    /// A location as it is shown: without the account, which it is kept with.
    pub(super) fn location(&self, id: u64) -> Option<Object> {
        let mut location = self.get(Kind::Location, id)?;
        location.remove("accountId");
        Some(location)
    }

    /// Names that records repeat follow a change.
    pub(super) fn rename(&mut self, kind: Kind, id: u64, name: &str) {
        let places: &[(Kind, &str, &str)] = match kind {
            Kind::Organization => &[
                (Kind::Contact, "accountId", "accountName"),
                (Kind::Device, "accountId", "accountName"),
            ],
            Kind::Location => &[
                (Kind::Contact, "locationId", "locationName"),
                (Kind::Device, "accountLocationId", "accountLocation"),
            ],
            Kind::Contact | Kind::Device => &[],
        };
        let account = match kind {
            Kind::Organization => Some(id),
            _ => self
                .get(kind, id)
                .and_then(|record| at(&record, "accountId").as_u64()),
        };
        let Some(account) = account else { return };
        for (dependent, reference, shown) in places {
            for other in self.of(*dependent).owned(account).to_vec() {
                if let Some(mut record) = self.get(*dependent, other)
                    && at(&record, reference).as_u64() == Some(id)
                    && at(&record, shown) != name
                {
                    record.insert((*shown).to_owned(), name.into());
                    self.of_mut(*dependent).put(other, &record);
                }
            }
        }
    }

    /// Assets show the name of their contact.
    pub(super) fn rename_contact(&mut self, id: u64, contact: &Object) {
        let Some(account) = at(contact, "accountId").as_u64() else {
            return;
        };
        for asset in self.of(Kind::Device).owned(account).to_vec() {
            let Some(mut record) = self.get(Kind::Device, asset) else {
                continue;
            };
            let names = [
                ("contactFirstName", at(contact, "firstName")),
                ("contactLastName", at(contact, "lastName")),
            ];
            let stale = names
                .iter()
                .any(|(member, name)| at(&record, member) != *name);
            if stale && at(&record, "contactId").as_u64() == Some(id) {
                for (member, name) in names {
                    record.insert(member.to_owned(), name.clone());
                }
                self.of_mut(Kind::Device).put(asset, &record);
            }
        }
    }
}
