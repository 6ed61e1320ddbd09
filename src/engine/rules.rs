//! The rules that the engine decides by: stable ids with the evidence for each. O and M ids are the
//! product's own matching tables; the others name what they are about.

use crate::model::Evidence;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable id.
    pub id: &'static str,
    /// What public material says of it.
    pub evidence: Evidence,
    /// What it says, in our words.
    pub statement: &'static str,
}

macro_rules! rules {
    ($($name:ident = $id:literal, $evidence:ident, $statement:literal;)+) => {
        $(pub(super) const $name: &str = $id;)+

        /// Every rule.
        pub const RULES: &[Rule] = &[$(Rule {
            id: $id,
            evidence: Evidence::$evidence,
            statement: $statement,
        }),+];
    };
}

rules! {
    PSA_GATE_ORGANIZATION = "psa-gate-organization", Documented,
        "An organization syncs only when its type and its status are both ticked.";
    PSA_GATE_CONFIGURATION = "psa-gate-configuration", Documented,
        "A configuration syncs only when its type and its status are both ticked.";
    PSA_PARENT = "psa-parent", Documented,
        "A record whose organization does not sync does not sync either.";
    PSA_DELETED = "psa-deleted", Documented,
        "A record deleted in the PSA is kept as an orphan.";
    PSA_DISCONNECTED = "psa-disconnected", Documented,
        "A record cut off by a disconnect is not pulled again until it is reconnected.";
    PSA_DISABLED = "psa-disabled", Documented,
        "A record whose sync a person switched off is kept and not updated.";
    PSA_ROW_PAUSED = "psa-row-paused", Documented,
        "While a type or status is paused, its records keep data and links and are not updated.";
    PSA_ROW_DISCONNECTED = "psa-row-disconnected", Documented,
        "Records of a disconnected type or status are not pulled until it is reconnected.";
    PSA_RELINK = "psa-relink", Inferred,
        "An orphan whose gate passes again syncs again over its old link.";
    PSA_KEY_ORGANIZATION = "psa-key-organization", Documented,
        "First contact: an organization of exactly the same name is linked.";
    PSA_KEY_LOCATION = "psa-key-location", Documented,
        "First contact: a location of the same organization, name, address, city, region and \
         country is linked.";
    PSA_KEY_CONTACT = "psa-key-contact", Documented,
        "First contact: a contact of the same organization, first name and last name is linked.";
    PSA_KEY_CONFIGURATION = "psa-key-configuration", Inferred,
        "First contact: a configuration of the same organization, type, name, serial number and \
         MAC is linked; a part that is empty on both sides counts as equal.";
    PSA_CREATE = "psa-create", Documented,
        "A PSA record that fits nothing here is created.";
    PSA_SEVERAL_MACS = "psa-several-macs", Documented,
        "A PSA MAC field that does not hold exactly one MAC is not synced.";
    ACCOUNT_LOCKED = "account-locked", Documented,
        "What a one-way PSA syncs of a record is read-only here.";
    ACCOUNT_EDIT = "account-edit", Documented,
        "A person's edit of a field that no sync writes is kept.";
    ACCOUNT_ARCHIVE = "account-archive", Seen,
        "A record that no PSA syncs can be archived, an orphan too.";
    ACCOUNT_DELETE = "account-delete", Documented,
        "A record that no PSA syncs can be deleted, an orphan too; an organization goes with all \
         that it has.";
    ACCOUNT_DELETE_UNMATCHES = "account-delete-unmatches", Inferred,
        "The RMM data of a deleted record returns to the matching screen.";
    LINK_DISABLE = "link-disable", Documented,
        "A person switches the sync of one record off, or on again.";
    LINK_RECONNECT = "link-reconnect", Documented,
        "A disconnected record is pulled again once a person reconnects it.";
    PUSH_EDIT = "push-edit", Documented,
        "Two-way: an edit of a mapped field of a synced record is pushed at once.";
    PUSH_CREATE = "push-create", Documented,
        "Two-way: a record made here is pushed when its type and status are syncing ones.";
    PUSH_SAVED = "push-saved", Documented,
        "Two-way: a record from before, from an import or from the RMM is pushed once it is edited \
         and saved.";
    PUSH_ALL = "push-all", Documented,
        "Two-way: a one-time push takes all records that could sync.";
    PUSH_WAITS = "push-waits", Documented,
        "Two-way: a record whose type, status or organization does not sync is not pushed.";
    PUSH_REQUIRED = "push-required", Documented,
        "Two-way: a record without a field that the PSA requires is not taken by it.";
    PUSH_FAILED = "push-failed", Documented,
        "Two-way: a failed push is shown on the record, in the state error.";
    PUSH_CONTACT_TYPES = "push-contact-types", Documented,
        "Two-way: settings choose the e-mail and telephone types of new contacts.";
    PUSH_API_CONTACTS = "push-api-contacts", Documented,
        "Two-way: what a program makes through the API is pushed like a person's; older copies of \
         the documentation except it.";
    MERGE = "merge", Documented,
        "A merge moves every item of the source to the target and deletes the source.";
    MERGE_BOTH_SYNC = "merge-both-sync", Documented,
        "Two organizations that both sync are not merged before the source is disconnected.";
    MERGE_PRIMARY = "merge-primary", Documented,
        "The MSP's own organization can only be the target of a merge.";
    O1 = "O1", Documented,
        "An RMM company whose name equals an organization's name is matched.";
    O2 = "O2", Open,
        "An RMM company whose name resembles an organization's is suggested; the resemblance is \
         unpublished.";
    O_NONE = "O-none", Documented,
        "An RMM company that resembles nothing stays unmatched.";
    O_AMBIGUOUS = "O-ambiguous", Inferred,
        "An RMM company whose name equals several organizations' names stays unmatched.";
    RMM_EMPTY_COMPANY = "rmm-empty-company", Documented,
        "An RMM company without devices does not appear.";
    RMM_UNKNOWN_COMPANY = "rmm-unknown-company", Inferred,
        "A device whose company was not delivered is left out.";
    RMM_SYNC_FAILED = "rmm-sync-failed", Inferred,
        "Companies that were delivered before the sync failed are judged by the next one.";
    M1 = "M1", Documented,
        "A device whose primary MAC and serial number both equal a configuration's is matched.";
    M2 = "M2", Documented,
        "A device whose primary MAC equals a configuration's is matched.";
    M3 = "M3", Documented,
        "A device whose serial number equals a configuration's is matched.";
    M4 = "M4", Documented,
        "A device whose name equals a configuration's is suggested.";
    M5 = "M5", Documented,
        "A device that fits nothing stays unmatched.";
    M_AMBIGUOUS = "M-ambiguous", Inferred,
        "A device that fits several configurations at one step stays unmatched and is tried at no \
         weaker step.";
    M_CONFLICT = "M-conflict", Inferred,
        "Where the MAC points to one configuration and the serial number to another, the MAC wins \
         and the conflict is reported.";
    M_TAKEN = "M-taken", Inferred,
        "A configuration that stands for another device of the same RMM already is no candidate.";
    REVIEW_ACCEPT = "review-accept", Documented,
        "A person accepts a suggestion.";
    REVIEW_MATCH = "review-match", Documented,
        "A person matches a company or device to a record.";
    REVIEW_CREATE = "review-create", Documented,
        "A person creates a record from the matching screen; nothing checks whether one exists.";
    REVIEW_IGNORE = "review-ignore", Documented,
        "A person sets a company or device aside; it stays so in later syncs.";
    REVIEW_CHANGE = "review-change", Documented,
        "A person moves a match to another record.";
    REVIEW_REVERT = "review-revert", Documented,
        "A person takes a match back.";
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert_eq!(
            rule(M4).map(|rule| rule.evidence),
            Some(Evidence::Documented)
        );
        assert_eq!(rule("M9"), None);
    }
}
