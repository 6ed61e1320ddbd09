//! What a person enters in the account by hand: an entity's values, typed off one tool's records.

use syncrig_mocks::world::{Kind, ToolRecords};

use super::subject::NewRecord;
use crate::model::{RecordKind, RemoteEmail, RemotePhone};

/// The values of an entity as a tool's record has them; `None` when the tool has none of it.
pub(super) fn typed_off(records: &ToolRecords, kind: Kind, key: &str) -> Option<NewRecord> {
    match kind {
        Kind::Organization => {
            let it = records.organizations.iter().find(|it| it.truth == key)?;
            let mut record = NewRecord::named(RecordKind::Organization, &it.name);
            record.record_type.clone_from(&it.organization_type);
            record.status.clone_from(&it.status);
            Some(record)
        }
        Kind::Location => {
            let it = records.locations.iter().find(|it| it.truth == key)?;
            let mut record = NewRecord::named(RecordKind::Location, &it.name);
            let address = it.address.clone();
            record.address = [
                address.line_1,
                address.line_2,
                address.city,
                address.region,
                address.postal_code,
                address.country,
            ];
            Some(record)
        }
        Kind::Contact => {
            let it = records.contacts.iter().find(|it| it.truth == key)?;
            let mut record = NewRecord::named(RecordKind::Contact, &it.first_name);
            record.last_name = Some(it.last_name.clone());
            record.record_type.clone_from(&it.contact_type);
            let emails = it.emails.iter().enumerate().map(|(at, email)| RemoteEmail {
                address: email.address.clone(),
                label: email.email_type.clone(),
                primary: at == 0,
            });
            record.emails = emails.collect();
            let phones = it.phones.iter().enumerate().map(|(at, phone)| RemotePhone {
                number: phone.number.clone(),
                extension: phone.extension.clone(),
                label: phone.phone_type.clone(),
                primary: at == 0,
            });
            record.phones = phones.collect();
            Some(record)
        }
        Kind::Device => {
            let it = records.devices.iter().find(|it| it.truth == key)?;
            let mut record = NewRecord::named(RecordKind::Configuration, &it.name);
            record.record_type.clone_from(&it.configuration_type);
            record.status.clone_from(&it.status);
            record.serial.clone_from(&it.serial);
            record.mac = it.nics.first().and_then(|nic| nic.mac.clone());
            Some(record)
        }
    }
}

/// Gives a record the name that the script says; of a contact it is the first and the last name.
pub(super) fn rename(record: &mut NewRecord, name: &str) {
    let (first, last) = match name.split_once(' ') {
        Some((first, last)) if record.kind == RecordKind::Contact => (first, Some(last)),
        _ => (name, None),
    };
    record.name = first.to_owned();
    if record.kind == RecordKind::Contact {
        record.last_name = last.map(str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_contact_has_a_last_name() {
        let renamed = |kind, name| {
            let mut record = NewRecord::named(kind, "Pat");
            record.last_name = (kind == RecordKind::Contact).then(|| "Doe".to_owned());
            rename(&mut record, name);
            (record.name, record.last_name)
        };
        let contact = |name| renamed(RecordKind::Contact, name);
        let text = str::to_owned;
        assert_eq!(
            contact("Lee van Park"),
            (text("Lee"), Some(text("van Park")))
        );
        assert_eq!(contact("Lee"), (text("Lee"), None));
        assert_eq!(
            renamed(RecordKind::Organization, "Acme Dental"),
            (text("Acme Dental"), None)
        );
    }
}
