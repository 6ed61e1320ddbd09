//! What a script says of a PSA's settings, in a subject's words. It knows no subject and no step.

use syncrig_mocks::world::Located;

use super::subject::Disconnect;
use crate::engine::{PsaRows, PsaSettings};
use crate::scenario;

pub(super) fn psa_settings(settings: &scenario::PsaSettings) -> PsaSettings {
    let names = |list: &Option<Vec<Located<String>>>| {
        list.as_ref()
            .map(|list| list.iter().map(|name| name.value.clone()).collect())
    };
    PsaSettings {
        organization_types: names(&settings.organization_types),
        organization_statuses: names(&settings.organization_statuses),
        configuration_types: names(&settings.configuration_types),
        configuration_statuses: names(&settings.configuration_statuses),
        two_way: settings.two_way,
        contact_email_type: settings.contact_email_type.clone(),
        contact_phone_type: settings.contact_phone_type.clone(),
        locations: settings.locations,
        contacts: settings.contacts,
    }
}

pub(super) fn psa_rows(rows: &scenario::PsaRows) -> PsaRows {
    let names = |list: &[Located<String>]| list.iter().map(|name| name.value.clone()).collect();
    PsaRows {
        organization_types: names(&rows.organization_types),
        organization_statuses: names(&rows.organization_statuses),
        configuration_types: names(&rows.configuration_types),
        configuration_statuses: names(&rows.configuration_statuses),
    }
}

pub(super) const fn kept(how: scenario::PsaDisconnect) -> Disconnect {
    match how {
        scenario::PsaDisconnect::Pause => Disconnect::Pause,
        scenario::PsaDisconnect::Keep => Disconnect::Keep,
        scenario::PsaDisconnect::Delete => Disconnect::Delete,
    }
}
