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
    PSA_KEY_FORM = "psa-key-form", Inferred,
        "First contact, where a knob says so: texts, serial numbers and MACs of a key are equal \
         whatever their case, the blanks around them and their separators.";
    PSA_KEY_PLACEHOLDER = "psa-key-placeholder", Inferred,
        "First contact, where a knob says so: a placeholder in place of a serial number counts as an \
         empty part of the key.";
    PSA_KEY_STRICT = "psa-key-strict", Inferred,
        "First contact, where a knob says so: a configuration whose key has an empty part is created \
         and never linked.";
    PSA_KEY_AMBIGUOUS = "psa-key-ambiguous", Inferred,
        "First contact that fits several records takes one of them; where a knob says so, it is \
         reported.";
    PSA_ORPHAN_STAYS = "psa-orphan-stays", Inferred,
        "Where a knob says so, an orphan stays one although its gate passes again.";
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
    PUSH_API_CONTACTS_OLD = "push-api-contacts-old", DocumentedOld,
        "Two-way, where a knob says so: a contact that a program makes through the API is pushed \
         once it is edited and saved, as older copies of the documentation say.";
    MERGE = "merge", Documented,
        "A merge moves every item of the source to the target and deletes the source.";
    MERGE_BOTH_SYNC = "merge-both-sync", Documented,
        "Two organizations that both sync are not merged before the source is disconnected.";
    MERGE_PRIMARY = "merge-primary", Documented,
        "The MSP's own organization can only be the target of a merge.";
    IMPORT_ROLES = "import-roles", Documented,
        "Only an administrator, or a manager with access to all organizations, may import.";
    IMPORT_HEADER = "import-header", Documented,
        "A file has a header row, its columns in any order, and each is mapped to a field or \
         ignored.";
    IMPORT_REQUIRED_COLUMN = "import-required-column", Documented,
        "A file without the column of a required field is refused.";
    IMPORT_ENCODING = "import-encoding", Documented,
        "A file is UTF-8 text, with its mark or without; other encodings are refused.";
    IMPORT_TOO_LARGE = "import-too-large", Open,
        "A file has at most 300 MB; other copies of the documentation say 100 MB.";
    IMPORT_DATE = "import-date", Documented,
        "Dates are written yyyy-mm-dd.";
    IMPORT_ORGANIZATION = "import-organization", Documented,
        "A row belongs to the organization whose name equals the organization column's.";
    IMPORT_ORGANIZATION_CREATED = "import-organization-created", Documented,
        "An organization that the organization column names and that is not here is created.";
    IMPORT_KEY_ORGANIZATION = "import-key-organization", Inferred,
        "A row of the same name as an organization is laid over it.";
    IMPORT_KEY_LOCATION = "import-key-location", Inferred,
        "A row of the same organization, name, address, city, region and country as a location is \
         laid over it.";
    IMPORT_KEY_CONTACT = "import-key-contact", Inferred,
        "A row of the same organization, first name and last name as a contact is laid over it.";
    IMPORT_KEY_CONFIGURATION = "import-key-configuration", Inferred,
        "A row of the same organization, type, name, serial number and MAC as a configuration is \
         laid over it; serial number and MAC count only where the file has the column.";
    IMPORT_KEY_INCOMPLETE = "import-key-incomplete", Inferred,
        "A file without one of the matching columns finds no record, so that each of its rows makes \
         a new one, however often it is imported.";
    IMPORT_CREATE = "import-create", Documented,
        "A row that fits no record makes one.";
    IMPORT_UPDATE = "import-update", Inferred,
        "A row that fits a record changes the fields that have a column.";
    IMPORT_EMPTY_CELL = "import-empty-cell", Inferred,
        "An empty cell leaves the field of an existing record as it is.";
    IMPORT_SAME_RECORD = "import-same-record", Inferred,
        "Two rows of one file that fit the same record are laid over it one after the other.";
    IMPORT_LOCKED = "import-locked", Inferred,
        "A row that would change what a one-way PSA syncs is a bad row.";
    IMPORT_ALL_OR_NOTHING = "import-all-or-nothing", Documented,
        "Without partial imports one bad row refuses the whole file.";
    IMPORT_PARTIAL = "import-partial", Documented,
        "With partial imports bad rows are reported and the others kept.";
    NETWORK_DETECTIVE = "import-network-detective", Open,
        "Network Detective's list of computers makes configurations of one organization; which \
         columns it has is not published.";
    O1 = "O1", Documented,
        "An RMM company whose name equals an organization's name is matched.";
    O2 = "O2", Open,
        "An RMM company whose name resembles an organization's is suggested; the resemblance is \
         unpublished.";
    O_NONE = "O-none", Documented,
        "An RMM company that resembles nothing stays unmatched.";
    O_AMBIGUOUS = "O-ambiguous", Inferred,
        "An RMM company whose name equals several organizations' names stays unmatched.";
    O_NAME_FORM = "O-name-form", Inferred,
        "Where a knob says so, an RMM company is matched although its name is written with another \
         case or other blanks around it.";
    CANDIDATE_ARCHIVED = "candidate-archived", Inferred,
        "Where a knob says so, an archived record is a candidate like any other; what a PSA takes up \
         comes out of the archive.";
    CANDIDATE_LINKED = "candidate-linked", Inferred,
        "Where a knob says so, a configuration that stands for a device already is a candidate for \
         another.";
    AMBIGUITY_FIRST = "ambiguity-first", Inferred,
        "Where a knob says so, of several records that fit the first by name is taken.";
    AMBIGUITY_OLDEST = "ambiguity-oldest", Inferred,
        "Where a knob says so, of several records that fit the oldest is taken.";
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
    M_ANY_MAC = "M-any-mac", Inferred,
        "Where a knob says so, any MAC of a device is compared with any of a configuration.";
    M_SHARED_MAC = "M-shared-mac", Inferred,
        "Where all MACs are compared, one that devices of different serial numbers carry identifies \
         none of them.";
    M_MAC_FORM = "M-mac-form", Inferred,
        "Where a knob says so, MACs are equal by their letters and digits alone.";
    M_SERIAL_FORM = "M-serial-form", Inferred,
        "Where a knob says so, serial numbers are equal whatever their case and the blanks around \
         them.";
    M_NAME_FORM = "M-name-form", Inferred,
        "Where a knob says so, a device is suggested although its name is written with another case \
         or other blanks around it.";
    M_PLACEHOLDER = "M-placeholder-ignored", Inferred,
        "Where a knob says so, a placeholder in place of a serial number identifies no device.";
    M_SERIAL_WINS = "M-serial-wins", Inferred,
        "Where a knob says so, of a MAC and a serial number that point to different configurations \
         the serial number wins.";
    M_CONTRADICTION = "M-contradiction", Inferred,
        "Where a knob says so, a MAC matches no configuration of another serial number; a device whose \
         MAC and serial number point to different configurations may be left to a person.";
    RMM_GONE_KEPT = "rmm-gone-kept", Inferred,
        "Where a knob says so, what the RMM no longer delivers keeps its match and its overlay.";
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
    REVIEW_REVERTED_STAYS = "review-reverted-stays", Inferred,
        "Where a knob says so, what a person took back stays unmatched in later syncs.";
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
