//! What reading a vendor costs, and how long it takes at the vendor's limit, as the model says it and as it
//! comes out: tenants are read through every connector.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

use syncrig::connectors::{
    self, Amounts, Calls, ConnectorOptions, Fleet, PageStream, PsaConnector, Reading, RmmConnector,
    psa_calls, rmm_calls,
};
use syncrig::model::{Method, RecordKind};
use syncrig::quota::{Bound, Tenant, quota_of};
use syncrig::transport::{CallStats, Clock as _, SimulatedClock, Transport, TransportError};
use syncrig_mocks::Vendor;
use syncrig_mocks::world::{
    Count, DeviceClass, DevicePatch, DirtPreset, DirtSpec, GenerateSpec, Patch, Tool,
};

use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

/// Organizations, devices of each, records in a page.
const TENANTS: [(u32, u32, Option<u32>); 4] = [
    (3, 40, None),
    (45, 3, Some(20)),
    // Lists of which the last page is full.
    (20, 5, Some(20)),
    (1, 30, Some(25)),
];

fn rig(organizations: u32, devices: u32, psa: Vendor, rmm: Vendor) -> Rig {
    let spec = GenerateSpec {
        seed: 42,
        organizations,
        devices_per_organization: Count::Fixed(devices),
        locations_per_organization: Count::Fixed(1),
        contacts_per_organization: Count::Fixed(4),
        dirt: DirtSpec::preset(DirtPreset::None),
        ..GenerateSpec::default()
    };
    Rig::of(tenants::world(&spec), 20, psa, rmm)
}

fn options(rig: &Rig, tool: Tool, page_size: Option<u32>) -> ConnectorOptions {
    ConnectorOptions {
        page_size,
        ..rig.options(tool)
    }
}

async fn all<T>(mut pages: PageStream<'_, T>) -> Vec<T> {
    let mut records = Vec::new();
    while let Some(page) = pages.next_page().await.expect("a page comes") {
        assert!(page.rejected.is_empty());
        records.extend(page.records);
    }
    records
}

fn fleet(rig: &Rig) -> Fleet {
    let mut fleet = Fleet::default();
    for device in rig.world.project(Tool::Rmm).devices {
        let count = match device.class {
            DeviceClass::Workstation => &mut fleet.workstations,
            DeviceClass::Server => &mut fleet.servers,
            DeviceClass::Hypervisor => &mut fleet.hosts,
            DeviceClass::Network => &mut fleet.network,
            DeviceClass::Printer => &mut fleet.printers,
        };
        *count += 1;
    }
    fleet
}

fn amounts(rig: &Rig) -> Amounts {
    let psa = rig.world.project(Tool::Psa);
    Amounts {
        organizations: psa.organizations.len() as u64,
        locations: psa.locations.len() as u64,
        contacts: psa.contacts.len() as u64,
        configurations: psa.devices.len() as u64,
        devices: fleet(rig),
    }
}

/// Requests by operation since an earlier count.
fn since(stats: &CallStats, before: &CallStats) -> BTreeMap<&'static str, u64> {
    let requests = |stats: &CallStats, name: &str| {
        let found = stats.operations.iter().find(|(own, _)| **own == name);
        found.map_or(0, |(_, it)| it.requests)
    };
    let names = stats.operations.keys();
    let counts = names.map(|name| (*name, requests(stats, name) - requests(before, name)));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn told(calls: Vec<Calls>) -> BTreeMap<&'static str, u64> {
    let mut told = BTreeMap::new();
    for calls in calls {
        *told.entry(calls.operation).or_default() += calls.requests;
    }
    told
}

/// Whether requests are as told: to the one, but for operations whose number depends on how records are
/// spread, which the model takes to be even.
fn agrees(told: &BTreeMap<&str, u64>, asked: &BTreeMap<&str, u64>) -> bool {
    const SPREAD: [&str; 3] = ["devices.network-interface", "products.list", "devices.list"];
    let names: BTreeSet<&&str> = told.keys().chain(asked.keys()).collect();
    names.into_iter().all(|name| {
        let count = |map: &BTreeMap<&str, u64>| map.get(*name).copied().unwrap_or(0);
        let (told, asked) = (count(told), count(asked));
        let leeway = if SPREAD.contains(name) {
            1 + asked / 3
        } else {
            0
        };
        told.abs_diff(asked) <= leeway
    })
}

/// Another name for some devices in both tools, and how many of each kind they are.
fn edit(rig: &mut Rig, every: usize) -> Amounts {
    let mut changed = Amounts::default();
    let devices = rig.world.project(Tool::Rmm).devices;
    for device in devices.iter().step_by(every) {
        let patch = Patch::Device(Box::new(DevicePatch {
            name: Some(format!("{}-NEW", device.name)),
            ..DevicePatch::default()
        }));
        for tool in [Tool::Psa, Tool::Rmm] {
            let edits = rig.world.edit(tool, &device.key, &patch);
            rig.tell(&edits.expect("both tools have the device"));
        }
        changed.configurations += 1;
        let count = match device.class {
            DeviceClass::Workstation => &mut changed.devices.workstations,
            DeviceClass::Server => &mut changed.devices.servers,
            DeviceClass::Hypervisor => &mut changed.devices.hosts,
            DeviceClass::Network => &mut changed.devices.network,
            DeviceClass::Printer => &mut changed.devices.printers,
        };
        *count += 1;
    }
    changed
}

/// Everything, or what changed since then and how much there is.
async fn read_psa(psa: &dyn PsaConnector, last: Option<jiff::Timestamp>) {
    let changes = last.and_then(|last| Some((psa.changes()?, last)));
    let organizations = all(psa.organizations()).await;
    all(psa.locations(organizations.into_iter().map(|it| it.id).collect())).await;
    match changes.and_then(|(it, last)| Some((it, it.contacts(last)?))) {
        Some((it, contacts)) => {
            all(contacts).await;
            it.count(RecordKind::Contact).await.expect("a count");
        }
        None => drop(all(psa.contacts()).await),
    }
    if !psa.capabilities().configurations {
        return;
    }
    match changes.and_then(|(it, last)| Some((it, it.configurations(last)?))) {
        Some((it, configurations)) => {
            all(configurations).await;
            it.count(RecordKind::Configuration).await.expect("a count");
        }
        None => drop(all(psa.configurations()).await),
    }
}

async fn read_rmm(rmm: &dyn RmmConnector) {
    all(rmm.companies()).await;
    all(rmm.devices()).await;
}

#[test]
fn every_psa_is_asked_as_often_as_is_told() {
    block_on(async {
        let mut wrong = Vec::new();
        for psa in Vendor::of(Tool::Psa) {
            for (organizations, devices, page_size) in TENANTS {
                let mut rig = rig(organizations, devices, psa, Vendor::NinjaOne);
                let access = rig.psa.simulator.access();
                let url = format!("http://psa.test{}", access.base_path);
                let options = options(&rig, Tool::Psa, page_size);
                let connector = connectors::psa(psa.slug(), &url, &access.credentials, &options);
                let connector = connector.expect("a connector");
                let mut changed: Option<Amounts> = None;
                for _ in 0..2 {
                    let amounts = amounts(&rig);
                    let reading = Reading {
                        amounts: &amounts,
                        changed: changed.as_ref(),
                        configurations: connector.capabilities().configurations,
                        page_size,
                    };
                    let told = told(psa_calls(psa.slug(), &reading).expect("a PSA"));
                    let before = connector.stats();
                    let last = changed.map(|_| rig.clock.now());
                    if changed.is_some() {
                        rig.clock.advance(1_000);
                    }
                    read_psa(&*connector, last).await;
                    let asked = since(&connector.stats(), &before);
                    if !agrees(&told, &asked) {
                        wrong.push(format!("{} {organizations}x{devices} {page_size:?} {changed:?}\n  told  {told:?}\n  asked {asked:?}", psa.slug()));
                    }
                    rig.clock.advance(86_400_000);
                    changed = Some(edit(&mut rig, 7));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn every_rmm_is_asked_as_often_as_is_told() {
    block_on(async {
        let mut wrong = Vec::new();
        for rmm in Vendor::of(Tool::Rmm) {
            for (organizations, devices, page_size) in TENANTS {
                let mut rig = rig(organizations, devices, Vendor::ConnectwisePsa, rmm);
                let access = rig.rmm.simulator.access();
                let url = format!("http://rmm.test{}", access.base_path);
                let options = options(&rig, Tool::Rmm, page_size);
                let connector = connectors::rmm(rmm.slug(), &url, &access.credentials, &options);
                let connector = connector.expect("a connector");
                let mut changed: Option<Amounts> = None;
                for _ in 0..2 {
                    let amounts = amounts(&rig);
                    let reading = Reading {
                        amounts: &amounts,
                        changed: None,
                        configurations: true,
                        page_size,
                    };
                    if let (Vendor::Intune, Some(changed)) = (rmm, &mut changed) {
                        // Another name is no check-in, by which details are read again.
                        changed.devices = Fleet::default();
                    }
                    let reading = Reading {
                        changed: changed.as_ref(),
                        ..reading
                    };
                    let told = told(rmm_calls(rmm.slug(), &reading).expect("an RMM"));
                    let before = connector.stats();
                    read_rmm(&*connector).await;
                    let asked = since(&connector.stats(), &before);
                    if !agrees(&told, &asked) {
                        wrong.push(format!("{} {organizations}x{devices} {page_size:?} {changed:?}\n  told  {told:?}\n  asked {asked:?}", rmm.slug()));
                    }
                    rig.clock.advance(86_400_000);
                    changed = Some(edit(&mut rig, 7));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// A wire on which each reply takes its time.
#[derive(Debug)]
struct Slow {
    wire: Arc<dyn Transport>,
    clock: Arc<SimulatedClock>,
    latency_ms: i64,
}

impl Transport for Slow {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let reply = self.wire.send(request).await;
            self.clock.advance(self.latency_ms);
            reply
        })
    }
}

/// With the limits of both sides on, in simulated time. That stands while calls are in flight at once, so
/// that round trips can be told apart only where there is one call at a time.
#[test]
fn reading_at_the_limit_takes_as_long_as_is_told() {
    const LATENCY_MS: u64 = 70;
    block_on(async {
        let mut wrong = Vec::new();
        let mut bound = BTreeSet::new();
        let tools = [Tool::Psa, Tool::Rmm];
        for vendor in tools
            .into_iter()
            .flat_map(Vendor::of)
            .collect::<BTreeSet<_>>()
        {
            for tool in tools
                .into_iter()
                .filter(|tool| Vendor::of(*tool).any(|it| it == vendor))
            {
                let (psa, rmm) = match tool {
                    Tool::Psa => (vendor, Vendor::NinjaOne),
                    Tool::Rmm => (Vendor::ConnectwisePsa, vendor),
                };
                let rig = rig(40, 40, psa, rmm);
                let amounts = amounts(&rig);
                let told = |latency_ms| {
                    let tenant = Tenant {
                        organizations: 40,
                        devices: 40,
                        locations: 1,
                        contacts: 4,
                        changed_millionths: 0,
                        method: Method::B,
                        latency_ms,
                    };
                    let slug = [vendor.slug()];
                    let none: [&str; 0] = [];
                    let (psas, rmms) = match tool {
                        Tool::Psa => (&slug[..], &none[..]),
                        Tool::Rmm => (&none[..], &slug[..]),
                    };
                    let report = quota_of(tenant, &amounts, &Amounts::default(), psas, rmms);
                    report.tools[0].first.clone()
                };
                let alone = told(0).calls.iter().all(|calls| calls.at_once == 1);
                let latency_ms = if alone { LATENCY_MS } else { 0 };
                let told = told(latency_ms);
                let side = rig.side(tool);
                side.simulator.set_limits(true);
                let mut options = options(&rig, tool, None);
                options.respect_limits = true;
                options.transport = Arc::new(Slow {
                    wire: Arc::clone(&options.transport),
                    clock: Arc::clone(&rig.clock),
                    latency_ms: i64::try_from(latency_ms).expect("small"),
                });
                let access = side.simulator.access();
                let url = format!("http://vendor.test{}", access.base_path);
                let before = rig.clock.now();
                let keys = &access.credentials;
                match tool {
                    Tool::Psa => {
                        let connector = connectors::psa(vendor.slug(), &url, keys, &options);
                        read_psa(&*connector.expect("a connector"), None).await;
                    }
                    Tool::Rmm => {
                        let connector = connectors::rmm(vendor.slug(), &url, keys, &options);
                        read_rmm(&*connector.expect("a connector")).await;
                    }
                }
                let took = rig.clock.now().duration_since(before).as_millis();
                let took = u64::try_from(took).expect("time goes on");
                if told.bound == Bound::Limit {
                    bound.insert(vendor.slug());
                }
                // A token is asked for outside the limit, and time has whole milliseconds.
                if told.ms.abs_diff(took) > told.ms / 100 + 2 * LATENCY_MS {
                    wrong.push(format!("{}: told {told:?}, took {took}", vendor.slug()));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // The tenant is large enough that some limits count.
        assert!(bound.len() >= 3, "{bound:?}");
    });
}
