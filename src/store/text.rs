//! How the model's words are kept in the tables.

use crate::model::{DecisionOutcome, LinkState, Origin, RecordKind, ReviewState};

use super::StoreError;

/// A word with its text in the tables.
pub(super) trait Text: Sized + Copy {
    /// The text.
    fn text(self) -> &'static str;

    /// Reads the text.
    fn parse(text: &str) -> Result<Self, StoreError>;
}

macro_rules! text {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl Text for $type {
            fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            fn parse(text: &str) -> Result<Self, StoreError> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(StoreError::Word { found: other.to_owned() }),
                }
            }
        }
    };
}

text!(RecordKind {
    Organization = "organization",
    Location = "location",
    Contact = "contact",
    Configuration = "configuration",
});
text!(Origin {
    Psa = "psa",
    Review = "review",
    Manual = "manual",
    Import = "import",
    Api = "api",
});
text!(LinkState {
    Enabled = "enabled",
    Disabled = "disabled",
    Orphaned = "orphaned",
    Error = "error",
    Disconnected = "disconnected",
    Matched = "matched",
});
text!(ReviewState { Unmatched = "unmatched", Matched = "matched", Ignored = "ignored" });
text!(DecisionOutcome {
    Matched = "matched",
    Unmatched = "unmatched",
    Suggested = "suggested",
    Created = "created",
    Skipped = "skipped",
    Ambiguous = "ambiguous",
    Conflict = "conflict",
    Ignored = "ignored",
    Reverted = "reverted",
    Orphaned = "orphaned",
    Disconnected = "disconnected",
});
