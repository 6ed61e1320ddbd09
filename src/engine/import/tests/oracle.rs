//! The keys once more, the naive way: every row against every record, nothing but lists.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use proptest::{collection, sample};

use super::{all, engine};
use crate::engine::Import;
use crate::model::RecordKind;
use crate::store::{Configuration, Organization, Stored as _};

/// Columns that a file may have beside organization and name.
const OPTIONAL: [&str; 5] = [
    "configuration_type",
    "serial",
    "primary_mac",
    "status",
    "model",
];

/// A file: which optional columns it has, and its rows (organization, name, a value for each of
/// the optional columns).
#[derive(Debug, Clone)]
struct File {
    columns: [bool; 5],
    rows: Vec<(usize, usize, [usize; 5])>,
}

fn file() -> impl Strategy<Value = File> {
    // Most files have a type, or nothing would ever match.
    let columns = (proptest::bool::weighted(0.8), any::<[bool; 4]>())
        .prop_map(|(first, [a, b, c, d])| [first, a, b, c, d]);
    let value = || sample::select(vec![0_usize, 0, 1, 2]);
    let values = [value(), value(), value(), value(), value()];
    let row = (0..2_usize, 0..2_usize, values);
    (columns, collection::vec(row, 0..6)).prop_map(|(columns, rows)| File { columns, rows })
}

fn value(at: usize) -> &'static str {
    ["", "x", "y"][at]
}

fn organization(at: usize) -> &'static str {
    ["Acme", "Lark"][at]
}

impl File {
    fn columns(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let has = self.columns;
        OPTIONAL
            .into_iter()
            .enumerate()
            .filter(move |(at, _)| has[*at])
    }

    fn csv(&self) -> String {
        let mut text = "organization,name".to_owned();
        for (_, name) in self.columns() {
            text = text + "," + name;
        }
        for (owner, name, values) in &self.rows {
            text = text + "\n" + organization(*owner) + ",n" + &name.to_string();
            for (at, _) in self.columns() {
                text = text + "," + value(values[at]);
            }
        }
        text + "\n"
    }
}

type Fields = BTreeMap<&'static str, String>;

/// The account as a list.
#[derive(Default)]
struct Naive {
    organizations: Vec<String>,
    records: Vec<(String, Fields)>,
}

impl Naive {
    fn import(&mut self, file: &File) {
        let has = |name: &str| file.columns().any(|(_, own)| own == name);
        for (owner, name, values) in &file.rows {
            let owner = organization(*owner).to_owned();
            let mut row = Fields::from([("name", format!("n{name}"))]);
            for (at, column) in file.columns() {
                if !value(values[at]).is_empty() {
                    row.insert(column, value(values[at]).to_owned());
                }
            }
            if !self.organizations.contains(&owner) {
                self.organizations.push(owner.clone());
            }
            let mut counted = vec!["configuration_type", "name"];
            counted.extend(
                ["serial", "primary_mac"]
                    .into_iter()
                    .filter(|part| has(part)),
            );
            let fits = |(theirs, record): &(String, Fields)| {
                *theirs == owner && counted.iter().all(|part| record.get(part) == row.get(part))
            };
            let found = if has("configuration_type") {
                self.records.iter().position(fits)
            } else {
                None
            };
            match found {
                Some(at) => self.records[at].1.extend(row),
                None => self.records.push((owner, row)),
            }
        }
    }
}

proptest! {
    #[test]
    fn rows_find_their_records_as_in_the_naive_account(
        files in collection::vec(file(), 1..5),
    ) {
        let mut naive = Naive::default();
        let mut engine = engine();
        for file in &files {
            naive.import(file);
            let csv = file.csv();
            let import = Import::new(RecordKind::Configuration, csv.as_bytes());
            let report = engine.import(import).unwrap();
            prop_assert_eq!(report.total(), file.rows.len() as u64);
        }
        let organizations = all::<Organization>(&engine);
        let names: Vec<String> = organizations.iter().map(|it| it.value.name.clone()).collect();
        prop_assert_eq!(&names, &naive.organizations);
        let found: Vec<(String, Fields)> = all::<Configuration>(&engine)
            .into_iter()
            .map(|record| {
                let owner = record.value.organization_id;
                let owner = organizations.iter().find(|it| it.id == owner).unwrap();
                let mut fields: Fields = record.value.fields().into_iter().collect();
                fields.remove("organization_id");
                (owner.value.name.clone(), fields)
            })
            .collect();
        prop_assert_eq!(found, naive.records);
    }
}
