//! What keeping costs: 10,000 configurations, each with the link to its record in a PSA, are written
//! into an account in memory and into one in a file, a transaction per 1,000, and read back. Tools,
//! connectors and the rules of the sync are not measured.

#![expect(
    clippy::expect_used,
    reason = "a bench that cannot go on says so; nothing here is marked as a test"
)]

#[path = "support/tenant.rs"]
mod tenant;

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use syncrig::model::{Origin, RecordKind};
use syncrig::store::{Account, Configuration, Organization, RowId, StoreError, Stored as _};
use syncrig_mocks::world::{DeviceRecord, Tool, ToolRecords};
use tempfile::TempDir;

const DEVICES: u32 = 10_000;

/// A page of ConnectWise PSA, which a sync keeps in one transaction.
const RECORDS_PER_TRANSACTION: usize = 1_000;

/// The PSA's connection.
const INTEGRATION_ID: i64 = 1;

/// Makes a place of its own each time.
type Make = fn() -> Place;

/// An account, and the folder of its file. The folder goes with it, and after it.
struct Place {
    account: Account,
    _folder: Option<TempDir>,
}

impl Place {
    fn memory() -> Self {
        Self {
            account: Account::in_memory().expect("an account in memory"),
            _folder: None,
        }
    }

    fn file() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("account.sqlite");
        Self {
            account: Account::open(&path).expect("a new account"),
            _folder: Some(folder),
        }
    }

    /// Writes the organizations; their ids by the key of the record.
    fn with_organizations(mut self, records: &ToolRecords) -> (Self, HashMap<String, RowId>) {
        let ids = self.account.write::<_, StoreError>(|writer| {
            let ids = records.organizations.iter().map(|record| {
                let organization = Organization {
                    name: record.name.clone(),
                    ..Organization::default()
                };
                let id = writer.insert(Origin::Psa, &organization)?;
                Ok((record.key.clone(), id))
            });
            ids.collect()
        });
        (self, ids.expect("organizations are written"))
    }

    /// Writes all, and how many rows that made.
    fn write(&mut self, configurations: &[(String, Configuration)]) -> u64 {
        let before = self.account.writes();
        for some in configurations.chunks(RECORDS_PER_TRANSACTION) {
            let kept = self.account.write::<_, StoreError>(|writer| {
                for (remote_id, configuration) in some {
                    let id = writer.insert(Origin::Psa, configuration)?;
                    let (kind, hash) = (RecordKind::Configuration, configuration.content_hash());
                    writer.add_link(INTEGRATION_ID, kind, remote_id, id, hash)?;
                }
                Ok(())
            });
            kept.expect("configurations are written");
        }
        self.account.writes() - before
    }

    /// Reads all configurations and says how many came.
    fn read(&self) -> usize {
        let mut came = 0;
        let read = self.account.reader().each::<Configuration>(|record| {
            black_box(record);
            came += 1;
            Ok(())
        });
        read.expect("configurations are read");
        came
    }
}

/// What a sync would make of a device of the PSA.
fn configuration(device: &DeviceRecord, ids: &HashMap<String, RowId>) -> Configuration {
    let nic = device.nics.first();
    Configuration {
        organization_id: ids[&device.organization],
        name: device.name.clone(),
        hostname: Some(device.name.clone()),
        configuration_type: device.configuration_type.clone(),
        status: device.status.clone(),
        asset_tag: device.asset_tag.clone(),
        serial: device.serial.clone(),
        primary_mac: nic.and_then(|nic| nic.mac.clone()),
        primary_ip: nic.and_then(|nic| nic.ip.clone()),
        default_gateway: device.default_gateway.clone(),
        manufacturer: device.manufacturer.clone(),
        model: device.model.clone(),
        operating_system: device.os.clone(),
        purchased_on: device.purchased.map(|day| day.to_string()),
        installed_on: device.installed.map(|day| day.to_string()),
        warranty_expires_on: device.warranty.map(|day| day.to_string()),
        notes: device.notes.clone(),
        ..Configuration::default()
    }
}

fn account_write(criterion: &mut Criterion) {
    let records = tenant::world(&tenant::spec(DEVICES)).project(Tool::Psa);
    // Ids are given in order, so that they are the same in every new account.
    let (_, ids) = Place::memory().with_organizations(&records);
    let configurations: Vec<(String, Configuration)> = records
        .devices
        .iter()
        .zip(1_u64..)
        .map(|(device, id)| (id.to_string(), configuration(device, &ids)))
        .collect();
    assert_eq!(configurations.len(), DEVICES as usize);

    let mut group = criterion.benchmark_group("account");
    group.throughput(Throughput::Elements(DEVICES.into()));
    group.sample_size(20);
    let places: [(&str, Make); 2] = [("memory", Place::memory), ("file", Place::file)];
    for (name, place) in places {
        group.bench_function(BenchmarkId::new("write", name), |bencher| {
            bencher.iter_batched(
                || place().with_organizations(&records).0,
                |mut place| {
                    // A configuration and a link each.
                    assert_eq!(place.write(&configurations), u64::from(DEVICES) * 2);
                    place
                },
                BatchSize::PerIteration,
            );
        });
        let (mut place, _) = place().with_organizations(&records);
        place.write(&configurations);
        group.bench_function(BenchmarkId::new("read", name), |bencher| {
            bencher.iter(|| assert_eq!(place.read(), DEVICES as usize));
        });
    }
    group.finish();
}

criterion_group!(benches, account_write);
criterion_main!(benches);
