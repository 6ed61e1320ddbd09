//! Bytes and letters: encodings, quotes, and whatever a value may hold.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::{collection, option};

use super::{all, configurations, engine, import, names, refusal};
use crate::engine::{Import, ImportError};
use crate::store::{Configuration, Organization};

#[test]
fn the_mark_of_utf_8_is_no_part_of_the_first_header() {
    let mut engine = engine();
    import(&mut engine, "\u{feff}name,organization\nws1,Acmé\n");
    assert_eq!(all::<Organization>(&engine)[0].value.name, "Acmé");
}

#[test]
fn utf_16_is_refused_with_its_mark_and_without() {
    let text = "name,organization\nws1,Acme\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [&[0xFF, 0xFE], little.as_slice()].concat();
    let marked_big = [&[0xFE, 0xFF], big.as_slice()].concat();
    for file in [little, big, marked, marked_big] {
        for partial in [false, true] {
            let import = Import {
                partial,
                ..configurations(&file)
            };
            let error = refusal(&mut engine(), import);
            assert_eq!(error.code(), "import-encoding");
            assert!(
                error.to_string().starts_with("line 1, column 1: "),
                "{error}"
            );
            assert!(error.hint().contains("UTF-8"));
        }
    }
}

#[test]
fn a_byte_that_is_no_utf_8_has_its_line_and_column() {
    let file = b"organization,name,notes\nAcme,ws1,\"one\nAcm\xE9\"\nAcme,ws2,x\n";
    let error = refusal(&mut engine(), configurations(file));
    assert_eq!(error.code(), "import-encoding");
    let told = error.to_string();
    assert!(
        told.contains("line 3, column 3 (notes): byte 0xE9, behind 7 letters"),
        "{told}"
    );
    assert!(error.hint().contains("UTF-8"), "{}", error.hint());

    let mut engine = engine();
    let partial = Import {
        partial: true,
        ..configurations(file)
    };
    let report = engine.import(partial).unwrap();
    assert_eq!(names(&engine), ["ws2"]);
    assert_eq!(report.problems[0].code, "import-encoding");

    let error = refusal(&mut engine, configurations(b"organization,n\xE4me\n"));
    let place = ImportError::Encoding {
        line: 1,
        column: Some(2),
        reason: "the header is not UTF-8 text".into(),
    };
    assert_eq!(error, place);
}

/// A letter cut in two by a comma is two faults, not one letter.
#[test]
fn cells_are_text_each_by_itself() {
    let file = b"organization,name,notes\nAcme,w\xC3,\xA9\n";
    let partial = Import {
        partial: true,
        ..configurations(file)
    };
    let report = engine().import(partial).unwrap();
    assert_eq!(report.problems.len(), 2);
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let file = ["name,organization,notes", "", "ws1,A,\"a", "b\"", "ws2,A"].join(end);
        let partial = Import {
            partial: true,
            ..configurations(file.as_bytes())
        };
        let report = engine().import(partial).unwrap();
        let lines: Vec<u64> = report.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 5], "{end:?}");
    }
}

#[test]
fn a_row_that_never_ends_is_bad_and_costs_no_more_than_a_row() {
    let length = super::super::rows::ROW_BYTES_MAX + 10;
    for long in ["x".repeat(length), ",".repeat(length), "\n".repeat(length)] {
        let quoted = format!("\"{long}\",A");
        let row = if long.starts_with(',') { long } else { quoted };
        let file = format!("name,organization\nws1,A\n{row}\nws2,A\n");
        let mut engine = engine();
        let partial = Import {
            partial: true,
            ..configurations(file.as_bytes())
        };
        let report = engine.import(partial).unwrap();
        assert_eq!(names(&engine), ["ws1", "ws2"]);
        let [problem] = report.problems.try_into().unwrap();
        assert!(problem.reason.contains("longer than"), "{problem}");
        assert_eq!((problem.line, problem.column), (3, None));
    }
}

/// Writes a value the plainest way: always in quotes.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

fn line(cells: &[&str], end: &str) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + end
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        rows in collection::vec(
            ("[^\0]{0,12}", option::of("[^\0]{1,12}"), "[ -~\u{80}-\u{2000}\r\n]{0,20}"), 1..8,
        ),
        mark in any::<bool>(), windows in any::<bool>(),
    ) {
        let end = if windows { "\r\n" } else { "\n" };
        let mut file = if mark { "\u{feff}".to_owned() } else { String::new() };
        file += &line(&["notes", "name", "organization", "serial"], end);
        let mut expected = Vec::new();
        for (at, (name, serial, notes)) in rows.iter().enumerate() {
            // Names are told apart so that no row fits the one before.
            let name = format!("{at}{name}");
            let serial = serial.clone().unwrap_or_default();
            file += &line(&[notes, &name, "Acme", &serial], end);
            expected.push((name, serial, notes.clone()));
        }
        let mut engine = engine();
        let report = import(&mut engine, &file);
        prop_assert_eq!(report.created, rows.len() as u64);
        let read: Vec<_> = all::<Configuration>(&engine)
            .into_iter()
            .map(|it| {
                let value = it.value;
                (value.name, value.serial.unwrap_or_default(), value.notes.unwrap_or_default())
            })
            .collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn no_bytes_make_it_panic_and_a_refusal_leaves_nothing(
        bytes in collection::vec(
            proptest::sample::select(b"a,\"\n\r\0\xE9\xC3\xA9 ".to_vec()), 0..60,
        ),
        partial in any::<bool>(), limit in 0_u64..80,
    ) {
        let mut file = b"name,organization\n".to_vec();
        file.extend(bytes);
        let mut engine = engine();
        let import = Import { partial, limit, ..configurations(&file) };
        let refused = engine.import(import).is_err();
        prop_assert!(!refused || engine.account().writes() == 0);
        let [told] = engine.outcome().unwrap().imports.try_into().unwrap();
        prop_assert!(told.ledger.adds_up());
    }
}
