//! Matching of devices, organization by organization: the devices that wait are judged by the
//! configurations of the organization that their company is matched to.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::candidates::{Candidates, Keys};
use super::stays_reverted;
use super::verdict::Verdict;
use crate::engine::error::EngineError;
use crate::engine::knobs::serial_key;
use crate::engine::normal::MacKey;
use crate::engine::pass::{Pass, Rulings, Source, compared};
use crate::engine::rules;
use crate::model::{DecisionOutcome, Knobs, MacsCompared, RecordKind, ReviewState};
use crate::store::{RowId, WaitingDevice, Writer};

/// Matches the devices of every matched company, one organization a transaction. An organization that
/// nothing touched since it was judged, none of whose devices is new or changed, would only be judged the
/// same.
pub(super) fn match_devices(pass: &mut Pass<'_>) -> Result<(), EngineError> {
    let source = pass.source();
    let integration_id = pass.integration_id;
    let knobs = pass.knobs;
    let mut organizations: BTreeMap<RowId, Vec<String>> = BTreeMap::new();
    for company in pass.account.reader().companies(integration_id)? {
        if let (ReviewState::Matched, Some(id)) = (company.queued.state, company.queued.record_id) {
            organizations
                .entry(id)
                .or_default()
                .push(company.external_id);
        }
    }
    let touched = pass.account.touched();
    let every = knobs.macs_compared == MacsCompared::All;
    for (organization_id, companies) in organizations {
        let mut devices = companies.iter();
        if !devices.any(|company| touched.contains_company(company))
            && !touched.contains(organization_id)
        {
            continue;
        }
        pass.write(|writer, rulings| {
            let mut shared = SharedMacs::new(knobs);
            let mut devices = Vec::new();
            for company in &companies {
                for device in writer.waiting_devices(integration_id, company, every)? {
                    shared.note(device.serial.as_deref(), &device.macs);
                    if device.queued.state == ReviewState::Unmatched {
                        devices.push(device);
                    }
                }
            }
            let (held, devices): (Vec<_>, Vec<_>) = devices
                .into_iter()
                .partition(|device| stays_reverted(knobs, &device.queued));
            for device in &held {
                let stays = hold(device);
                settle(writer, rulings, source, device, stays)?;
            }
            if devices.is_empty() {
                return Ok(());
            }
            let configurations = writer.comparable(organization_id, every)?;
            let taken = writer.taken_configurations(integration_id, organization_id)?;
            let candidates = Candidates::new(knobs, &configurations, &taken);
            let keys = devices
                .iter()
                .map(|it| Keys::new(&it.name, it.serial.as_deref(), &it.macs, knobs, &shared));
            let verdicts = candidates.judge(&keys.collect::<Vec<_>>());
            for (device, verdict) in devices.iter().zip(verdicts) {
                settle(writer, rulings, source, device, verdict)?;
            }
            Ok(())
        })?;
    }
    pass.account.settle();
    Ok(())
}

/// Puts a device where it was judged to stand.
fn settle(
    writer: &Writer<'_>,
    rulings: &mut Rulings,
    source: Source,
    device: &WaitingDevice,
    verdict: Verdict,
) -> Result<(), EngineError> {
    let queued = verdict.queued();
    let kind = RecordKind::Configuration;
    let decision = verdict
        .ruling(kind, &device.external_id)
        .row(source.sync_id);
    if writer.settle_device(source.integration_id, device, &queued, &decision)? {
        rulings.kept(decision);
    }
    Ok(())
}

/// Leaves a device that a person took a match back from where it is.
fn hold(device: &WaitingDevice) -> Verdict {
    let mut stays = Verdict::new(rules::REVIEW_REVERTED_STAYS, DecisionOutcome::Unmatched);
    stays.compared = vec![compared("name", Some(&device.name), None)];
    stays
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
    pub(super) fn note(&mut self, serial: Option<&str>, macs: &[String]) {
        if self.knobs.macs_compared != MacsCompared::All {
            return;
        }
        let serial = serial_key(self.knobs, serial);
        for mac in Keys::macs_of(macs, self.knobs) {
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
