//! What a person enters in the account by hand: an entity's values, typed off one tool's records.

use syncrig_mocks::world::{Kind, Record, ToolRecords};

use super::subject::NewRecord;
use crate::model::{RecordKind, RemoteEmail, RemotePhone};

/// The values of an entity as a tool's record has them; `None` when the tool has none of it.
pub(super) fn typed_off(records: ToolRecords, kind: Kind, key: &str) -> Option<NewRecord> {
    let ToolRecords {
        organizations,
        locations,
        contacts,
        devices,
        ..
    } = records;
    let record = match kind {
        Kind::Organization => organizations.into_iter().find(|it| it.truth == key)?.into(),
        Kind::Location => locations.into_iter().find(|it| it.truth == key)?.into(),
        Kind::Contact => contacts.into_iter().find(|it| it.truth == key)?.into(),
        Kind::Device => devices.into_iter().find(|it| it.truth == key)?.into(),
    };
    Some(from_record(record))
}

/// The values of one record.
pub(super) fn from_record(record: Record) -> NewRecord {
    match record {
        Record::Organization(it) => {
            let mut record = NewRecord::named(RecordKind::Organization, it.name);
            record.record_type = it.organization_type;
            record.status = it.status;
            record
        }
        Record::Location(it) => {
            let mut record = NewRecord::named(RecordKind::Location, it.name);
            let address = it.address;
            record.address = [
                address.line_1,
                address.line_2,
                address.city,
                address.region,
                address.postal_code,
                address.country,
            ];
            record
        }
        Record::Contact(it) => {
            let mut record = NewRecord::named(RecordKind::Contact, it.first_name);
            record.last_name = Some(it.last_name);
            record.record_type = it.contact_type;
            let emails = it.emails.into_iter().enumerate();
            let emails = emails.map(|(at, email)| RemoteEmail {
                address: email.address,
                label: email.email_type,
                primary: at == 0,
            });
            record.emails = emails.collect();
            let phones = it.phones.into_iter().enumerate();
            let phones = phones.map(|(at, phone)| RemotePhone {
                number: phone.number,
                extension: phone.extension,
                label: phone.phone_type,
                primary: at == 0,
            });
            record.phones = phones.collect();
            record
        }
        Record::Device(it) => {
            let mut record = NewRecord::named(RecordKind::Configuration, it.name);
            record.record_type = it.configuration_type;
            record.status = it.status;
            record.serial = it.serial;
            record.mac = it.nics.into_iter().next().and_then(|nic| nic.mac);
            record
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
