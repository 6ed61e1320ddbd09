//! A snapshot without what two vendors may tell differently. It reads the text that its sisters write
//! and knows no vendor.

use crate::model::RecordKind;

/// The snapshot without the fields of records that `shown` refuses.
pub fn alike(snapshot: &str, shown: impl Fn(RecordKind, &str) -> bool) -> String {
    let mut text = String::with_capacity(snapshot.len());
    let mut kind = None;
    // The heading of a list of fields is kept back until a field of it is shown.
    let mut heading = None;
    let mut in_fields = false;
    for line in snapshot.lines() {
        let depth = line.len() - line.trim_start().len();
        let entry = line.trim_start().split_once(':').map(|(name, _)| name);
        match (depth, kind, entry) {
            (0, _, name) => {
                let mut kinds = RecordKind::ALL.into_iter();
                kind = kinds.find(|kind| Some(kind.plural()) == name);
                in_fields = false;
            }
            (4, Some(_), Some("fields" | "shown")) => {
                heading = Some(line);
                in_fields = true;
                continue;
            }
            (0..=4, Some(kind), name) => {
                in_fields = false;
                if name == Some("name") && !shown(kind, "name") {
                    continue;
                }
            }
            (_, Some(kind), Some(name)) if in_fields => {
                if !shown(kind, name) {
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
        assert_eq!(alike(SNAPSHOT, |_, _| true), SNAPSHOT);
    }

    #[test]
    fn hidden_fields_go_and_their_empty_heading_with_them() {
        let shown = |kind: RecordKind, field: &str| match kind {
            RecordKind::Organization => field != "short_name",
            RecordKind::Location => field != "fax" && field != "name",
            _ => true,
        };
        let expected = SNAPSHOT
            .replace("      short_name: ACME\n", "")
            .replace("    name: Main\n", "")
            .replace("    name: Branch\n", "")
            .replace("    fields:\n      fax: \"1\"\n", "");
        assert_eq!(alike(SNAPSHOT, shown), expected);
    }
}
