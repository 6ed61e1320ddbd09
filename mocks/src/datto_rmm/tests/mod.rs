//! The simulator against the reference's facts, asked through `handle` as a client would.

mod access;
mod changes;
mod fronts;
mod limits;
mod paging;
mod reads;
mod writes;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::{DattoOptions, DattoRmm};
use crate::world::{DeviceClass, DeviceRecord, Disk, Nic, OrganizationRecord, ToolRecords};
use crate::{Reply, Request, Simulator};

pub(super) const BASIC: &str = "Basic cHVibGljLWNsaWVudDpwdWJsaWM=";

pub(super) fn start() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

/// So many milliseconds after the start.
pub(super) fn after(ms: i64) -> Timestamp {
    start() + jiff::SignedDuration::from_millis(ms)
}

pub(super) fn organization(key: &str, name: &str) -> OrganizationRecord {
    OrganizationRecord {
        key: key.to_owned(),
        truth: key.to_owned(),
        name: name.to_owned(),
        short_name: None,
        organization_type: None,
        status: None,
        parent: None,
        phone: None,
        website: None,
        active: true,
    }
}

pub(super) fn device(key: &str, organization: &str, class: DeviceClass) -> DeviceRecord {
    DeviceRecord {
        key: key.to_owned(),
        truth: key.to_owned(),
        organization: organization.to_owned(),
        location: None,
        contact: None,
        name: key.to_uppercase(),
        class,
        laptop: false,
        configuration_type: None,
        status: None,
        serial: Some(format!("SN-{key}")),
        nics: Vec::new(),
        default_gateway: None,
        manufacturer: Some("Dell Inc.".to_owned()),
        model: Some("Latitude 5440".to_owned()),
        os: None,
        os_version: None,
        asset_tag: None,
        cpu: None,
        cpu_cores: None,
        memory_bytes: None,
        disks: Vec::new(),
        last_user: None,
        last_reboot: None,
        last_seen: None,
        purchased: None,
        installed: None,
        warranty: None,
        notes: None,
        active: true,
    }
}

/// A laptop with everything filled in, a dock's adapter second.
pub(super) fn laptop() -> DeviceRecord {
    DeviceRecord {
        laptop: true,
        nics: vec![
            Nic {
                name: Some("Intel(R) Wi-Fi 6E AX211".to_owned()),
                mac: Some("001b.4411.3ab7".to_owned()),
                ip: Some("10.20.30.47".to_owned()),
            },
            Nic {
                name: Some("Realtek USB GbE".to_owned()),
                mac: Some("00:E0:4C:68:00:01".to_owned()),
                ip: None,
            },
        ],
        os: Some("Microsoft Windows 11 Pro".to_owned()),
        os_version: Some("10.0.22631".to_owned()),
        cpu: Some("13th Gen Intel(R) Core(TM) i5-1345U".to_owned()),
        cpu_cores: Some(10),
        memory_bytes: Some(17_179_869_184),
        disks: vec![Disk {
            name: "C:".to_owned(),
            size_bytes: 512_000_000_000,
            free_bytes: 100_000_000_000,
        }],
        last_user: Some("LARK\\frontdesk".to_owned()),
        last_reboot: Some(start()),
        last_seen: Some(start()),
        warranty: Some("2027-03-31".parse().unwrap()),
        ..device("lt07", "lark", DeviceClass::Workstation)
    }
}

/// Two clients, one of them on demand, and a device of every class.
pub(super) fn records() -> ToolRecords {
    ToolRecords {
        seed: 7,
        company: "Northwind IT".to_owned(),
        organizations: vec![
            organization("lark", "Larkspur Dental"),
            OrganizationRecord {
                active: false,
                ..organization("fern", "Fern & Co")
            },
        ],
        devices: vec![
            laptop(),
            device("srv1", "lark", DeviceClass::Server),
            DeviceRecord {
                nics: vec![Nic {
                    name: Some("vmnic0".to_owned()),
                    mac: Some("00-50-56-00-00-01".to_owned()),
                    ip: Some("10.20.30.5".to_owned()),
                }],
                ..device("esx1", "lark", DeviceClass::Hypervisor)
            },
            DeviceRecord {
                nics: vec![Nic {
                    name: None,
                    mac: Some("00:11:22:33:44:55".to_owned()),
                    ip: None,
                }],
                ..device("prn1", "fern", DeviceClass::Printer)
            },
            device("sw1", "fern", DeviceClass::Network),
        ],
        ..ToolRecords::default()
    }
}

/// A simulator with a token in hand.
pub(super) struct Rig {
    pub(super) datto: DattoRmm,
    token: String,
}

impl Rig {
    pub(super) fn new(records: &ToolRecords) -> Self {
        Self::with_options(records, &DattoOptions::default())
    }

    pub(super) fn with_options(records: &ToolRecords, options: &DattoOptions) -> Self {
        let datto = DattoRmm::with_options(records, options, start());
        let reply = datto.handle(&token_request(&datto, BASIC), start());
        assert_eq!(reply.status, 200);
        let token = json(&reply)["access_token"].as_str().unwrap().to_owned();
        Self { datto, token }
    }

    pub(super) fn send(&self, method: Method, path: &str, body: &str, now: Timestamp) -> Reply {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:9999")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        self.datto.handle(&request, now)
    }

    pub(super) fn reply(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "", start())
    }

    pub(super) fn get(&self, path: &str) -> Value {
        let reply = self.reply(path);
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "{path}: {:?}",
            reply.body_bytes()
        );
        json(&reply)
    }

    pub(super) fn status(&self, path: &str) -> u16 {
        self.reply(path).status.as_u16()
    }

    pub(super) fn write(&self, method: Method, path: &str, body: &str) -> Reply {
        self.send(method, path, body, start())
    }

    /// The uid that the truth gives a key.
    pub(super) fn uid(&self, key: &str) -> String {
        let row = self.datto.truth().into_iter().find(|row| row.key == key);
        row.unwrap().external_id
    }

    /// The account's entry of a device.
    pub(super) fn device(&self, key: &str) -> Value {
        self.get(&format!("/api/v2/device/{}", self.uid(key)))
    }

    pub(super) fn site(&self, key: &str) -> Value {
        self.get(&format!("/api/v2/site/{}", self.uid(key)))
    }

    /// Follows `nextPageUrl` from a path to the end; the records of each page.
    pub(super) fn walk(&self, path: &str, items: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let page = self.get(&path);
            pages.push(page[items].as_array().unwrap().clone());
            next = match &page["pageDetails"]["nextPageUrl"] {
                Value::Null => None,
                Value::String(url) => Some(
                    url.strip_prefix("http://127.0.0.1:9999")
                        .unwrap()
                        .to_owned(),
                ),
                other => panic!("nextPageUrl is {other}"),
            };
            assert!(pages.len() < 1_000, "the walk does not end");
        }
        pages
    }
}

pub(super) fn token_request(datto: &DattoRmm, basic: &str) -> Request {
    let credentials = datto.access().credentials;
    form_request(
        basic,
        &[
            ("grant_type", "password"),
            ("username", &credentials["api_key"]),
            ("password", &credentials["api_secret"]),
        ],
    )
}

pub(super) fn form_request(basic: &str, fields: &[(&str, &str)]) -> Request {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    http::Request::post("/auth/oauth/token")
        .header("authorization", basic)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .unwrap()
}

pub(super) fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body_bytes()).unwrap()
}

pub(super) fn hostnames(page: &Value) -> Vec<String> {
    let mut names: Vec<String> = page["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| device["hostname"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

pub(super) fn truth_by_key(rig: &Rig) -> BTreeMap<String, String> {
    let rows = rig.datto.truth().into_iter();
    rows.map(|row| (row.key, row.external_id)).collect()
}
