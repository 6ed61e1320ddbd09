//! What an import must know of a kind of record: by which values a row finds its record. The keys are
//! those of the first contact with a PSA (rule book 4.3); the product's own table for imports could
//! not be retrieved (inferred).

use crate::engine::account::Pushed;
use crate::engine::rules;
use crate::store::{Configuration, Contact, Location, Organization, RowId, Stored as _};

/// A kind of record that can be imported.
pub(super) trait Target: Pushed + Default {
    /// The rule of its key.
    const KEY_RULE: &'static str;
    /// The parts of its key beside the organization, in the order of [`Target::key`].
    const KEY: &'static [&'static str];
    /// Parts that do not count when the file has no such column.
    const DROPPED_WITHOUT_COLUMN: &'static [&'static str];

    /// The parts of the key. All must be equal; a part that is empty on both sides counts as equal.
    fn key(&self) -> Vec<Option<&str>>;

    /// Puts the record under an organization.
    fn put_under(&mut self, organization_id: RowId);

    /// Keeps what no column has (labels of addresses) where the column says the same as before.
    fn keep_labels(&mut self, _before: &Self) {}
}

impl Target for Organization {
    const KEY_RULE: &'static str = rules::IMPORT_KEY_ORGANIZATION;
    const KEY: &'static [&'static str] = &["name"];
    const DROPPED_WITHOUT_COLUMN: &'static [&'static str] = &[];

    fn key(&self) -> Vec<Option<&str>> {
        vec![Some(&self.name)]
    }

    fn put_under(&mut self, _organization_id: RowId) {}
}

impl Target for Location {
    const KEY_RULE: &'static str = rules::IMPORT_KEY_LOCATION;
    const KEY: &'static [&'static str] = &[
        "name",
        "address_1",
        "address_2",
        "city",
        "region",
        "country",
    ];
    const DROPPED_WITHOUT_COLUMN: &'static [&'static str] = &[];

    fn key(&self) -> Vec<Option<&str>> {
        vec![
            Some(&self.name),
            self.address_1.as_deref(),
            self.address_2.as_deref(),
            self.city.as_deref(),
            self.region.as_deref(),
            self.country.as_deref(),
        ]
    }

    fn put_under(&mut self, organization_id: RowId) {
        self.organization_id = organization_id;
    }
}

impl Target for Contact {
    const KEY_RULE: &'static str = rules::IMPORT_KEY_CONTACT;
    const KEY: &'static [&'static str] = &["first_name", "last_name"];
    const DROPPED_WITHOUT_COLUMN: &'static [&'static str] = &[];

    fn key(&self) -> Vec<Option<&str>> {
        vec![Some(&self.first_name), self.last_name.as_deref()]
    }

    fn keep_labels(&mut self, before: &Self) {
        if self.field("emails") == before.field("emails") {
            self.emails.clone_from(&before.emails);
        }
        if self.field("phones") == before.field("phones") {
            self.phones.clone_from(&before.phones);
        }
    }

    fn put_under(&mut self, organization_id: RowId) {
        self.organization_id = organization_id;
    }
}

impl Target for Configuration {
    const KEY_RULE: &'static str = rules::IMPORT_KEY_CONFIGURATION;
    const KEY: &'static [&'static str] = &["configuration_type", "name", "serial", "primary_mac"];
    const DROPPED_WITHOUT_COLUMN: &'static [&'static str] = &["serial", "primary_mac"];

    fn key(&self) -> Vec<Option<&str>> {
        vec![
            self.configuration_type.as_deref(),
            Some(&self.name),
            self.serial.as_deref(),
            self.primary_mac.as_deref(),
        ]
    }

    fn put_under(&mut self, organization_id: RowId) {
        self.organization_id = organization_id;
    }
}
