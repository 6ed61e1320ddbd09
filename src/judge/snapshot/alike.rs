//! A snapshot without what two vendors may tell differently. It reads the text that its sisters write
//! and knows no vendor.

use crate::model::RecordKind;

/// One field of a record in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// Kind of the record.
    pub kind: RecordKind,
    /// The account's name of the field.
    pub name: &'a str,
    /// Whether the value is the RMM's: shown over the record, or of a record that was created from it.
    pub of_rmm: bool,
}

/// The snapshot without the fields of records that `shown` refuses.
pub fn alike(snapshot: &str, shown: impl Fn(Field<'_>) -> bool) -> String {
    let mut text = String::with_capacity(snapshot.len());
    let mut kind = None;
    // The heading of a list of fields is kept back until a field of it is shown.
    let mut heading = None;
    let mut in_fields = false;
    let (mut created, mut overlay) = (false, false);
    for line in snapshot.lines() {
        let depth = line.len() - line.trim_start().len();
        let entry = line.trim_start().split_once(':').map(|(name, _)| name);
        match (depth, kind, entry) {
            (0, _, name) => {
                let mut kinds = RecordKind::ALL.into_iter();
                kind = kinds.find(|kind| Some(kind.plural()) == name);
                in_fields = false;
            }
            (4, Some(_), Some(list @ ("fields" | "shown"))) => {
                heading = Some(line);
                in_fields = true;
                overlay = list == "shown";
                continue;
            }
            (0..=4, Some(kind), name) => {
                in_fields = false;
                if depth == 2 {
                    created = line.contains("/created");
                }
                let name_of = Field {
                    kind,
                    name: "name",
                    of_rmm: created,
                };
                if name == Some("name") && !shown(name_of) {
                    continue;
                }
            }
            (_, Some(kind), Some(name)) if in_fields => {
                let field = Field {
                    kind,
                    name,
                    of_rmm: overlay || created,
                };
                if !shown(field) {
                    continue;
                }
                if let Some(heading) = heading.take() {
                    text.push_str(heading);
                    text.push('\n');
                }
            }
            _ => {}
        }
        if !in_fields {
            heading = None;
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNAPSHOT: &str = "\
version: 1
records: {organizations: 1}
organizations:
  <organization:acme>:
    name: Acme Dental
    links:
      - psa <organization:acme> enabled
    fields:
      short_name: ACME
      status: Active
locations:
  <location:main>:
    name: Main
    organization: <organization:acme>
    fields:
      fax: \"1\"
  <location:branch>:
    name: Branch
    fields:
      city: Oslo
syncs:
  sync 0:
    fields: 3
";

    #[test]
    fn everything_shown_is_the_snapshot() {
        assert_eq!(alike(SNAPSHOT, |_| true), SNAPSHOT);
    }

    #[test]
    fn hidden_fields_go_and_their_empty_heading_with_them() {
        let shown = |field: Field<'_>| match field.kind {
            RecordKind::Organization => field.name != "short_name",
            RecordKind::Location => field.name != "fax" && field.name != "name",
            _ => true,
        };
        let expected = SNAPSHOT
            .replace("      short_name: ACME\n", "")
            .replace("    name: Main\n", "")
            .replace("    name: Branch\n", "")
            .replace("    fields:\n      fax: \"1\"\n", "");
        assert_eq!(alike(SNAPSHOT, shown), expected);
    }

    #[test]
    fn what_the_rmm_says_is_told_from_what_is_stored() {
        let snapshot = "\
configurations:
  <configuration:ws1>:
    name: ACME-WS1
    fields:
      model: stored
    shown:
      model: overlaid
  <configuration:ws2/created>:
    name: ACME-WS2
    fields:
      model: created
";
        let expected = snapshot
            .replace("    shown:\n      model: overlaid\n", "")
            .replace("    fields:\n      model: created\n", "");
        let shown = |field: Field<'_>| field.name != "model" || !field.of_rmm;
        assert_eq!(alike(snapshot, shown), expected);
    }
}
