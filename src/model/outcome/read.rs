//! Reading an outcome that somebody else wrote.

use serde::Deserialize;

use super::account::Outcome;

/// An outcome that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutcomeError {
    /// Not JSON, or not the shape of an outcome.
    #[error("the outcome cannot be read: at `{path}`, line {line}, column {column}: {reason}")]
    Shape {
        /// Path of the value (`configurations[3].origin`); `.` for the document.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A version that this build does not know.
    #[error(
        "the outcome has version {found}; this build reads version {}",
        Outcome::VERSION
    )]
    Version {
        /// The version found.
        found: u32,
    },
}

impl Outcome {
    /// Reads an outcome from JSON. Unknown fields are ignored.
    ///
    /// # Errors
    /// [`OutcomeError::Version`] for another version, even when the rest could not be read either,
    /// since that is then the cause; [`OutcomeError::Shape`] with the path for anything else.
    pub fn from_json(json: &[u8]) -> Result<Self, OutcomeError> {
        let head: Head = read(json)?;
        if head.version != Self::VERSION {
            return Err(OutcomeError::Version {
                found: head.version,
            });
        }
        read(json)
    }
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

fn read<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T, OutcomeError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        shape(path, error.inner())
    })?;
    reader
        .end()
        .map_err(|error| shape(".".to_owned(), &error))?;
    Ok(value)
}

fn shape(path: String, error: &serde_json::Error) -> OutcomeError {
    let text = error.to_string();
    // The place stands in fields of its own.
    let reason = match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    };
    OutcomeError::Shape {
        path,
        line: error.line(),
        column: error.column(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Compared, Decision, DecisionOutcome, Evidence, Fields, Ledger, Link, LinkState, Origin,
        PushState, RecordKind, RecordOutcome, ReviewState, RmmDeviceOutcome, SyncError,
        SyncOutcome, SyncStatus, Tool, Warning,
    };

    fn full() -> Outcome {
        let link = Link {
            tool: Tool::Rmm,
            vendor: "datto-rmm".into(),
            external_id: "u-1".into(),
            state: LinkState::Matched,
        };
        let mut outcome = Outcome::default();
        outcome.configurations.push(RecordOutcome {
            id: "7".into(),
            kind: RecordKind::Configuration,
            organization_id: Some("1".into()),
            name: "ACME-WS1".into(),
            fields: Fields::from([("serial_number".into(), "5CG01234XY".into())]),
            shown: Fields::from([("model".into(), "EliteBook".into())]),
            origin: Origin::Review,
            links: vec![link],
            archived: true,
            push: Some(PushState::Failed),
            created_seq: 3,
        });
        outcome.rmm.devices.push(RmmDeviceOutcome {
            vendor: "datto-rmm".into(),
            external_id: "u-1".into(),
            company_external_id: "9".into(),
            name: "ACME-WS1".into(),
            state: ReviewState::Matched,
            record_id: Some("7".into()),
            rule: Some("M3".into()),
            suggestion: None,
            reason: None,
        });
        outcome.warnings.push(Warning {
            id: "w".into(),
            step: 2,
            message: "m".into(),
        });
        outcome.syncs.push(SyncOutcome {
            tool: Tool::Rmm,
            vendor: "datto-rmm".into(),
            status: SyncStatus::Failed,
            error: Some(SyncError {
                code: "vendor-status".into(),
                message: "500".into(),
            }),
            ledgers: vec![Ledger::new(RecordKind::Configuration)],
            rejections: Vec::new(),
            writes: 4,
        });
        outcome.decisions.push(Decision {
            sync: Some(0),
            kind: RecordKind::Configuration,
            tool: Tool::Rmm,
            vendor: "datto-rmm".into(),
            external_id: "u-1".into(),
            rule: "M3".into(),
            outcome: DecisionOutcome::Matched,
            record_id: Some("7".into()),
            evidence: Some(Evidence::Documented),
            compared: vec![Compared {
                field: "serial_number".into(),
                left: Some("5CG01234XY".into()),
                right: None,
            }],
        });
        outcome
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let outcome = full();
        let json = serde_json::to_vec(&outcome).unwrap();
        assert_eq!(Outcome::from_json(&json).unwrap(), outcome);
    }

    #[test]
    fn a_writer_may_leave_out_empty_lists_and_add_fields() {
        let json = br#"{"version": 1, "mood": "good", "organizations": [
            {"id": "1", "kind": "organization", "name": "Acme", "origin": "psa", "created_seq": 1,
             "colour": "red"}]}"#;
        let outcome = Outcome::from_json(json).unwrap();
        assert_eq!(outcome.organizations[0].name, "Acme");
        assert!(outcome.organizations[0].links.is_empty());
        assert!(outcome.decisions.is_empty());
    }

    #[test]
    fn another_version_is_named_even_when_the_rest_is_unreadable() {
        let error = Outcome::from_json(br#"{"organizations": {}, "version": 2}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the outcome has version 2; this build reads version 1"
        );
    }

    #[test]
    fn a_wrong_value_is_named_by_path_and_place() {
        let json =
            b"{\"version\": 1,\n\"configurations\": [{\"id\": \"1\", \"kind\": \"device\"}]}";
        let error = Outcome::from_json(json).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the outcome cannot be read: at `configurations[0].kind`, line 2, column 47: unknown \
             variant `device`, expected one of `organization`, `location`, `contact`, \
             `configuration`"
        );
        for broken in [
            &b""[..],
            b"[]",
            b"{\"version\": 1} x",
            b"{\"version\": -1}",
            b"\xff",
        ] {
            assert!(Outcome::from_json(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_ledger_adds_up_only_when_every_record_is_counted_once() {
        let mut ledger = Ledger::new(RecordKind::Contact);
        assert!(ledger.adds_up());
        ledger.fetched = 10;
        ledger.created = 1;
        ledger.updated = 2;
        ledger.unchanged = 3;
        ledger.skipped = [("gate-type".to_owned(), 1), ("gate-status".to_owned(), 2)].into();
        assert!(!ledger.adds_up());
        ledger.rejected = 1;
        assert!(ledger.adds_up());
        ledger.rejected = u64::MAX;
        assert!(!ledger.adds_up());
    }
}
