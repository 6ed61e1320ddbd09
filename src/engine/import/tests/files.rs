//! Files as wholes: headers, the wizard, what is refused, what is reported of bad rows.

use super::{all, configurations, counts, engine, import, names, organization, refusal};
use crate::engine::{Import, ImportFormat, RowOutcome};
use crate::model::{ImportProblem, Origin, RecordKind, SyncStatus};
use crate::store::{Configuration, Contact, Location, Organization};

#[test]
fn columns_stand_in_any_order_and_headers_are_forgiving() {
    let mut engine = engine();
    let report = import(
        &mut engine,
        "Serial,Configuration Type, NAME ,organization,purchased_on\n\
         5CG1,Workstation,ACME-WS1,Acme,2026-03-31\n",
    );
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    let [organization] = all::<Organization>(&engine).try_into().unwrap();
    let [record] = all::<Configuration>(&engine).try_into().unwrap();
    assert_eq!(
        (organization.origin, record.origin),
        (Origin::Import, Origin::Import)
    );
    let expected = Configuration {
        organization_id: organization.id,
        name: "ACME-WS1".into(),
        serial: Some("5CG1".into()),
        configuration_type: Some("Workstation".into()),
        purchased_on: Some("2026-03-31".into()),
        ..Configuration::default()
    };
    assert_eq!(record.value, expected);
    assert_eq!(report.organizations, [(0, organization.id)]);
    assert_eq!(report.writes, 2);
}

#[test]
fn the_wizard_maps_requires_and_ignores() {
    let mut engine = engine();
    fn wizard(file: &str) -> Import<'_> {
        Import {
            columns: vec![
                ("asset NAME".into(), "name".into()),
                ("Label, short".into(), "notes".into()),
            ],
            ignore: vec!["junk".into()],
            required: vec!["serial".into()],
            ..configurations(file.as_bytes())
        }
    }
    let without = "organization,\"Label, short\",Asset name,junk\nAcme,x,ws1,2\n";
    let error = refusal(&mut engine, wizard(without));
    assert_eq!(error.code(), "import-required-column", "{error}");
    let text = "organization,\"Label, short\",Asset name,junk,serial\nAcme,x,ws1,2,5CG1\n";
    let report = engine.import(wizard(text)).unwrap();
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    let [record] = all::<Configuration>(&engine).try_into().unwrap();
    assert_eq!(record.value.notes.as_deref(), Some("x"));
    let bare = "organization,\"Label, short\",Asset name,junk,serial\nAcme,x,ws1,2,\n";
    let error = refusal(&mut engine, wizard(bare));
    assert!(error.to_string().contains("`serial` is empty"), "{error}");
}

#[test]
fn headers_that_cannot_be_told_for_certain_refuse_the_file() {
    for (file, column, part) in [
        ("", None, "is empty"),
        ("\n\r\n\n", None, "is empty"),
        ("\u{feff}", None, "is empty"),
        ("name,organization,colour\n", Some(3), "`colour`"),
        (
            "name;organization;serial\nx;y;z\n",
            Some(1),
            "name;organization",
        ),
        ("name,organization,Name\n", Some(3), "column 1 too"),
        ("name,,organization\n", Some(2), "has no header"),
        ("<xml>,name\n", Some(1), "<xml>"),
        ("\"name,organization\n", Some(1), "never closed"),
        (
            "\"name\"x,organization\n",
            Some(1),
            "behind the closing quote",
        ),
        ("name,orga\0nization\n", Some(2), "zero byte"),
    ] {
        let error = refusal(&mut engine(), configurations(file.as_bytes()));
        assert_eq!(error.code(), "import-header", "{file:?}: {error}");
        let told = error.to_string();
        assert!(told.contains(part), "{file:?}: {told}");
        let place = column.map_or("line 1:".to_owned(), |at| format!("line 1, column {at}:"));
        assert!(told.starts_with(&place), "{file:?}: {told}");
    }
    let two = Import {
        columns: vec![("label".into(), "name".into())],
        ..configurations(b"label,name,organization\n")
    };
    let error = refusal(&mut engine(), two);
    assert!(
        error.to_string().contains("two columns hold `name`"),
        "{error}"
    );
    let gone = Import {
        ignore: vec!["junk".into()],
        ..configurations(b"name,organization\n")
    };
    let error = refusal(&mut engine(), gone);
    assert!(error.to_string().contains("no column `junk`"), "{error}");
}

#[test]
fn a_field_that_must_be_there_needs_a_column() {
    for (kind, file, field) in [
        (RecordKind::Configuration, "name,serial\n", "organization"),
        (RecordKind::Configuration, "organization\n", "name"),
        (RecordKind::Organization, "status\n", "name"),
        (
            RecordKind::Contact,
            "organization,last_name\n",
            "first_name",
        ),
    ] {
        let error = refusal(&mut engine(), Import::new(kind, file.as_bytes()));
        assert_eq!(error.code(), "import-required-column");
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[test]
fn what_the_wizard_cannot_mean_is_refused() {
    let mut engine = engine();
    let acme = organization(&mut engine, "Acme");
    let organizations = Import {
        organization: Some(acme),
        ..Import::new(RecordKind::Organization, &b"name\n"[..])
    };
    let field = Import {
        columns: vec![("x".into(), "colour".into())],
        ..configurations(b"x\n")
    };
    let many = Import {
        format: ImportFormat::NetworkDetective,
        ..configurations(b"Computer Name\n")
    };
    let mapped = Import {
        format: ImportFormat::NetworkDetective,
        organization: Some(acme),
        ignore: vec!["x".into()],
        ..configurations(b"Computer Name\n")
    };
    for import in [organizations, field, many, mapped] {
        assert_eq!(refusal(&mut engine, import).code(), "import-settings");
    }
    let column = Import {
        organization: Some(acme),
        ..configurations(b"name,organization\nws1,Acme\n")
    };
    assert_eq!(refusal(&mut engine, column).code(), "import-header");
    let nowhere = Import {
        organization: Some(99),
        ..configurations(b"name\n")
    };
    let error = engine.import(nowhere).unwrap_err();
    assert_eq!(error.code(), "account-unknown-record");
}

#[test]
fn a_header_alone_imports_nothing() {
    let report = import(&mut engine(), "name,organization\n\n\r\n");
    assert_eq!(counts(&report), [0, 0, 0, 0]);
}

const BAD: &str = "name,organization,serial,purchased_on\r\n\
    ws1,Acme,\"two\nlines\",2026-01-05\r\n\
    ws2,Acme,S2,05.01.2026\r\n\
    ,Acme,S3,2026-02-30\r\n\
    ws4,Acme,S4\r\n\
    ws5,Lark,S5,\r\n\
    ws6,Lark,S6,2026-01-06,more\r\n\
    ws7,Acme,\"S\"7,\r\n\
    ws8,Acme,S\08,\r\n\
    ws9,Acme,\"S9,\r\n";

#[test]
fn without_partial_imports_one_bad_row_refuses_the_file() {
    let mut engine = engine();
    let error = refusal(&mut engine, configurations(BAD.as_bytes()));
    assert_eq!(error.code(), "import-row");
    let told = error.to_string();
    assert!(
        told.starts_with("7 of 9 rows are bad") && told.contains("line 4, column 4 (purchased_on)"),
        "{told}"
    );
    let [told] = engine.outcome().unwrap().imports.try_into().unwrap();
    assert_eq!(told.status, SyncStatus::Failed);
    assert!(told.ledger.adds_up());
    assert_eq!((told.ledger.rejected, told.problems.len()), (9, 8));
    assert_eq!(told.rules["import-all-or-nothing"], 1);
    assert_eq!(told.rules["import-date"], 2);
}

#[test]
fn with_partial_imports_bad_rows_are_reported_and_the_others_kept() {
    let mut engine = engine();
    let partial = Import {
        partial: true,
        ..configurations(BAD.as_bytes())
    };
    let report = engine.import(partial).unwrap();
    assert_eq!(counts(&report), [2, 0, 0, 7]);
    assert_eq!(names(&engine), ["ws1", "ws5"]);
    assert_eq!(
        all::<Configuration>(&engine)[0].value.serial.as_deref(),
        Some("two\nlines")
    );
    let outcomes: Vec<(u64, RowOutcome)> = report
        .rows
        .iter()
        .map(|row| (row.line, row.outcome))
        .collect();
    let bad = |line| (line, RowOutcome::Rejected);
    assert_eq!(
        outcomes,
        [
            (2, RowOutcome::Created),
            bad(4),
            bad(5),
            bad(6),
            (7, RowOutcome::Created),
            bad(8),
            bad(9),
            bad(10),
            bad(11),
        ]
    );
    let place = |problem: &ImportProblem| (problem.line, problem.column);
    let places: Vec<_> = report.problems.iter().map(place).collect();
    assert_eq!(
        places,
        [
            (4, Some(4)),
            (5, Some(1)),
            (5, Some(4)),
            (6, None),
            (8, None),
            (9, Some(3)),
            (10, Some(3)),
            (11, Some(3)),
        ]
    );
    let date = &report.problems[2];
    assert_eq!(
        date.to_string(),
        "line 5, column 4 (purchased_on): there is no day 2026-02-30"
    );
    assert_eq!(date.field.as_deref(), Some("purchased_on"));
    assert!(
        report
            .problems
            .iter()
            .all(|problem| !problem.hint.is_empty())
    );
}

#[test]
fn a_bad_row_makes_no_organization() {
    let mut engine = engine();
    let file = b"name,organization,installed_on\nws1,Nowhere,soon\n";
    let partial = Import {
        partial: true,
        ..configurations(file)
    };
    assert_eq!(counts(&engine.import(partial).unwrap()), [0, 0, 0, 1]);
    assert_eq!(all::<Organization>(&engine), []);
}

#[test]
fn locations_contacts_and_organizations_have_fields_of_their_own() {
    let mut engine = engine();
    let file =
        "name,short_name,organization_type,status,quick_notes\nAcme,AC,Client,Active,\"a, b\"\n";
    engine
        .import(Import::new(RecordKind::Organization, file.as_bytes()))
        .unwrap();
    let file = "organization,name,city,is_primary\nAcme,Main,Halifax,YES\nAcme,Depot,,no\n";
    engine
        .import(Import::new(RecordKind::Location, file.as_bytes()))
        .unwrap();
    let file = "organization,first_name,last_name,emails,phones\n\
                Acme,Pat,Doe,\"pat@acme.example, p@acme.example\",555-0100\n";
    engine
        .import(Import::new(RecordKind::Contact, file.as_bytes()))
        .unwrap();
    let [acme] = all::<Organization>(&engine).try_into().unwrap();
    assert_eq!(acme.value.quick_notes.as_deref(), Some("a, b"));
    let primary: Vec<bool> = all::<Location>(&engine)
        .iter()
        .map(|it| it.value.is_primary)
        .collect();
    assert_eq!(primary, [true, false]);
    let [pat] = all::<Contact>(&engine).try_into().unwrap();
    assert_eq!(pat.value.organization_id, acme.id);
    assert_eq!(pat.value.emails.0.len(), 2);
    assert!(pat.value.emails.0[0].primary && !pat.value.emails.0[1].primary);
    let file = "organization,name,is_primary\nAcme,Annex,maybe\n";
    let error = refusal(
        &mut engine,
        Import::new(RecordKind::Location, file.as_bytes()),
    );
    assert!(error.to_string().contains("neither yes nor no"), "{error}");
}

#[test]
fn network_detective_brings_the_computers_of_one_client() {
    let mut engine = engine();
    let acme = organization(&mut engine, "Acme");
    let file = "Computer Name,Operating System,CPU,RAM (GB),IP Address,MAC Address,Make,Model,\
                Serial Number\n\
                ACME-WS1,Windows 11 Pro,i5,16,\"10.0.0.5, fe80::1\",00:1B:44:11:3A:B7,Dell,\
                OptiPlex 7010,5CG1\n";
    let scan = || Import {
        format: ImportFormat::NetworkDetective,
        organization: Some(acme),
        ..configurations(file.as_bytes())
    };
    assert_eq!(counts(&engine.import(scan()).unwrap()), [1, 0, 0, 0]);
    assert_eq!(counts(&engine.import(scan()).unwrap()), [0, 0, 1, 0]);
    let [record] = all::<Configuration>(&engine).try_into().unwrap();
    let expected = Configuration {
        organization_id: acme,
        name: "ACME-WS1".into(),
        operating_system: Some("Windows 11 Pro".into()),
        primary_ip: Some("10.0.0.5".into()),
        primary_mac: Some("00:1B:44:11:3A:B7".into()),
        manufacturer: Some("Dell".into()),
        model: Some("OptiPlex 7010".into()),
        serial: Some("5CG1".into()),
        ..Configuration::default()
    };
    assert_eq!(record.value, expected);
    let error = refusal(
        &mut engine,
        Import {
            format: ImportFormat::NetworkDetective,
            organization: Some(acme),
            ..configurations(b"Serial Number\n5CG1\n")
        },
    );
    assert_eq!(error.code(), "import-required-column");
}
