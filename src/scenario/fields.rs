//! Names of the account's fields, as the outcome has them. References to other records are left
//! out: their values are ids that the account gives, which no script can know.

use syncrig_mocks::world::Kind;

const ORGANIZATION: &[&str] = &[
    "name",
    "short_name",
    "organization_type",
    "status",
    "quick_notes",
    "is_primary",
];

const LOCATION: &[&str] = &[
    "name",
    "address_1",
    "address_2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "fax",
    "is_primary",
];

const CONTACT: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "title",
    "contact_type",
    "emails",
    "phones",
];

const CONFIGURATION: &[&str] = &[
    "name",
    "hostname",
    "configuration_type",
    "status",
    "asset_tag",
    "serial",
    "primary_mac",
    "primary_ip",
    "default_gateway",
    "manufacturer",
    "model",
    "operating_system",
    "purchased_on",
    "installed_on",
    "installed_by",
    "warranty_expires_on",
    "rmm_location",
    "notes",
    "interfaces",
];

/// Shown from the RMM, never stored.
const OVERLAY: &[&str] = &[
    "cpu",
    "disks",
    "last_reboot",
    "last_seen",
    "last_user",
    "memory_bytes",
];

/// Fields that are stored of a kind of record; a device's record is a configuration.
pub(super) const fn stored(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Organization => ORGANIZATION,
        Kind::Location => LOCATION,
        Kind::Contact => CONTACT,
        Kind::Device => CONFIGURATION,
    }
}

/// Fields that only the overlay has.
pub(super) const fn overlay_only(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Device => OVERLAY,
        Kind::Organization | Kind::Location | Kind::Contact => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::store::{Configuration, Contact, Location, Organization, Stored};

    fn columns<T: Stored>() -> BTreeSet<&'static str> {
        T::COLUMNS
            .iter()
            .copied()
            .filter(|column| !column.ends_with("_id"))
            .collect()
    }

    #[test]
    fn scripts_know_the_fields_that_the_account_stores() {
        let names = |kind| stored(kind).iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(names(Kind::Organization), columns::<Organization>());
        assert_eq!(names(Kind::Location), columns::<Location>());
        assert_eq!(names(Kind::Device), columns::<Configuration>());
        // A contact's name is put together from its two parts.
        let mut contact = columns::<Contact>();
        contact.insert("name");
        assert_eq!(names(Kind::Contact), contact);
    }
}
