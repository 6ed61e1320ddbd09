//! Network Detective's list of computers. The tool is named in the product's method D and nowhere
//! described: no public text that we found shows the columns of its export, so both the headers and
//! what becomes of them are open. Spellings differ between reports, so that headers are compared by
//! their letters and digits alone.

/// A column that is taken: its field, and how its header may be spelt.
struct Known {
    field: &'static str,
    spellings: &'static [&'static str],
}

const COLUMNS: &[Known] = &[
    Known {
        field: "name",
        spellings: &["computername", "devicename", "assetname"],
    },
    Known {
        field: "hostname",
        spellings: &["hostname", "dnsname"],
    },
    Known {
        field: "operating_system",
        spellings: &["operatingsystem", "os"],
    },
    Known {
        field: "primary_ip",
        spellings: &["ipaddress", "ipaddresses", "ip"],
    },
    Known {
        field: "primary_mac",
        spellings: &["macaddress", "macaddresses", "mac"],
    },
    Known {
        field: "manufacturer",
        spellings: &["manufacturer", "make"],
    },
    Known {
        field: "model",
        spellings: &["model", "systemmodel"],
    },
    Known {
        field: "serial",
        spellings: &["serialnumber", "servicetag", "serial"],
    },
];

/// Fields whose cell may list several values, of which the first is taken.
const LISTS: &[&str] = &["primary_ip", "primary_mac"];

/// The field of a header; none when the column is not taken.
pub(super) fn field_of(header: &str) -> Option<&'static str> {
    let letters: String = header
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    COLUMNS
        .iter()
        .find(|known| known.spellings.contains(&letters.as_str()))
        .map(|known| known.field)
}

/// The value of a cell: of a list of addresses the first.
pub(super) fn value<'a>(field: &str, text: &'a str) -> &'a str {
    if !LISTS.contains(&field) {
        return text;
    }
    text.split([',', ';', '\n', ' '])
        .map(str::trim)
        .find(|part| !part.is_empty())
        .unwrap_or_default()
}

/// Parts of the key that its file cannot have. Without a type no scan could ever find the computers
/// of the scan before (inferred).
pub(super) const NOT_IN_THE_KEY: &[&str] = &["configuration_type"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::import::import_fields;
    use crate::model::RecordKind;

    #[test]
    fn headers_are_compared_by_their_letters() {
        assert_eq!(field_of("Computer Name"), Some("name"));
        assert_eq!(field_of("ComputerName"), Some("name"));
        assert_eq!(field_of("Serial-Number "), Some("serial"));
        assert_eq!(field_of("CPU"), None);
        for known in COLUMNS {
            let fields = import_fields(RecordKind::Configuration);
            assert!(fields.contains(&known.field), "{}", known.field);
        }
    }

    #[test]
    fn of_several_addresses_the_first_is_taken() {
        assert_eq!(value("primary_ip", "10.0.0.5, fe80::1"), "10.0.0.5");
        assert_eq!(value("primary_mac", ""), "");
        assert_eq!(
            value("model", "OptiPlex 7010, small"),
            "OptiPlex 7010, small"
        );
    }
}
