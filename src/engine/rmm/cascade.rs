//! The matching cascade M1 to M5 for devices. Candidates are the configurations of the organization
//! that the device's company is matched to. A step is tried for every device before the next weaker
//! one (inferred), so that a device that fits by MAC and serial number is not robbed of its
//! configuration by one that fits by MAC alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::error::EngineError;
use crate::engine::normal::{MacKey, mac_key, present};
use crate::engine::pass::{Pass, Ruling, compared};
use crate::engine::rules;
use crate::model::{Compared, DecisionOutcome, RecordKind, ReviewState};
use crate::store::{Configuration, DeviceRow, Queued, Record, RowId};

/// Matches the devices of every matched company, one organization a transaction.
pub(super) fn match_devices(pass: &mut Pass<'_>) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    let mut organizations: BTreeMap<RowId, Vec<String>> = BTreeMap::new();
    for company in pass.account.reader().companies(integration_id)? {
        if let (ReviewState::Matched, Some(id)) = (company.queued.state, company.queued.record_id) {
            organizations
                .entry(id)
                .or_default()
                .push(company.external_id);
        }
    }
    for (organization_id, companies) in organizations {
        pass.write(|writer, rulings| {
            let mut devices = Vec::new();
            for company in &companies {
                let all = writer.devices_of_company(integration_id, company)?;
                let open = |device: &DeviceRow| device.queued.state == ReviewState::Unmatched;
                devices.extend(all.into_iter().filter(open));
            }
            if devices.is_empty() {
                return Ok(());
            }
            let configurations = writer.of_organization::<Configuration>(organization_id)?;
            let taken = writer.taken_configurations(integration_id, organization_id)?;
            let candidates = Candidates::new(&configurations, &taken);
            for (device, verdict) in devices.iter().zip(candidates.judge(&devices)) {
                writer.queue_device(device.id, &verdict.queued())?;
                rulings.push(verdict.ruling(device));
            }
            Ok(())
        })?;
    }
    Ok(())
}

struct Candidates<'a> {
    configurations: Vec<&'a Record<Configuration>>,
    by_mac: HashMap<MacKey, Vec<usize>>,
    by_serial: HashMap<&'a str, Vec<usize>>,
    by_name: HashMap<&'a str, Vec<usize>>,
    free: Vec<bool>,
}

#[derive(Debug, Clone)]
struct Verdict {
    rule: &'static str,
    outcome: DecisionOutcome,
    record_id: Option<RowId>,
    reason: Option<&'static str>,
    compared: Vec<Compared>,
}

/// What a device is compared by.
struct Keys<'a> {
    mac: Option<MacKey>,
    serial: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Candidates<'a> {
    /// Archived configurations are no candidates (inferred).
    fn new(configurations: &'a [Record<Configuration>], taken: &BTreeSet<RowId>) -> Self {
        let mut candidates = Self {
            configurations: configurations
                .iter()
                .filter(|record| !record.archived)
                .collect(),
            by_mac: HashMap::new(),
            by_serial: HashMap::new(),
            by_name: HashMap::new(),
            free: Vec::new(),
        };
        for (at, record) in candidates.configurations.iter().enumerate() {
            candidates.free.push(!taken.contains(&record.id));
            if let Some(mac) = record.value.primary_mac.as_deref().and_then(mac_key) {
                candidates.by_mac.entry(mac).or_default().push(at);
            }
            if let Some(serial) = present(record.value.serial.as_deref()) {
                candidates.by_serial.entry(serial).or_default().push(at);
            }
            if let Some(name) = present(Some(&record.value.name)) {
                candidates.by_name.entry(name).or_default().push(at);
            }
        }
        candidates
    }

    /// One verdict a device, in order.
    fn judge(mut self, devices: &[DeviceRow]) -> Vec<Verdict> {
        let keys: Vec<Keys<'_>> = devices.iter().map(Keys::of).collect();
        let mut verdicts: Vec<Option<Verdict>> = vec![None; devices.len()];
        for step in [rules::M1, rules::M2, rules::M3] {
            for (keys, verdict) in keys.iter().zip(&mut verdicts) {
                if verdict.is_none() {
                    *verdict = self.step(step, keys);
                }
            }
        }
        keys.iter()
            .zip(verdicts)
            .map(|(keys, verdict)| verdict.unwrap_or_else(|| self.by_name_only(keys)))
            .collect()
    }

    /// Tries one of the exact steps. Several candidates are an ambiguity, after which no weaker step
    /// is tried (inferred, after the vendor's sister matcher).
    fn step(&mut self, step: &'static str, keys: &Keys<'_>) -> Option<Verdict> {
        let by_mac = keys.mac.as_ref().and_then(|mac| self.by_mac.get(mac));
        let by_serial = keys.serial.and_then(|serial| self.by_serial.get(serial));
        let free = |list: Option<&Vec<usize>>| -> Vec<usize> {
            list.into_iter()
                .flatten()
                .copied()
                .filter(|at| self.free[*at])
                .collect()
        };
        let found: Vec<usize> = match step {
            rules::M1 => {
                let serials = free(by_serial);
                free(by_mac)
                    .into_iter()
                    .filter(|at| serials.contains(at))
                    .collect()
            }
            rules::M2 => free(by_mac),
            _ => free(by_serial),
        };
        let at = match found.as_slice() {
            [] => return None,
            [only] => *only,
            [first, ..] => {
                return Some(Verdict {
                    rule: rules::M_AMBIGUOUS,
                    outcome: DecisionOutcome::Ambiguous,
                    record_id: None,
                    reason: None,
                    compared: self.compare(step, keys, *first),
                });
            }
        };
        let elsewhere: Vec<usize> = free(by_serial)
            .into_iter()
            .filter(|other| *other != at)
            .collect();
        self.free[at] = false;
        let mut verdict = Verdict {
            rule: step,
            outcome: DecisionOutcome::Matched,
            record_id: Some(self.configurations[at].id),
            reason: None,
            compared: self.compare(step, keys, at),
        };
        if let (rules::M2, Some(other)) = (step, elsewhere.first()) {
            verdict.outcome = DecisionOutcome::Conflict;
            verdict.reason = Some(rules::M_CONFLICT);
            verdict
                .compared
                .extend(self.compare(rules::M3, keys, *other));
        }
        Some(verdict)
    }

    /// M4 and M5, or `M-taken` when a stronger step only failed because the configuration stands
    /// for another device.
    fn by_name_only(&self, keys: &Keys<'_>) -> Verdict {
        let none = Verdict {
            rule: rules::M5,
            outcome: DecisionOutcome::Unmatched,
            record_id: None,
            reason: None,
            compared: Vec::new(),
        };
        let named: Vec<usize> = keys
            .name
            .and_then(|name| self.by_name.get(name))
            .into_iter()
            .flatten()
            .copied()
            .filter(|at| self.free[*at])
            .collect();
        match named.as_slice() {
            [only] => Verdict {
                rule: rules::M4,
                outcome: DecisionOutcome::Suggested,
                record_id: Some(self.configurations[*only].id),
                compared: self.compare(rules::M4, keys, *only),
                ..none
            },
            [first, ..] => Verdict {
                rule: rules::M_AMBIGUOUS,
                outcome: DecisionOutcome::Ambiguous,
                compared: self.compare(rules::M4, keys, *first),
                ..none
            },
            [] => {
                let by_mac = keys.mac.as_ref().and_then(|mac| self.by_mac.get(mac));
                let by_serial = keys.serial.and_then(|serial| self.by_serial.get(serial));
                let taken = by_mac
                    .into_iter()
                    .chain(by_serial)
                    .flatten()
                    .copied()
                    .next();
                match taken {
                    Some(at) => Verdict {
                        rule: rules::M_TAKEN,
                        compared: self.compare(rules::M1, keys, at),
                        ..none
                    },
                    None => none,
                }
            }
        }
    }

    fn compare(&self, step: &str, keys: &Keys<'_>, at: usize) -> Vec<Compared> {
        let configuration = &self.configurations[at].value;
        let mac = || {
            let mac = keys.mac.as_ref().map(MacKey::to_string);
            compared("mac", mac.as_deref(), configuration.primary_mac.as_deref())
        };
        let serial = || compared("serial", keys.serial, configuration.serial.as_deref());
        match step {
            rules::M1 => vec![mac(), serial()],
            rules::M2 => vec![mac()],
            rules::M3 => vec![serial()],
            _ => vec![compared("name", keys.name, Some(&configuration.name))],
        }
    }
}

impl<'a> Keys<'a> {
    fn of(row: &'a DeviceRow) -> Self {
        Self {
            mac: row.device.primary_mac().and_then(mac_key),
            serial: present(row.device.serial.as_deref()),
            name: present(Some(&row.device.name)),
        }
    }
}

impl Verdict {
    fn queued(&self) -> Queued {
        let matched = matches!(
            self.outcome,
            DecisionOutcome::Matched | DecisionOutcome::Conflict
        );
        let suggested = self.outcome == DecisionOutcome::Suggested;
        Queued {
            state: if matched {
                ReviewState::Matched
            } else {
                ReviewState::Unmatched
            },
            record_id: self.record_id.filter(|_| matched),
            rule: Some(self.rule.to_owned()),
            suggestion_id: self.record_id.filter(|_| suggested),
            reason: self.reason.map(str::to_owned),
        }
    }

    fn ruling(self, device: &DeviceRow) -> Ruling {
        Ruling {
            kind: RecordKind::Configuration,
            external_id: device.external_id.clone(),
            rule: self.rule,
            outcome: self.outcome,
            record_id: self.record_id,
            compared: self.compared,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, RemoteDevice, RemoteInterface};

    fn configuration(id: RowId, name: &str, mac: &str, serial: &str) -> Record<Configuration> {
        let value = Configuration {
            name: name.to_owned(),
            primary_mac: Some(mac.to_owned()),
            serial: Some(serial.to_owned()),
            ..Configuration::default()
        };
        Record {
            id,
            origin: Origin::Psa,
            archived: false,
            value,
        }
    }

    fn device(name: &str, mac: &str, serial: &str) -> DeviceRow {
        let interface = RemoteInterface {
            mac: Some(mac.to_owned()),
            ..RemoteInterface::default()
        };
        DeviceRow {
            id: 1,
            integration_id: 1,
            external_id: name.to_owned(),
            company_external_id: "c".to_owned(),
            queued: Queued::unmatched(),
            device: RemoteDevice {
                name: name.to_owned(),
                serial: Some(serial.to_owned()),
                interfaces: vec![interface],
                ..RemoteDevice::default()
            },
        }
    }

    fn judge(
        configurations: &[Record<Configuration>],
        taken: &[RowId],
        devices: &[DeviceRow],
    ) -> Vec<(&'static str, Option<RowId>)> {
        let taken = taken.iter().copied().collect();
        let verdicts = Candidates::new(configurations, &taken).judge(devices);
        verdicts
            .into_iter()
            .map(|verdict| (verdict.rule, verdict.record_id))
            .collect()
    }

    const MAC: &str = "00:1B:44:11:3A:B7";
    const OTHER: &str = "00:1B:44:11:3A:B8";

    #[test]
    fn steps_in_order_of_strength() {
        let known = [
            configuration(7, "WS1", MAC, "S1"),
            configuration(8, "WS2", OTHER, "S2"),
        ];
        let devices = [device("x", "00-1b-44-11-3a-b7", "S1")];
        assert_eq!(judge(&known, &[], &devices), [(rules::M1, Some(7))]);
        assert_eq!(
            judge(&known, &[], &[device("x", MAC, "")]),
            [(rules::M2, Some(7))]
        );
        assert_eq!(
            judge(&known, &[], &[device("x", "", "S2")]),
            [(rules::M3, Some(8))]
        );
        assert_eq!(
            judge(&known, &[], &[device("WS2", "", "s2")]),
            [(rules::M4, Some(8))]
        );
        assert_eq!(
            judge(&known, &[], &[device("ws2", "", "")]),
            [(rules::M5, None)]
        );
    }

    #[test]
    fn the_mac_wins_over_the_serial_and_says_so() {
        let known = [
            configuration(7, "a", MAC, "S1"),
            configuration(8, "b", OTHER, "S2"),
        ];
        let taken = BTreeSet::new();
        let verdicts = Candidates::new(&known, &taken).judge(&[device("x", MAC, "S2")]);
        assert_eq!(verdicts[0].record_id, Some(7));
        assert_eq!(verdicts[0].outcome, DecisionOutcome::Conflict);
        assert_eq!(verdicts[0].compared.len(), 2);
    }

    #[test]
    fn an_ambiguity_ends_the_cascade() {
        let known = [
            configuration(7, "a", MAC, "S1"),
            configuration(8, "b", MAC, "S2"),
        ];
        // The serial number alone would have told, but the stronger step was ambiguous.
        assert_eq!(
            judge(&known, &[], &[device("a", MAC, "S9")]),
            [(rules::M_AMBIGUOUS, None)]
        );
        // MAC and serial number together are not ambiguous.
        assert_eq!(
            judge(&known, &[], &[device("a", MAC, "S2")]),
            [(rules::M1, Some(8))]
        );
    }

    #[test]
    fn a_weaker_fit_does_not_rob_a_stronger_one() {
        let known = [configuration(7, "a", MAC, "S1")];
        let devices = [
            device("borrowed the dock", MAC, "S9"),
            device("a", MAC, "S1"),
        ];
        assert_eq!(
            judge(&known, &[], &devices),
            [(rules::M_TAKEN, None), (rules::M1, Some(7))]
        );
    }

    #[test]
    fn a_configuration_stands_for_one_device() {
        let known = [configuration(7, "a", MAC, "S1")];
        assert_eq!(
            judge(&known, &[7], &[device("a", MAC, "S1")]),
            [(rules::M_TAKEN, None)]
        );
    }

    #[test]
    fn blank_values_fit_nothing() {
        let known = [configuration(7, "", "", " ")];
        assert_eq!(
            judge(&known, &[], &[device("", "", " ")]),
            [(rules::M5, None)]
        );
    }
}
