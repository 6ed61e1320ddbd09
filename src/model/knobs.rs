//! The knobs of matching by name, and the profiles that set them all. What a knob does is the
//! engine's business; a scenario and a subject only pass it on.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$word_doc])* $word,)+
        }

        impl $name {
            /// Every setting, the documented one first.
            pub const ALL: &[Self] = &[$(Self::$word),+];
        }
    )+};
}

words! {
    /// When two texts count as the same. Blank text never does.
    TextCompare {
        /// Byte for byte.
        Exact,
        /// Without white space around them.
        Trim,
        /// Without white space around them, and whatever their case.
        Casefold,
    }

    /// What a placeholder in place of a serial number is worth.
    SerialPlaceholderPolicy {
        /// It counts like any serial number.
        None,
        /// It counts as no serial number.
        Blocklist,
    }

    /// What becomes of a row that fits several records at one step.
    Ambiguity {
        /// It stays unmatched, and no weaker step is tried.
        LeaveUnmatched,
        /// The record whose name comes first is taken; of equal names, the oldest.
        First,
        /// The record that was made first is taken.
        Oldest,
    }

    /// When two MAC addresses count as the same.
    MacForm {
        /// Six pairs with one kind of separator; any other form only as it is written.
        Paired,
        /// Letters and digits alone.
        Alnum,
    }

    /// Which MAC addresses of a device and a configuration are compared.
    MacsCompared {
        /// The primary one of each.
        Primary,
        /// Every adapter's, but for those that tell nothing: placeholders, and what devices of
        /// different serial numbers carry.
        All,
    }

    /// What counts when MAC and serial number contradict each other.
    MacAgainstSerial {
        /// The MAC.
        MacWins,
        /// The serial number.
        SerialWins,
        /// Neither: what they disagree on is left to a person.
        Neither,
    }

    /// When the key of a configuration fits at its first contact with a PSA.
    PsaConfigKey {
        /// Parts that are empty on both sides count as equal.
        EqualOrBothEmpty,
        /// Every part must be there.
        StrictAll,
    }

    /// What becomes of a device that is gone from the RMM.
    RmmGone {
        /// Its row and its overlay go.
        DropOverlay,
        /// A row that was matched or ignored stays, and its overlay with it; both go stale.
        Keep,
    }

    /// Whether contacts that were created through the account's API are pushed to a two-way PSA.
    ApiContactsPush {
        /// At once, as the newer documentation says.
        New,
        /// Not before they are edited and saved, as the older one says.
        Old,
    }
}

macro_rules! knobs {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $documented:expr, $hardened:expr;)+) => {
        /// Every knob with its setting. The default is the profile `documented`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Knobs {
            $($(#[$doc])* pub $name: $type,)+
        }

        impl Knobs {
            /// The names of all knobs.
            pub const NAMES: &[&str] = &[$(stringify!($name)),+];

            /// What is documented, and where nothing is, what the rules infer.
            pub const fn documented() -> Self {
                Self { $($name: $documented,)+ }
            }

            /// What a careful provider would want: nothing is matched by what identifies nothing,
            /// dirt in spelling does not count, and what is left over says why.
            pub const fn hardened() -> Self {
                Self { $($name: $hardened,)+ }
            }

            /// These knobs with some of them set otherwise.
            #[must_use]
            pub fn with(self, changes: &KnobChanges) -> Self {
                Self { $($name: changes.$name.unwrap_or(self.$name),)+ }
            }
        }

        /// Single knobs, set over a profile. What is left out stays as the profile has it.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct KnobChanges {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)+
        }
    };
}

knobs! {
    /// How names are compared: of companies with organizations, of devices with configurations, and
    /// the texts of a PSA record's key.
    name_compare: TextCompare = TextCompare::Exact, TextCompare::Casefold;
    /// How serial numbers are compared.
    serial_compare: TextCompare = TextCompare::Exact, TextCompare::Casefold;
    /// What placeholders in place of a serial number are worth.
    serial_placeholder_policy: SerialPlaceholderPolicy =
        SerialPlaceholderPolicy::None, SerialPlaceholderPolicy::Blocklist;
    /// What becomes of what fits several records.
    ambiguity: Ambiguity = Ambiguity::LeaveUnmatched, Ambiguity::LeaveUnmatched;
    /// Whether a row that was not matched says why and which records were looked at.
    ambiguity_reported: bool = false, true;
    /// Whether archived records are left out.
    exclude_archived_candidates: bool = true, true;
    /// Whether a configuration that stands for a device of the same RMM is left out.
    exclude_linked_candidates: bool = true, true;
    /// Whether the next sync may match again what a person took back.
    revert_then_rematch: bool = true, false;
    /// When two MAC addresses count as the same.
    mac_form: MacForm = MacForm::Paired, MacForm::Alnum;
    /// Which MAC addresses are compared.
    macs_compared: MacsCompared = MacsCompared::Primary, MacsCompared::All;
    /// What counts when MAC and serial number contradict each other.
    mac_against_serial: MacAgainstSerial =
        MacAgainstSerial::MacWins, MacAgainstSerial::Neither;
    /// When the key of a configuration fits at first contact.
    psa_config_key: PsaConfigKey =
        PsaConfigKey::EqualOrBothEmpty, PsaConfigKey::EqualOrBothEmpty;
    /// Whether an orphan syncs again when its gate passes again.
    orphan_relink: bool = true, true;
    /// What becomes of a device that is gone from the RMM.
    rmm_gone: RmmGone = RmmGone::DropOverlay, RmmGone::DropOverlay;
    /// Whether contacts made through the account's API are pushed.
    api_contacts_push: ApiContactsPush = ApiContactsPush::New, ApiContactsPush::New;
}

impl Default for Knobs {
    fn default() -> Self {
        Self::documented()
    }
}

impl KnobChanges {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A setting of all knobs with a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What is documented.
    #[default]
    Documented,
    /// What a careful provider would want.
    Hardened,
}

impl Profile {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Documented, Self::Hardened];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Hardened => "hardened",
        }
    }

    /// The knobs as it sets them.
    pub const fn knobs(self) -> Knobs {
        match self {
            Self::Documented => Knobs::documented(),
            Self::Hardened => Knobs::hardened(),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// There is no profile of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile `{0}`")]
pub struct UnknownProfile(pub String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        let mut all = Self::ALL.into_iter();
        all.find(|profile| profile.name() == text)
            .ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_is_the_default_and_hardened_is_not() {
        assert_eq!(Knobs::default(), Profile::default().knobs());
        assert_ne!(Knobs::documented(), Knobs::hardened());
        assert_eq!("hardened".parse(), Ok(Profile::Hardened));
        assert!("hardend".parse::<Profile>().is_err());
    }

    #[test]
    fn a_knob_alone_leaves_the_others_as_they_were() {
        let changes: KnobChanges =
            serde_json::from_str(r#"{"name_compare": "trim", "orphan_relink": false}"#).unwrap();
        let knobs = Knobs::hardened().with(&changes);
        assert_eq!(knobs.name_compare, TextCompare::Trim);
        assert!(!knobs.orphan_relink);
        assert_eq!(knobs.mac_form, MacForm::Alnum);
        assert_eq!(
            Knobs::hardened().with(&KnobChanges::default()),
            Knobs::hardened()
        );
    }

    #[test]
    fn knobs_travel_as_json_by_their_names() {
        let text = serde_json::to_value(Knobs::documented()).unwrap();
        let names: Vec<&str> = text
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut wanted = Knobs::NAMES.to_vec();
        wanted.sort_unstable();
        assert_eq!(names, wanted);
        assert_eq!(text["ambiguity"], "leave_unmatched");
        let back: Knobs = serde_json::from_value(text).unwrap();
        assert_eq!(back, Knobs::documented());
        assert_eq!(TextCompare::ALL[0], Knobs::documented().name_compare);
    }
}
