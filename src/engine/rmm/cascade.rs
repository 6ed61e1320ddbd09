//! Matching of devices, organization by organization: the devices that wait are judged by the
//! configurations of the organization that their company is matched to.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::candidates::{Candidates, Keys};
use super::stays_reverted;
use crate::engine::error::EngineError;
use crate::engine::knobs::serial_key;
use crate::engine::normal::MacKey;
use crate::engine::pass::{Pass, Ruling, compared};
use crate::engine::rules;
use crate::model::{DecisionOutcome, Knobs, MacsCompared, RecordKind, RemoteDevice, ReviewState};
use crate::store::{Configuration, DeviceRow, Queued, RowId, Writer};

/// Matches the devices of every matched company, one organization a transaction.
pub(super) fn match_devices(pass: &mut Pass<'_>) -> Result<(), EngineError> {
    let integration_id = pass.integration_id;
    let knobs = pass.knobs;
    let kind = RecordKind::Configuration;
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
            let mut shared = SharedMacs::new(knobs);
            let mut devices = Vec::new();
            for company in &companies {
                for device in writer.devices_of_company(integration_id, company)? {
                    shared.note(&device.device);
                    if device.queued.state != ReviewState::Unmatched {
                        continue;
                    }
                    if stays_reverted(knobs, &device.queued) {
                        hold(writer, rulings, &device)?;
                    } else {
                        devices.push(device);
                    }
                }
            }
            if devices.is_empty() {
                return Ok(());
            }
            let configurations = writer.of_organization::<Configuration>(organization_id)?;
            let taken = writer.taken_configurations(integration_id, organization_id)?;
            let candidates = Candidates::new(knobs, &configurations, &taken);
            let keys = devices
                .iter()
                .map(|row| Keys::of(&row.device, knobs, &shared));
            let verdicts = candidates.judge(&keys.collect::<Vec<_>>());
            for (device, verdict) in devices.iter().zip(verdicts) {
                writer.queue_device(device.id, &verdict.queued())?;
                rulings.push(verdict.ruling(kind, &device.external_id));
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Leaves a device that a person took a match back from where it is.
fn hold(
    writer: &Writer<'_>,
    rulings: &mut Vec<Ruling>,
    device: &DeviceRow,
) -> Result<(), EngineError> {
    let rule = rules::REVIEW_REVERTED_STAYS;
    let queued = Queued {
        rule: Some(rule.to_owned()),
        ..Queued::unmatched()
    };
    writer.queue_device(device.id, &queued)?;
    rulings.push(Ruling {
        kind: RecordKind::Configuration,
        external_id: device.external_id.clone(),
        rule,
        outcome: DecisionOutcome::Unmatched,
        record_id: None,
        compared: vec![compared("name", Some(&device.device.name), None)],
    });
    Ok(())
}

/// MACs that devices of different serial numbers carry, such as those of docking stations: where all
/// MACs are compared, they identify none of them (inferred). Two records of one machine have one
/// serial number, or none.
pub(super) struct SharedMacs {
    knobs: Knobs,
    carriers: HashMap<MacKey, Option<String>>,
    shared: HashSet<MacKey>,
}

impl SharedMacs {
    pub(super) fn new(knobs: Knobs) -> Self {
        Self {
            knobs,
            carriers: HashMap::new(),
            shared: HashSet::new(),
        }
    }

    /// Takes note of a device. Nothing is to be noted where primary MACs alone are compared.
    pub(super) fn note(&mut self, device: &RemoteDevice) {
        if self.knobs.macs_compared != MacsCompared::All {
            return;
        }
        let serial = serial_key(self.knobs, device.serial.as_deref());
        for mac in Keys::macs_of(device, self.knobs) {
            match self.carriers.get(&mac) {
                None => {
                    let serial = serial.as_deref().map(str::to_owned);
                    self.carriers.insert(mac, serial);
                }
                Some(other) if other.as_deref() != serial.as_deref() => {
                    self.shared.insert(mac);
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn contains(&self, mac: &MacKey) -> bool {
        self.shared.contains(mac)
    }
}
