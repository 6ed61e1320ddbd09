//! The simulator through `handle`, as a client sees it, and its filter against a second evaluator that
//! never reads a filter's text.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::KaseyaVsa9;
use super::service::ODATA;
use crate::Simulator as _;
use crate::kit::Object;
use crate::kit::odata::{Filter, Operand, Sign};
use crate::sample::{Got, ask, encode, later, request, texts};
use crate::world::{DevicePatch, Kind, OrganizationPatch, Patch, Tenant, Tool, World};

const TENANT: &str = r#"
seed: 7
organizations:
  lark: { name: Larkspur Dental, short_name: LARK, phone: 902-555-0101, website: lark.example }
  twin: { name: Lark }
  fern: { name: "Fern & Co" }
devices:
  lt1:
    organization: lark
    name: LARK-LT07
    laptop: true
    serial: SN1
    manufacturer: Dell Inc.
    model: Latitude 5440
    os: Microsoft Windows 11 Pro
    os_version: 10.0.22631
    nics:
      - { name: Wi-Fi, mac: "00:1B:44:11:3A:B7", ip: 10.0.0.4 }
      - { name: Dock, mac: "00:E0:4C:68:00:01" }
    default_gateway: 10.0.0.1
    cpu: Intel Core i5
    memory_bytes: 17179869184
    disks: [{ name: "C:", size_bytes: 512000000000, free_bytes: 100000000000 }]
    last_user: 'LARK\frontdesk'
    last_seen: 2026-01-05T08:59:00.5Z
    last_reboot: 2026-01-01T00:00:00Z
    warranty: 2027-03-31
  srv: { organization: twin, name: LARK-SRV, class: server, active: false }
  esx: { organization: fern, name: FERN-ESX, class: hypervisor, serial: CZ1, manufacturer: HPE }
  sw: { organization: fern, name: Core, class: network, nics: [{ mac: "00:50:56:00:00:01", ip: 10.1.0.5 }] }
"#;

fn start() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

/// A server, its world, the time, and a session.
struct Client {
    world: World,
    vsa: KaseyaVsa9,
    now: Timestamp,
    bearer: String,
}

impl Client {
    fn new() -> Self {
        let world = Tenant::from_yaml(TENANT).unwrap().resolve().unwrap();
        let mut client = Self {
            vsa: KaseyaVsa9::new(&world.project(Tool::Rmm), start()),
            world,
            now: start(),
            bearer: String::new(),
        };
        let login = client.log_in(&client.plain()).good();
        client.bearer = format!("Bearer {}", login["Result"]["Token"].as_str().unwrap());
        client
    }

    fn credentials(&self) -> (String, String) {
        let mut credentials = self.vsa.access().credentials;
        let mut take = |name: &str| credentials.remove(name).unwrap();
        (take("user_name"), take("password"))
    }

    /// What stands in the header of a login by name and password.
    fn plain(&self) -> String {
        let (user, password) = self.credentials();
        STANDARD.encode(format!("{user}:{password}"))
    }

    fn log_in(&self, words: &str) -> Got {
        let basic = format!("Basic {words}");
        let request = request("GET", "/api/v1.0/auth", &[("authorization", &basic)], "");
        ask(&self.vsa, &request, self.now)
    }

    fn ask(&self, path: &str) -> Got {
        let path = format!("/api/v1.0{path}");
        let request = request("GET", &path, &[("authorization", &self.bearer)], "");
        ask(&self.vsa, &request, self.now)
    }

    fn get(&self, path: &str) -> Value {
        self.ask(path).good()
    }

    fn names(&self, path: &str, member: &str) -> Vec<String> {
        texts(&self.get(path)["Result"], member)
    }

    fn filtered(&self, list: &str, filter: &str, member: &str) -> Vec<String> {
        self.names(&format!("{list}?$filter={}", encode(filter)), member)
    }

    /// The id that the truth has for a key.
    fn id(&self, kind: Kind, key: &str) -> String {
        let rows = self.vsa.truth().into_iter();
        let mut rows = rows.filter(|row| row.kind == kind && row.key == key);
        rows.next().unwrap().external_id
    }

    fn change(&mut self, changes: Vec<(Tool, crate::world::Change)>) {
        for (tool, change) in changes {
            assert_eq!(tool, Tool::Rmm);
            self.vsa.apply(&change, self.now).unwrap();
        }
    }

    fn edit(&mut self, key: &str, patch: impl Into<Patch>) {
        let changes = self.world.edit(Tool::Rmm, key, &patch.into()).unwrap();
        self.change(changes);
    }
}

fn hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_form_of_the_login_opens_a_session() {
    let client = Client::new();
    let (user, password) = client.credentials();
    let hash = hex(&format!("{}4711", hex(&format!("{password}{user}"))));
    let hashed = format!("user={user},pass2={hash},pass1=x,rpass2=x,rpass1=x,rand2=4711");
    for words in [client.plain(), STANDARD.encode(&hashed), hashed.clone()] {
        let body = client.log_in(&words).good();
        assert_eq!(body["ResponseCode"], 0);
        assert_eq!(body["Error"], "None");
        let login = &body["Result"];
        assert_eq!(login["UserName"], user);
        assert_eq!(login["SessionExpiration"], "2026-01-05T09:30:00");
        for name in ["Token", "ApiToken"] {
            let bearer = format!("Bearer {}", login[name].as_str().unwrap());
            let headers = [("authorization", bearer.as_str())];
            let request = request("GET", "/api/v1.0/system/orgs/", &headers, "");
            assert_eq!(ask(&client.vsa, &request, client.now).status, 200);
        }
    }
    let wrong = [
        STANDARD.encode(format!("{user}:no")),
        STANDARD.encode(format!("other:{password}")),
        STANDARD.encode(hashed.replace("4711", "4712")),
        hashed.replace(&user, "other"),
        String::new(),
        "%".to_owned(),
    ];
    for words in wrong {
        let got = client.log_in(&words);
        assert_eq!(got.status, 401, "{words}");
        assert_eq!(got.json["Result"], Value::Null);
        assert_eq!(got.json["ResponseCode"], 4_001);
        assert_eq!(got.json["Status"], "Unauthorized");
    }
}

#[test]
fn a_session_ends_after_half_an_hour() {
    let mut client = Client::new();
    client.now = later(start(), 1_799);
    client.get("/system/orgs");
    client.now = later(start(), 1_800);
    let got = client.ask("/system/orgs");
    assert_eq!(
        (got.status, &got.json["Error"]),
        (401, &json!("Authorization token required"))
    );
}

#[test]
fn organizations_have_long_ids_and_one_group_each() {
    let client = Client::new();
    let body = client.get("/system/orgs");
    assert_eq!(body["TotalRecords"], 3);
    let rows = &body["Result"];
    assert_eq!(
        texts(rows, "OrgName"),
        ["Larkspur Dental", "Lark", "Fern & Co"]
    );
    // Names of machines end in it, so no two are the same.
    assert_eq!(texts(rows, "OrgRef"), ["lark", "lark2", "fernco"]);
    for id in texts(rows, "OrgId") {
        assert_eq!((id.len(), &id[..10]), (26, "2017111111"));
        let row = client.get(&format!("/system/orgs/{id}"));
        assert_eq!(row["Result"]["OrgId"], id);
        let groups = client.get(&format!("/system/orgs/{id}/machinegroups"));
        assert_eq!(groups["TotalRecords"], 1);
        assert_eq!(groups["Result"][0]["OrgId"], id);
    }
    assert_eq!(rows[0]["ContactInfo"]["PrimaryPhone"], "902-555-0101");
    assert_eq!(
        client.names("/system/machinegroups", "MachineGroupName"),
        ["root.lark", "root.lark2", "root.fernco"]
    );
    let kept_back = rows[0]
        .as_object()
        .unwrap()
        .keys()
        .find(|name| name.starts_with('_'));
    assert_eq!(kept_back, None);
}

#[test]
fn a_machine_is_an_agent_an_audit_and_an_asset() {
    let client = Client::new();
    let id = client.id(Kind::Device, "lt1");
    let agent = client.get(&format!("/assetmgmt/agents/{id}"));
    let agent = &agent["Result"];
    assert_eq!(agent["AgentName"], "lark-lt07.root.lark");
    assert_eq!(agent["Online"], 1);
    assert_eq!(agent["LastCheckInTime"], "2026-01-05T08:59:00");
    let audit = client.get(&format!("/assetmgmt/audit/{id}/summary"));
    let audit = &audit["Result"];
    let wanted = json!({
        "AgentGuid": id, "DisplayName": "lark-lt07.root.lark", "ComputerName": "LARK-LT07",
        "GroupName": "root.lark", "OsType": "11", "OsInfo": "Microsoft Windows 11 Pro Build 22631",
        "IpAddress": "10.0.0.4", "DefaultGateway": "10.0.0.1", "MacAddress": "00:1B:44:11:3A:B7",
        "CpuType": "Intel Core i5", "RamMBytes": 16384, "LastLoginName": "LARK\\frontdesk",
        "RebootTime": "2026-01-01T00:00:00", "Manufacturer": "Dell Inc.",
        "ProductName": "Latitude 5440", "SystemSerialNumber": "SN1", "ChassisType": "Notebook",
        "MotherboardSerialNumber": "/SN1/BOARD/", "TotalSize": 488_281, "NumberOfDrives": 1,
        "SysWarrantyExpireDate": "2027-03-31T00:00:00",
    });
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(&audit[name], value, "{name}");
    }
    let warranty = client.get(&format!(
        "/assetmgmt/audit/{id}/hardware/purchaseandwarrantyexpire"
    ));
    assert_eq!(
        warranty["Result"]["WarrantyExpireDate"],
        "2027-03-31T00:00:00"
    );
    let volumes = client.get(&format!("/assetmgmt/audit/{id}/hardware/diskvolumes"));
    assert_eq!(volumes["Result"][0]["Drive"], "C:");
    let assets = client.get("/assetmgmt/assets");
    let asset = &assets["Result"][0];
    assert_eq!(
        (&asset["AgentId"], &asset["IsComputerAgent"]),
        (&json!(id), &json!(true))
    );
    let alone = client.get(&format!(
        "/assetmgmt/assets/{}",
        asset["AssetId"].as_str().unwrap()
    ));
    assert_eq!(&alone["Result"], asset);
    assert_eq!(asset["NetworkInfo"][1]["MACAddress"], "00:E0:4C:68:00:01");
}

#[test]
fn what_has_no_agent_is_an_asset_alone() {
    let client = Client::new();
    assert_eq!(
        client.names("/assetmgmt/audit", "ComputerName"),
        ["LARK-LT07", "LARK-SRV"]
    );
    let found = client.filtered("/assetmgmt/assets", "IsComputerAgent eq false", "AssetName");
    assert_eq!(found, ["FERN-ESX", "Core"]);
    for key in ["esx", "sw"] {
        let id = client.id(Kind::Device, key);
        assert_eq!(
            client.ask(&format!("/assetmgmt/audit/{id}/summary")).status,
            404
        );
        let row = client.get(&format!("/assetmgmt/assets/{id}"));
        assert_eq!(row["Result"]["AgentId"], Value::Null);
        assert_eq!(row["Result"].get("SerialNumber"), None);
    }
    assert_eq!(client.get("/assetmgmt/assettypes")["TotalRecords"], 4);
}

#[test]
fn an_agent_says_whether_it_is_there() {
    let mut client = Client::new();
    let online = |client: &Client, key: &str| {
        let id = client.id(Kind::Device, key);
        client.get(&format!("/assetmgmt/agents/{id}"))["Result"]["Online"].clone()
    };
    assert_eq!(online(&client, "srv"), 198, "suspended");
    assert_eq!(online(&client, "lt1"), 1);
    client.now = later(start(), 600);
    assert_eq!(online(&client, "lt1"), 0);
}

#[test]
fn pages_are_cut_by_top_and_skip() {
    let client = Client::new();
    let page = |query: &str| {
        let body = client.get(&format!("/assetmgmt/assets?{query}"));
        (
            body["TotalRecords"].as_u64().unwrap(),
            texts(&body["Result"], "AssetName"),
        )
    };
    let names = ["LARK-LT07", "LARK-SRV", "FERN-ESX", "Core"].map(str::to_owned);
    assert_eq!(page(""), (4, names.to_vec()));
    assert_eq!(page("$top=3"), (4, names[..3].to_vec()));
    assert_eq!(page("$skip=3&$top=3"), (4, names[3..].to_vec()));
    assert_eq!(page("%24TOP=1&%24Skip=1"), (4, names[1..2].to_vec()));
    assert_eq!(page("$skip=9"), (4, vec![]));
    assert_eq!(page("$top=0"), (4, vec![]));
    // What is counted is what fits.
    let filter = encode("AssetTypeId eq '1'");
    assert_eq!(
        page(&format!("$filter={filter}&$top=1&$skip=1")),
        (2, names[1..2].to_vec())
    );
    assert_eq!(
        page(
            "$orderby=AssetName desc,AssetId"
                .replace(' ', "%20")
                .as_str()
        )
        .1,
        ["LARK-SRV", "LARK-LT07", "FERN-ESX", "Core"]
    );
}

#[test]
fn filters_as_clients_write_them() {
    let client = Client::new();
    let agents = |filter: &str| client.filtered("/assetmgmt/agents", filter, "ComputerName");
    let id = client.id(Kind::Device, "lt1");
    assert_eq!(agents(&format!("AgentId eq {id}M")), ["LARK-LT07"]);
    assert_eq!(agents(&format!("AgentId eq '{id}'")), ["LARK-LT07"]);
    assert_eq!(agents(&format!("AgentId gt {id}")), ["LARK-SRV"]);
    assert_eq!(agents("substringof('lt',ComputerName)"), ["LARK-LT07"]);
    assert_eq!(
        agents("startswith(ComputerName,'LARK-S') eq true"),
        ["LARK-SRV"]
    );
    assert_eq!(agents("endswith(ComputerName,'07')"), ["LARK-LT07"]);
    assert_eq!(agents("Online ne 198 and OSType eq '11'"), ["LARK-LT07"]);
    assert_eq!(
        agents("RamMBytes ge 16384 or Online eq 198"),
        ["LARK-LT07", "LARK-SRV"]
    );
    assert_eq!(
        agents("LastCheckInTime lt DATETIME'2026-01-05T08:59:01'"),
        ["LARK-LT07"]
    );
    assert_eq!(agents("LastLoggedInUser eq null"), ["LARK-SRV"]);
    assert_eq!(agents("computername eq 'lark-srv'"), ["LARK-SRV"]);
    let long = client.id(Kind::Organization, "fern");
    let orgs = |filter: &str| client.filtered("/system/orgs", filter, "OrgName");
    assert_eq!(orgs(&format!("OrgId eq {long}M")), ["Fern & Co"]);
    assert_eq!(orgs("OrgName eq 'Fern & Co'"), ["Fern & Co"]);
    for wrong in [
        "Nobody eq 1",
        "OrgName eq",
        "OrgName eq 'x",
        "OrgName eq 'x' and",
        "OrgName eq 'x' OrgRef eq 'y'",
        "(OrgName eq 'x'",
        "OrgName eq x",
        "startswith('x',OrgName)",
        "substringof('x',OrgName) eq false",
        "eq",
        ")",
    ] {
        let got = client.ask(&format!("/system/orgs?$filter={}", encode(wrong)));
        assert_eq!(
            (got.status, &got.json["ResponseCode"]),
            (400, &json!(4_000)),
            "{wrong}"
        );
    }
    let deep = "(".repeat(40) + "OrgName eq 'x'" + &")".repeat(40);
    assert_eq!(
        client
            .ask(&format!("/system/orgs?$filter={}", encode(&deep)))
            .status,
        400
    );
}

#[test]
fn changes_of_the_world_show() {
    let mut client = Client::new();
    let (machine, site) = (
        client.id(Kind::Device, "lt1"),
        client.id(Kind::Organization, "lark"),
    );
    client.edit(
        "lark",
        OrganizationPatch {
            name: Some("Larkspur Orthodontics".to_owned()),
            ..OrganizationPatch::default()
        },
    );
    let row = client.get(&format!("/system/orgs/{site}"));
    assert_eq!(row["Result"]["OrgName"], "Larkspur Orthodontics");
    assert_eq!(row["Result"]["OrgRef"], "lark", "names of machines stay");
    client.now = later(start(), 60);
    client.edit(
        "lt1",
        DevicePatch {
            name: Some("NEW".to_owned()),
            organization: Some("fern".to_owned().into()),
            ..DevicePatch::default()
        },
    );
    assert_eq!(client.id(Kind::Device, "lt1"), machine);
    let audit = client.get(&format!("/assetmgmt/audit/{machine}/summary"));
    assert_eq!(audit["Result"]["DisplayName"], "new.root.fernco");
    let agent = client.get(&format!("/assetmgmt/agents/{machine}"));
    assert_eq!(agent["Result"]["FirstCheckIn"], "2026-01-05T09:00:00");
    assert_eq!(
        client.get("/assetmgmt/assets")["TotalRecords"],
        4,
        "no second asset"
    );
    let changes = client.world.reimage(Tool::Rmm, "lt1").unwrap();
    client.change(changes);
    assert_eq!(
        client.names("/assetmgmt/audit", "ComputerName"),
        ["NEW", "LARK-SRV", "NEW"]
    );
    let changes = client
        .world
        .remove(Tool::Rmm, Kind::Organization, "fern")
        .unwrap();
    client.change(changes);
    assert_eq!(client.names("/assetmgmt/assets", "AssetName"), ["LARK-SRV"]);
    assert_eq!(
        client.names("/system/machinegroups", "MachineGroupName"),
        ["root.lark", "root.lark2"]
    );
    assert_eq!(
        client.ask(&format!("/assetmgmt/agents/{machine}")).status,
        404
    );
    // What was there is told of still.
    assert_eq!(client.id(Kind::Device, "lt1"), machine);
}

#[test]
fn a_switch_that_turns_out_to_be_a_server_gets_an_agent() {
    let mut client = Client::new();
    let before = client.id(Kind::Device, "sw");
    client.edit(
        "sw",
        DevicePatch {
            class: Some(crate::world::DeviceClass::Server),
            ..DevicePatch::default()
        },
    );
    let rows: Vec<String> = (client.vsa.truth().into_iter())
        .filter(|row| row.key == "sw")
        .map(|row| row.external_id)
        .collect();
    assert_eq!(rows.len(), 2, "the asset, and now the agent");
    assert!(rows.contains(&before));
    assert_eq!(client.get("/assetmgmt/assets")["TotalRecords"], 4);
    assert_eq!(
        client.names("/assetmgmt/audit", "ComputerName"),
        ["LARK-LT07", "LARK-SRV", "Core"]
    );
}

#[test]
fn groups_can_play_the_company() {
    let client = Client::new();
    client.vsa.set_company("machine_groups");
    let groups = client.names("/system/machinegroups", "MachineGroupId");
    let told: Vec<String> = ["lark", "twin", "fern"]
        .iter()
        .map(|key| client.id(Kind::Organization, key))
        .collect();
    assert_eq!(told, groups);
    client.vsa.set_company("organizations");
    assert_eq!(
        client.id(Kind::Organization, "lark"),
        client.names("/system/orgs", "OrgId")[0]
    );
}

#[test]
fn refusals_have_the_envelope() {
    let client = Client::new();
    for (path, status) in [
        ("/system/orgs/1", 404),
        ("/nothing", 404),
        ("/system/orgs?$top=a", 400),
    ] {
        let got = client.ask(path);
        assert_eq!(got.status, status, "{path}");
        assert_eq!(got.json["Result"], Value::Null);
        assert!(got.json["Error"].is_string());
    }
    let headers = [("authorization", client.bearer.as_str())];
    let post = request("POST", "/api/v1.0/system/orgs", &headers, "{}");
    assert_eq!(ask(&client.vsa, &post, client.now).status, 405);
}

/// A filter over three members, with what it means told a second time.
fn filters() -> impl Strategy<Value = (String, Filter)> {
    let number = (
        0_u8..4,
        prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]),
    )
        .prop_map(|(value, sign)| {
            let text = format!("N {sign} {value}");
            (
                text,
                Filter::Compare(
                    "N".to_owned(),
                    sign_of(sign),
                    Operand::Number(value.to_string()),
                ),
            )
        });
    let word = "[ab']{0,2}".prop_map(|word| {
        let text = format!("T eq '{}'", word.replace('\'', "''"));
        (
            text,
            Filter::Compare("T".to_owned(), Sign::Eq, Operand::Text(word)),
        )
    });
    let part = "[ab]{1,2}".prop_map(|part| {
        (
            format!("substringof('{part}',T)"),
            Filter::Contains("T".to_owned(), part),
        )
    });
    prop_oneof![number, word, part].prop_recursive(4, 16, 2, |inner| {
        (inner.clone(), any::<bool>(), inner).prop_map(|((one, a), and, (other, b))| {
            let (a, b) = (Box::new(a), Box::new(b));
            if and {
                (format!("({one}) and ({other})"), Filter::And(a, b))
            } else {
                (format!("({one}) or ({other})"), Filter::Or(a, b))
            }
        })
    })
}

fn sign_of(word: &str) -> Sign {
    match word {
        "eq" => Sign::Eq,
        "ne" => Sign::Ne,
        "gt" => Sign::Gt,
        "ge" => Sign::Ge,
        "lt" => Sign::Lt,
        _ => Sign::Le,
    }
}

/// What a filter means, told without the simulator's own comparison.
fn means(filter: &Filter, number: u8, word: &str) -> bool {
    match filter {
        Filter::And(one, other) => means(one, number, word) && means(other, number, word),
        Filter::Or(one, other) => means(one, number, word) || means(other, number, word),
        Filter::Compare(_, sign, Operand::Number(other)) => {
            let order = number.cmp(&other.parse().unwrap());
            match sign {
                Sign::Eq => order == Ordering::Equal,
                Sign::Ne => order != Ordering::Equal,
                Sign::Gt => order == Ordering::Greater,
                Sign::Ge => order != Ordering::Less,
                Sign::Lt => order == Ordering::Less,
                Sign::Le => order != Ordering::Greater,
            }
        }
        Filter::Compare(_, _, Operand::Text(other)) => word.eq_ignore_ascii_case(other),
        Filter::Contains(_, part) => word.to_ascii_lowercase().contains(part.as_str()),
        _ => unreachable!(),
    }
}

proptest! {
    #[test]
    fn a_filter_means_what_it_says((text, filter) in filters(), number in 0_u8..4, word in "[abAB']{0,3}") {
        let row = Object::from_iter([
            ("N".to_owned(), json!(number)),
            ("T".to_owned(), json!(word)),
        ]);
        let read = Filter::parse(&text, &ODATA).unwrap();
        prop_assert_eq!(read.fits(&row), means(&filter, number, &word), "{}", text);
    }

    #[test]
    fn no_filter_panics(text in ".{0,60}") {
        let _ = Filter::parse(&text, &ODATA);
    }
}
