//! The matching cascade M1 to M5 for the devices of one organization. A step is tried for every
//! device before the next weaker one (inferred), so that a device that fits by MAC and serial number
//! is not robbed of its configuration by one that fits by MAC alone. Knobs bend the steps; a decision
//! that the documented settings would not have made so names the rule of its knob.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::cascade::SharedMacs;
use super::verdict::{Verdict, fits_several};
use crate::engine::knobs::{identifying_mac, is_placeholder, mac_form_key, serial_key, text_key};
use crate::engine::normal::{MacKey, present};
use crate::engine::pass::compared;
use crate::engine::rules;
use crate::model::{
    Ambiguity, Compared, DecisionOutcome, Knobs, MacAgainstSerial, MacForm, MacsCompared,
    SerialPlaceholderPolicy, TextCompare,
};
use crate::store::{Comparable, RowId};

/// What a device is compared by.
pub(super) struct Keys<'a> {
    device: Written<'a>,
    macs: Vec<MacKey>,
    /// MACs that are not compared because other devices carry them too.
    shared: Vec<MacKey>,
    serial: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
}

/// What a device says of itself, as the RMM wrote it.
#[derive(Debug, Clone, Copy)]
struct Written<'a> {
    name: &'a str,
    serial: Option<&'a str>,
    primary_mac: Option<&'a str>,
}

impl<'a> Keys<'a> {
    /// Of a device with this name, serial number and MACs, the primary one first.
    pub(super) fn new(
        name: &'a str,
        serial: Option<&'a str>,
        macs: &'a [String],
        knobs: Knobs,
        shared: &SharedMacs,
    ) -> Self {
        let compared = Self::macs_of(macs, knobs);
        let (shared, compared) = compared.partition(|mac| shared.contains(mac));
        Self {
            device: Written {
                name,
                serial,
                primary_mac: macs.first().map(String::as_str),
            },
            macs: compared,
            shared,
            serial: serial_key(knobs, serial),
            name: text_key(knobs.name_compare, Some(name)),
        }
    }

    /// The MACs that are compared: the first adapter's that has one, or every adapter's.
    pub(super) fn macs_of(macs: &[String], knobs: Knobs) -> impl Iterator<Item = MacKey> {
        let take = match knobs.macs_compared {
            MacsCompared::Primary => 1,
            MacsCompared::All => usize::MAX,
        };
        let texts = macs.iter().take(take);
        texts.filter_map(move |text| identifying_mac(knobs, text))
    }
}

/// The configurations of an organization, by what devices are compared with.
pub(super) struct Candidates<'a> {
    knobs: Knobs,
    /// In order of creation.
    configurations: Vec<&'a Comparable>,
    by_mac: HashMap<MacKey, Vec<usize>>,
    by_serial: HashMap<Cow<'a, str>, Vec<usize>>,
    by_name: HashMap<Cow<'a, str>, Vec<usize>>,
    /// The first configuration of each placeholder that counts as no serial number.
    placeholders: HashMap<Cow<'a, str>, usize>,
    free: Vec<bool>,
}

/// Which of the candidates that fit is taken.
enum Choice {
    Nothing,
    One(usize),
    /// By the rule of a knob.
    Picked(&'static str, usize),
    Several,
}

impl<'a> Candidates<'a> {
    /// Archived configurations are no candidates, unless a knob says so (inferred).
    pub(super) fn new(
        knobs: Knobs,
        configurations: &'a [Comparable],
        taken: &BTreeSet<RowId>,
    ) -> Self {
        let mut candidates = Self {
            knobs,
            configurations: configurations
                .iter()
                .filter(|record| !(knobs.exclude_archived_candidates && record.archived))
                .collect(),
            by_mac: HashMap::new(),
            by_serial: HashMap::new(),
            by_name: HashMap::new(),
            placeholders: HashMap::new(),
            free: Vec::new(),
        };
        let all = candidates.configurations.clone();
        for (at, record) in all.into_iter().enumerate() {
            candidates.free.push(!taken.contains(&record.id));
            candidates.index(at, record);
        }
        candidates
    }

    fn index(&mut self, at: usize, configuration: &'a Comparable) {
        for mac in
            macs(configuration, self.knobs).filter_map(|text| identifying_mac(self.knobs, text))
        {
            let list = self.by_mac.entry(mac).or_default();
            // The primary MAC stands among the adapters as well.
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
        let serial = configuration.serial.as_deref();
        if let Some(serial) = serial_key(self.knobs, serial) {
            self.by_serial.entry(serial).or_default().push(at);
        } else if self.knobs.serial_placeholder_policy == SerialPlaceholderPolicy::Blocklist
            && let Some(placeholder) = text_key(self.knobs.serial_compare, serial)
        {
            self.placeholders.entry(placeholder).or_insert(at);
        }
        if let Some(name) = text_key(self.knobs.name_compare, Some(&configuration.name)) {
            self.by_name.entry(name).or_default().push(at);
        }
    }

    /// One verdict a device, in order. Whoever fits several configurations is tried again while
    /// others get theirs, since fewer are left then: otherwise the next sync would match what this
    /// one left, with nothing changed in between (inferred).
    pub(super) fn judge(mut self, devices: &[Keys<'_>]) -> Vec<Verdict> {
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        verdicts.resize_with(devices.len(), || None);
        loop {
            let left = self.free.iter().filter(|free| **free).count();
            for step in [rules::M1, rules::M2, rules::M3] {
                for (keys, verdict) in devices.iter().zip(&mut verdicts) {
                    if verdict.is_none() {
                        *verdict = self.step(step, keys);
                    }
                }
            }
            let given = left > self.free.iter().filter(|free| **free).count();
            let mut again = false;
            for verdict in verdicts.iter_mut().filter(|_| given) {
                let several = |it: &Verdict| it.outcome == DecisionOutcome::Ambiguous;
                if verdict.as_ref().is_some_and(several) {
                    *verdict = None;
                    again = true;
                }
            }
            if !again {
                break;
            }
        }
        devices
            .iter()
            .zip(verdicts)
            .map(|(keys, verdict)| verdict.unwrap_or_else(|| self.by_name_only(keys)))
            .collect()
    }

    /// Tries one of the exact steps. Several candidates are an ambiguity, after which no weaker step
    /// is tried (inferred, after the vendor's sister matcher), unless a knob picks one.
    fn step(&mut self, step: &'static str, keys: &Keys<'_>) -> Option<Verdict> {
        let found = match step {
            rules::M1 => {
                let serials = self.open_by_serial(keys);
                let mut both = self.open_by_mac(keys);
                both.retain(|at| serials.contains(at));
                both
            }
            rules::M2 => self.open_by_mac_alone(keys),
            _ => self.open_by_serial(keys),
        };
        let (rule, at) = match self.choose(&found) {
            Choice::Nothing => return None,
            Choice::Several => return Some(self.ambiguous(step, keys, &found)),
            Choice::One(at) => (self.departure(step, keys, at), at),
            Choice::Picked(rule, at) => (rule, at),
        };
        if let Some(left) = self.contradiction(step, keys, at) {
            return Some(left);
        }
        let mut verdict = Verdict::new(rule, DecisionOutcome::Matched);
        verdict.record_id = Some(self.configurations[at].id);
        verdict.compared = self.compare(step, keys, at);
        self.conflict(step, keys, at, &mut verdict);
        self.free[at] = false;
        Some(verdict)
    }

    /// Where MAC and serial number point to different configurations, the decision says so.
    fn conflict(&self, step: &'static str, keys: &Keys<'_>, at: usize, verdict: &mut Verdict) {
        let serial_wins = self.knobs.mac_against_serial == MacAgainstSerial::SerialWins;
        let (elsewhere, other) = match step {
            rules::M2 => (self.open_by_serial(keys), rules::M3),
            rules::M3 if serial_wins => (self.open_by_mac(keys), rules::M2),
            _ => return,
        };
        let Some(elsewhere) = elsewhere.into_iter().find(|other| *other != at) else {
            return;
        };
        let picked = [rules::AMBIGUITY_FIRST, rules::AMBIGUITY_OLDEST].contains(&verdict.rule);
        if serial_wins && !picked {
            verdict.rule = rules::M_SERIAL_WINS;
        }
        verdict.outcome = DecisionOutcome::Conflict;
        verdict.reason = Some(rules::M_CONFLICT.to_owned());
        verdict
            .compared
            .extend(self.compare(other, keys, elsewhere));
    }

    /// What is left to a person because the MAC points elsewhere than the serial number.
    fn contradiction(&self, step: &str, keys: &Keys<'_>, at: usize) -> Option<Verdict> {
        if step != rules::M3 || self.knobs.mac_against_serial != MacAgainstSerial::Neither {
            return None;
        }
        let other = self
            .open_by_mac(keys)
            .into_iter()
            .find(|other| *other != at)?;
        let mut verdict = Verdict::new(rules::M_CONTRADICTION, DecisionOutcome::Ambiguous);
        verdict.compared = self.compare(rules::M3, keys, at);
        verdict
            .compared
            .extend(self.compare(rules::M2, keys, other));
        if self.knobs.ambiguity_reported {
            let (by_serial, by_mac) = (self.label(at), self.label(other));
            let reason =
                format!("its serial number is that of {by_serial}, its MAC that of {by_mac}");
            verdict.reason = Some(reason);
        }
        Some(verdict)
    }

    /// The name is a suggestion only.
    fn by_name_only(&self, keys: &Keys<'_>) -> Verdict {
        let named = self.open_by_name(keys);
        let (rule, at) = match self.choose(&named) {
            Choice::Nothing => return self.nothing(keys),
            Choice::Several => return self.ambiguous(rules::M4, keys, &named),
            Choice::One(at) => (self.departure(rules::M4, keys, at), at),
            Choice::Picked(rule, at) => (rule, at),
        };
        let mut verdict = Verdict::new(rule, DecisionOutcome::Suggested);
        verdict.record_id = Some(self.configurations[at].id);
        verdict.compared = self.compare(rules::M4, keys, at);
        verdict
    }

    fn ambiguous(&self, step: &str, keys: &Keys<'_>, found: &[usize]) -> Verdict {
        let mut verdict = Verdict::new(rules::M_AMBIGUOUS, DecisionOutcome::Ambiguous);
        if let Some(first) = found.first() {
            verdict.compared = self.compare(step, keys, *first);
        }
        if self.knobs.ambiguity_reported {
            let by = match step {
                rules::M1 => "MAC and serial number",
                rules::M2 => "MAC",
                rules::M3 => "serial number",
                _ => "name",
            };
            let labels = found.iter().map(|at| self.label(*at)).collect();
            verdict.reason = Some(fits_several(by, labels));
        }
        verdict
    }

    /// Nothing fits, not even by name: M5, or the rule without which something would have.
    fn nothing(&self, keys: &Keys<'_>) -> Verdict {
        let by_mac = hits(&self.by_mac, &keys.macs);
        let contradicting = |at: &usize| self.contradicts(keys, *at);
        let taken = by_mac.clone().find(|at| !contradicting(at));
        let taken = taken.or_else(|| hits(&self.by_serial, &keys.serial).next());
        let serial = present(keys.device.serial);
        let placeholder = text_key(self.knobs.serial_compare, serial)
            .filter(|key| is_placeholder(self.knobs, key))
            .and_then(|key| self.placeholders.get(&key).copied());
        let differs = by_mac.clone().find(contradicting);
        let shared = hits(&self.by_mac, &keys.shared).next();

        let (rule, at, step, because) = if let Some(at) = taken {
            let because = "stands for another device";
            (rules::M_TAKEN, at, rules::M1, because)
        } else if let Some(at) = placeholder {
            let because = "has the same placeholder in place of a serial number";
            (rules::M_PLACEHOLDER, at, rules::M3, because)
        } else if let Some(at) = differs {
            let because = "has the same MAC and another serial number";
            (rules::M_CONTRADICTION, at, rules::M1, because)
        } else if let Some(at) = shared {
            let because = "has a MAC that other devices carry too";
            (rules::M_SHARED_MAC, at, rules::M2, because)
        } else {
            return Verdict::new(rules::M5, DecisionOutcome::Unmatched);
        };
        let mut verdict = Verdict::new(rule, DecisionOutcome::Unmatched);
        verdict.compared = self.compare(step, keys, at);
        if self.knobs.ambiguity_reported {
            verdict.reason = Some(format!("{} {because}", self.label(at)));
        }
        verdict
    }

    fn open(&self, at: usize) -> bool {
        self.free[at] || !self.knobs.exclude_linked_candidates
    }

    /// Candidates that have a MAC of the device, in order of creation.
    fn open_by_mac(&self, keys: &Keys<'_>) -> Vec<usize> {
        let found = hits(&self.by_mac, &keys.macs);
        let mut found: Vec<usize> = found.filter(|at| self.open(*at)).collect();
        if keys.macs.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        found
    }

    /// The same where no serial number speaks for one of them. Where the MAC does not win, none may
    /// speak against it either: not that of the candidate, and not the device's own when another
    /// configuration has it, even one that stands for another device.
    fn open_by_mac_alone(&self, keys: &Keys<'_>) -> Vec<usize> {
        let mut found = self.open_by_mac(keys);
        if self.knobs.mac_against_serial != MacAgainstSerial::MacWins && !found.is_empty() {
            if hits(&self.by_serial, &keys.serial).next().is_none() {
                found.retain(|at| !self.contradicts(keys, *at));
            } else {
                found.clear();
            }
        }
        found
    }

    fn open_by_serial(&self, keys: &Keys<'_>) -> Vec<usize> {
        let found = hits(&self.by_serial, &keys.serial);
        found.filter(|at| self.open(*at)).collect()
    }

    /// Candidates of the device's name. One that is written the same goes before others (inferred).
    fn open_by_name(&self, keys: &Keys<'_>) -> Vec<usize> {
        let found = hits(&self.by_name, &keys.name);
        let mut found: Vec<usize> = found.filter(|at| self.open(*at)).collect();
        if self.knobs.name_compare != TextCompare::Exact {
            let same = |at: &usize| self.configurations[*at].name == keys.device.name;
            if found.iter().any(same) {
                found.retain(same);
            }
        }
        found
    }

    /// Whether both have a serial number, and not the same, where that counts.
    fn contradicts(&self, keys: &Keys<'_>, at: usize) -> bool {
        if self.knobs.mac_against_serial == MacAgainstSerial::MacWins {
            return false;
        }
        let theirs = serial_key(self.knobs, self.configurations[at].serial.as_deref());
        matches!((&keys.serial, &theirs), (Some(ours), Some(theirs)) if ours != theirs)
    }

    fn choose(&self, found: &[usize]) -> Choice {
        match (found, self.knobs.ambiguity) {
            ([], _) => Choice::Nothing,
            ([only], _) => Choice::One(*only),
            (_, Ambiguity::LeaveUnmatched) => Choice::Several,
            ([oldest, ..], Ambiguity::Oldest) => Choice::Picked(rules::AMBIGUITY_OLDEST, *oldest),
            ([first, rest @ ..], Ambiguity::First) => {
                let name = |at: &usize| &self.configurations[*at].name;
                let by_name = |first, other| {
                    if name(other) < name(first) {
                        other
                    } else {
                        first
                    }
                };
                Choice::Picked(rules::AMBIGUITY_FIRST, *rest.iter().fold(first, by_name))
            }
        }
    }

    /// The rule that a fit goes by: the step itself where the documented settings would have seen it.
    fn departure(&self, step: &'static str, keys: &Keys<'_>, at: usize) -> &'static str {
        let record = self.configurations[at];
        let (device, configuration) = (keys.device, record);
        if record.archived {
            return rules::CANDIDATE_ARCHIVED;
        }
        if !self.free[at] {
            return rules::CANDIDATE_LINKED;
        }
        let primary = |form| {
            let ours = device.primary_mac.and_then(|text| mac_form_key(form, text));
            let theirs = configuration.primary_mac.as_deref();
            ours.is_some() && ours == theirs.and_then(|text| mac_form_key(form, text))
        };
        if matches!(step, rules::M1 | rules::M2) && !primary(MacForm::Paired) {
            return if primary(self.knobs.mac_form) {
                rules::M_MAC_FORM
            } else {
                rules::M_ANY_MAC
            };
        }
        if matches!(step, rules::M1 | rules::M3) && device.serial != configuration.serial.as_deref()
        {
            return rules::M_SERIAL_FORM;
        }
        if step == rules::M4 && device.name != configuration.name {
            return rules::M_NAME_FORM;
        }
        step
    }

    fn compare(&self, step: &str, keys: &Keys<'_>, at: usize) -> Vec<Compared> {
        let configuration = self.configurations[at];
        let mac = || self.compare_macs(keys, configuration);
        let serial = || {
            let theirs = present(keys.device.serial);
            compared("serial", theirs, configuration.serial.as_deref())
        };
        match step {
            rules::M1 => vec![mac(), serial()],
            rules::M2 => vec![mac()],
            rules::M3 => vec![serial()],
            _ => {
                let name = present(Some(keys.device.name));
                vec![compared("name", name, Some(&configuration.name))]
            }
        }
    }

    /// The two MACs that are the same, or the primary ones.
    fn compare_macs(&self, keys: &Keys<'_>, configuration: &Comparable) -> Compared {
        let all = keys.macs.iter().chain(&keys.shared);
        let mut ours = all.clone().next();
        let mut theirs = configuration.primary_mac.as_deref();
        if self.knobs.macs_compared == MacsCompared::All {
            let same = all.filter_map(|mac| {
                let mut texts = macs(configuration, self.knobs);
                let text =
                    texts.find(|text| identifying_mac(self.knobs, text).as_ref() == Some(mac));
                text.map(|text| (mac, text))
            });
            if let Some((mac, text)) = same.into_iter().next() {
                (ours, theirs) = (Some(mac), Some(text));
            }
        }
        compared("mac", ours.map(MacKey::to_string).as_deref(), theirs)
    }

    /// A configuration as a reason names it.
    fn label(&self, at: usize) -> String {
        let configuration = self.configurations[at];
        match present(configuration.serial.as_deref()) {
            Some(serial) => format!("{} ({serial})", configuration.name),
            None => configuration.name.clone(),
        }
    }
}

/// The MACs of a configuration that are compared, as they are written.
fn macs(configuration: &Comparable, knobs: Knobs) -> impl Iterator<Item = &str> {
    let adapters = match knobs.macs_compared {
        MacsCompared::Primary => None,
        MacsCompared::All => configuration.interfaces.as_ref(),
    };
    let adapters = adapters.into_iter().flat_map(|list| &list.0);
    let adapters = adapters.filter_map(|interface| interface.mac.as_deref());
    configuration
        .primary_mac
        .as_deref()
        .into_iter()
        .chain(adapters)
}

/// What stands in an index under any of the keys.
fn hits<'i, K, I>(
    index: &'i HashMap<K, Vec<usize>>,
    keys: I,
) -> impl Iterator<Item = usize> + Clone + 'i
where
    K: Hash + Eq + 'i,
    I: IntoIterator<Item = &'i K, IntoIter: Clone + 'i>,
{
    let lists = keys.into_iter().filter_map(|key| index.get(key));
    lists.flatten().copied()
}

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
