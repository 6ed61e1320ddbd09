//! What a person types off one of the tools: the PSA's record of the entity, else the RMM's, else its
//! true values, with those that the script gives instead.

use syncrig::scenario::AccountCreate;
use syncrig_mocks::world::{Kind, Record, Tool, ToolRecords, World};

use super::model::Fields;
use super::psa::fields as of;

pub(super) fn fields(world: &World, create: &AccountCreate) -> Fields {
    let (kind, key) = (create.entity.kind, create.entity.key.as_str());
    let held = [Tool::Psa, Tool::Rmm]
        .into_iter()
        .find_map(|tool| record(world.project(tool), kind, key));
    // What no tool holds is known as the PSA would get it.
    let record = held.or_else(|| world.fresh(Tool::Psa, kind, key).ok());
    let mut fields = record.map(typed_off).unwrap_or_default();
    let values = &create.values;
    if let Some(name) = &values.name {
        if kind == Kind::Contact {
            let (first, last) = match name.split_once(' ') {
                Some((first, last)) => (first, Some(last.to_owned())),
                None => (name.as_str(), None),
            };
            replace(&mut fields, "first_name", Some(&first.to_owned()));
            replace(&mut fields, "last_name", last.as_ref());
        } else {
            replace(&mut fields, "name", Some(name));
        }
    }
    let type_field = match kind {
        Kind::Organization => "organization_type",
        Kind::Contact => "contact_type",
        Kind::Location | Kind::Device => "configuration_type",
    };
    let given = [
        (type_field, &values.record_type),
        ("status", &values.status),
        ("serial", &values.serial),
        ("primary_mac", &values.mac),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            replace(&mut fields, name, value.as_ref());
        }
    }
    fields
}

fn replace(fields: &mut Fields, name: &'static str, value: Option<&String>) {
    fields.remove(name);
    fields.extend(value.map(|value| (name, value.clone())));
}

fn record(records: ToolRecords, kind: Kind, key: &str) -> Option<Record> {
    Some(match kind {
        Kind::Organization => (records.organizations.into_iter())
            .find(|it| it.truth == key)?
            .into(),
        Kind::Location => (records.locations.into_iter())
            .find(|it| it.truth == key)?
            .into(),
        Kind::Contact => (records.contacts.into_iter())
            .find(|it| it.truth == key)?
            .into(),
        Kind::Device => (records.devices.into_iter())
            .find(|it| it.truth == key)?
            .into(),
    })
}

fn typed_off(record: Record) -> Fields {
    match record {
        Record::Organization(it) => of([
            ("name", Some(&it.name)),
            ("organization_type", it.organization_type.as_ref()),
            ("status", it.status.as_ref()),
        ]),
        Record::Location(it) => of([
            ("name", Some(&it.name)),
            ("address_1", it.address.line_1.as_ref()),
            ("address_2", it.address.line_2.as_ref()),
            ("city", it.address.city.as_ref()),
            ("country", it.address.country.as_ref()),
        ]),
        Record::Contact(it) => of([
            ("first_name", Some(&it.first_name)),
            ("last_name", Some(&it.last_name)),
            ("contact_type", it.contact_type.as_ref()),
        ]),
        Record::Device(it) => of([
            ("name", Some(&it.name)),
            ("configuration_type", it.configuration_type.as_ref()),
            ("status", it.status.as_ref()),
            ("serial", it.serial.as_ref()),
            (
                "primary_mac",
                it.nics.first().and_then(|nic| nic.mac.as_ref()),
            ),
        ]),
    }
}
