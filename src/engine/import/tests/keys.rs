//! Which record a row is laid over, and what it changes there.

use super::{all, configurations, counts, engine, import, names, organization};
use crate::engine::{Import, RowOutcome};
use crate::model::{Origin, RecordKind, RemoteEmail};
use crate::store::{Configuration, Contact, List, Location, Organization, StoreError};

const COMPLETE: &str = "organization,configuration_type,name,serial,primary_mac\n\
    Acme,Workstation,ws1,S1,\n\
    Acme,Workstation,ws2,,00:1B:44:11:3A:B8\n";

#[test]
fn a_file_with_all_matching_columns_can_be_imported_again() {
    let mut engine = engine();
    assert_eq!(counts(&import(&mut engine, COMPLETE)), [2, 0, 0, 0]);
    let again = import(&mut engine, COMPLETE);
    assert_eq!(counts(&again), [0, 0, 2, 0]);
    assert_eq!((again.writes, again.organizations.len()), (0, 0));
    assert_eq!(again.rules["import-key-configuration"], 2);
}

#[test]
fn a_file_without_a_matching_column_makes_its_records_again() {
    let mut engine = engine();
    let file = "organization,name,serial\nAcme,ws1,S1\nAcme,ws2,S2\n";
    let first = import(&mut engine, file);
    assert_eq!(first.rules["import-key-incomplete"], 2);
    assert_eq!(counts(&import(&mut engine, file)), [2, 0, 0, 0]);
    assert_eq!(names(&engine), ["ws1", "ws2", "ws1", "ws2"]);
    assert_eq!(all::<Organization>(&engine).len(), 1);
}

#[test]
fn serial_number_and_mac_count_only_with_a_column() {
    let mut engine = engine();
    import(&mut engine, COMPLETE);
    let bare = "organization,configuration_type,name,notes\nAcme,Workstation,ws1,desk 4\n";
    assert_eq!(counts(&import(&mut engine, bare)), [0, 1, 0, 0]);
    let record = &all::<Configuration>(&engine)[0];
    assert_eq!(record.value.serial.as_deref(), Some("S1"));
    assert_eq!(record.value.notes.as_deref(), Some("desk 4"));
    assert_eq!(record.origin, Origin::Import);
    // With the column an empty serial number is one of its own.
    let empty = "organization,configuration_type,name,serial\nAcme,Workstation,ws1,\n";
    assert_eq!(counts(&import(&mut engine, empty)), [1, 0, 0, 0]);
}

#[test]
fn names_are_compared_byte_for_byte() {
    let mut engine = engine();
    import(&mut engine, COMPLETE);
    let other = COMPLETE.replace("ws1", "WS1").replace("Acme", "acme");
    assert_eq!(counts(&import(&mut engine, &other)), [2, 0, 0, 0]);
    assert_eq!(all::<Organization>(&engine).len(), 2);
}

#[test]
fn an_empty_cell_leaves_the_field_as_it_is() {
    let mut engine = engine();
    let file = "organization,configuration_type,name,status,model\nAcme,PC,ws1,Active,7010\n";
    import(&mut engine, file);
    let file = "organization,configuration_type,name,status,model\nAcme,PC,ws1,Retired,\n";
    let report = import(&mut engine, file);
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    assert_eq!(report.rules["import-empty-cell"], 1);
    let record = &all::<Configuration>(&engine)[0];
    assert_eq!(record.value.status.as_deref(), Some("Retired"));
    assert_eq!(record.value.model.as_deref(), Some("7010"));
}

#[test]
fn two_rows_for_one_record_are_laid_over_it_in_turn() {
    let mut engine = engine();
    let file = "organization,configuration_type,name,status,model\n\
                Acme,PC,ws1,Active,\nAcme,PC,ws1,Retired,7010\nAcme,PC,ws1,Retired,\n";
    let report = import(&mut engine, file);
    assert_eq!(counts(&report), [1, 1, 1, 0]);
    assert_eq!(report.rules["import-same-record"], 2);
    let ids: Vec<_> = report.rows.iter().map(|row| row.record_id).collect();
    assert!(ids.iter().all(|id| *id == ids[0] && id.is_some()));
    assert_eq!(report.rows[2].outcome, RowOutcome::Unchanged);
}

#[test]
fn the_oldest_is_taken_and_the_archive_left_alone() {
    let mut engine = engine();
    import(
        &mut engine,
        "organization,name,serial\nAcme,ws1,S1\nAcme,ws1,S1\n",
    );
    let file = "organization,configuration_type,name,serial,notes\nAcme,,ws1,S1,note\n";
    let report = import(&mut engine, file);
    let records = all::<Configuration>(&engine);
    assert_eq!(report.rows[0].record_id, Some(records[0].id));
    let archive = |engine: &mut crate::engine::Engine| {
        let account = &mut engine.account;
        account
            .write::<_, StoreError>(|writer| {
                for record in &records {
                    writer.set_archived::<Configuration>(record.id, true)?;
                }
                writer.set_archived::<Organization>(records[0].value.organization_id, true)
            })
            .unwrap();
    };
    archive(&mut engine);
    let report = import(&mut engine, file);
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    assert_eq!(report.organizations.len(), 1);
}

#[test]
fn one_organization_does_not_find_the_records_of_another() {
    let mut engine = engine();
    let (acme, lark) = (
        organization(&mut engine, "Acme"),
        organization(&mut engine, "Lark"),
    );
    let file = b"configuration_type,name\nPC,ws1\n";
    let into = |id| Import {
        organization: Some(id),
        ..configurations(file)
    };
    assert_eq!(counts(&engine.import(into(acme)).unwrap()), [1, 0, 0, 0]);
    assert_eq!(counts(&engine.import(into(lark)).unwrap()), [1, 0, 0, 0]);
    assert_eq!(counts(&engine.import(into(acme)).unwrap()), [0, 0, 1, 0]);
}

#[test]
fn each_kind_has_its_key() {
    for (kind, complete, incomplete) in [
        (RecordKind::Organization, "name,status\nAcme,Active\n", None),
        (
            RecordKind::Location,
            "organization,name,address_1,address_2,city,region,country\nAcme,Main,1 Pier,,Halifax,NS,Canada\n",
            Some("organization,name,city\nAcme,Main,Halifax\n"),
        ),
        (
            RecordKind::Contact,
            "organization,first_name,last_name\nAcme,Pat,\n",
            Some("organization,first_name\nAcme,Pat\n"),
        ),
    ] {
        let again = |file: &str| {
            let mut engine = engine();
            let mut run = || counts(&engine.import(Import::new(kind, file.as_bytes())).unwrap());
            run();
            run()
        };
        assert_eq!(again(complete), [0, 0, 1, 0], "{complete}");
        if let Some(incomplete) = incomplete {
            assert_eq!(again(incomplete), [1, 0, 0, 0], "{incomplete}");
        }
    }
}

#[test]
fn a_location_finds_its_record_by_the_whole_address() {
    let mut engine = engine();
    let head = "organization,name,address_1,address_2,city,region,country,phone\n";
    let mut run = |row: &str| {
        let file = format!("{head}{row}\n");
        counts(
            &engine
                .import(Import::new(RecordKind::Location, file.as_bytes()))
                .unwrap(),
        )
    };
    assert_eq!(run("Acme,Main,1 Pier,,Halifax,NS,Canada,1"), [1, 0, 0, 0]);
    assert_eq!(run("Acme,Main,1 Pier,,Halifax,NS,Canada,2"), [0, 1, 0, 0]);
    assert_eq!(run("Acme,Main,1 Pier,,Halifax,NS,,2"), [1, 0, 0, 0]);
    assert_eq!(all::<Location>(&engine).len(), 2);
}

#[test]
fn addresses_that_stay_keep_their_labels() {
    let mut engine = engine();
    let acme = organization(&mut engine, "Acme");
    let email = |address: &str, label: Option<&str>, primary| RemoteEmail {
        address: address.into(),
        label: label.map(str::to_owned),
        primary,
    };
    let pat = Contact {
        organization_id: acme,
        first_name: "Pat".into(),
        emails: List(vec![email("p@acme.example", Some("Work"), true)]),
        ..Contact::default()
    };
    let account = &mut engine.account;
    account
        .write::<_, StoreError>(|writer| writer.insert(Origin::Manual, &pat))
        .unwrap();
    let mut run = |emails: &str| {
        let file = format!("organization,first_name,last_name,emails\nAcme,Pat,,{emails}\n");
        let report = engine.import(Import::new(RecordKind::Contact, file.as_bytes()));
        let [record] = all::<Contact>(&engine).try_into().unwrap();
        (counts(&report.unwrap()), record.value.emails.0)
    };
    let labelled = vec![email("p@acme.example", Some("Work"), true)];
    assert_eq!(run("p@acme.example"), ([0, 0, 1, 0], labelled));
    let plain = vec![email("q@acme.example", None, true)];
    assert_eq!(run("q@acme.example"), ([0, 1, 0, 0], plain));
}
