//! What a person types off one of the tools: the PSA's record of the entity, else the RMM's, else no
//! more than the name, with the values that the script gives instead.

use syncrig::scenario::AccountCreate;
use syncrig_mocks::world::{Kind, Tool, ToolRecords, World};

use super::model::{Fields, given};
use super::psa::fields as of;

pub(super) fn fields(world: &World, create: &AccountCreate) -> Fields {
    let (kind, key) = (create.entity.kind, create.entity.key.as_str());
    let typed = [Tool::Psa, Tool::Rmm]
        .into_iter()
        .find_map(|tool| typed_off(&world.project(tool), kind, key));
    let mut fields = typed.unwrap_or_else(|| {
        let name = world.entity(kind, key).map(|entity| entity.name);
        match kind {
            Kind::Contact => of([("first_name", name.as_ref())]),
            _ => of([("name", name.as_ref())]),
        }
    });
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
    fields.extend(given(value).map(|value| (name, value)));
}

fn typed_off(records: &ToolRecords, kind: Kind, key: &str) -> Option<Fields> {
    match kind {
        Kind::Organization => {
            let it = records.organizations.iter().find(|it| it.truth == key)?;
            Some(of([
                ("name", Some(&it.name)),
                ("organization_type", it.organization_type.as_ref()),
                ("status", it.status.as_ref()),
            ]))
        }
        Kind::Location => {
            let it = records.locations.iter().find(|it| it.truth == key)?;
            Some(of([
                ("name", Some(&it.name)),
                ("address_1", it.address.line_1.as_ref()),
                ("address_2", it.address.line_2.as_ref()),
                ("city", it.address.city.as_ref()),
                ("country", it.address.country.as_ref()),
            ]))
        }
        Kind::Contact => {
            let it = records.contacts.iter().find(|it| it.truth == key)?;
            Some(of([
                ("first_name", Some(&it.first_name)),
                ("last_name", Some(&it.last_name)),
                ("contact_type", it.contact_type.as_ref()),
            ]))
        }
        Kind::Device => {
            let it = records.devices.iter().find(|it| it.truth == key)?;
            let mac = it.nics.first().and_then(|nic| nic.mac.as_ref());
            Some(of([
                ("name", Some(&it.name)),
                ("configuration_type", it.configuration_type.as_ref()),
                ("status", it.status.as_ref()),
                ("serial", it.serial.as_ref()),
                ("primary_mac", mac),
            ]))
        }
    }
}
