//! What the knobs mean: when two values count as the same under their settings. Knobs themselves are
//! named in the model, so that scenarios and subjects can pass them on.

use std::borrow::Cow;

use super::normal::{MacKey, mac_key, mac_key_alnum, present};
use super::placeholders::{is_placeholder_serial, is_shared_mac};
use crate::model::{Knobs, MacForm, MacsCompared, SerialPlaceholderPolicy, TextCompare};

/// A text in the form in which it is compared; `None` when it is blank.
pub(super) fn text_key(compare: TextCompare, text: Option<&str>) -> Option<Cow<'_, str>> {
    let text = present(text)?;
    Some(match compare {
        TextCompare::Exact => Cow::Borrowed(text),
        TextCompare::Trim => Cow::Borrowed(text.trim()),
        TextCompare::Casefold => Cow::Owned(text.trim().to_lowercase()),
    })
}

/// A serial number in the form in which it is compared; `None` when it is blank, or a placeholder
/// that counts as none.
pub(super) fn serial_key(knobs: Knobs, text: Option<&str>) -> Option<Cow<'_, str>> {
    let key = text_key(knobs.serial_compare, text)?;
    (!is_placeholder(knobs, &key)).then_some(key)
}

/// Whether a serial number counts as none because it is a placeholder.
pub(super) fn is_placeholder(knobs: Knobs, serial: &str) -> bool {
    knobs.serial_placeholder_policy == SerialPlaceholderPolicy::Blocklist
        && is_placeholder_serial(serial)
}

/// A MAC in the form in which it is compared; `None` when there is nothing to compare.
pub(super) fn mac_form_key(form: MacForm, text: &str) -> Option<MacKey> {
    match form {
        MacForm::Paired => mac_key(text),
        MacForm::Alnum => mac_key_alnum(text),
    }
}

/// A MAC as it identifies something: where all MACs are compared, those that many machines share do
/// not. The primary one alone is compared whatever it is, as documented.
pub(super) fn identifying_mac(knobs: Knobs, text: &str) -> Option<MacKey> {
    let key = mac_form_key(knobs.mac_form, text)?;
    let shared = knobs.macs_compared == MacsCompared::All
        && matches!(key, MacKey::Pairs(value) if is_shared_mac(value));
    (!shared).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_as_the_knob_says() {
        let key = |compare, text| text_key(compare, Some(text)).map(Cow::into_owned);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(key(TextCompare::Exact, " Acme "), text(" Acme "));
        assert_eq!(key(TextCompare::Trim, " Acme\t"), text("Acme"));
        assert_eq!(key(TextCompare::Casefold, " ÄCME "), text("äcme"));
        for compare in TextCompare::ALL {
            assert_eq!(key(*compare, "  "), None);
            assert_eq!(text_key(*compare, None), None);
        }
    }

    #[test]
    fn placeholders_count_unless_the_knob_says_otherwise() {
        let mut knobs = Knobs::documented();
        let text = "To be filled by O.E.M.";
        assert_eq!(serial_key(knobs, Some(text)).as_deref(), Some(text));
        knobs.serial_placeholder_policy = SerialPlaceholderPolicy::Blocklist;
        assert_eq!(serial_key(knobs, Some(text)), None);
        assert_eq!(serial_key(knobs, Some("5CG1")).as_deref(), Some("5CG1"));
    }

    #[test]
    fn a_mac_that_many_share_counts_only_where_the_primary_one_is_compared() {
        let mut knobs = Knobs::documented();
        let shared = "50:50:54:50:30:30";
        assert!(identifying_mac(knobs, shared).is_some());
        knobs.macs_compared = MacsCompared::All;
        assert_eq!(identifying_mac(knobs, shared), None);
        assert!(identifying_mac(knobs, "00:1B:44:11:3A:B7").is_some());
    }
}
