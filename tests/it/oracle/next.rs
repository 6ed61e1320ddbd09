//! What can happen next in a story. Everything that is offered is allowed; what is likelier makes
//! more of a story.

use proptest::prelude::{BoxedStrategy, Strategy, prop};
use proptest::strategy::Union;
use syncrig::model::{Method, RecordKind, ReviewState};
use syncrig::scenario::{
    Account, AccountCreate, AccountEdit, AccountMerge, AccountRecord, AccountValues, Connect,
    Disconnect, Edit, EntityRef, InTool, MatchTo, PsaDisconnect, PsaSettings, Push, PushTarget,
    Refused, Reimage, Review, RmmDisconnect, RmmSettings, Rows, Settings, Step, Sync, Target,
};
use syncrig_mocks::world::{
    ContactPatch, DevicePatch, Kind, Located, LocationPatch, OrganizationPatch, Patch, Tool,
};

use super::model::{Connection, Id, Place};
use super::story::Story;
use super::tenants::{CITIES, DEVICE_NAMES, FIRST_NAMES, MACS, ORGANIZATION_NAMES, SERIALS, TYPES};

/// Draws the next step.
pub(super) fn next(story: &Story) -> BoxedStrategy<Step> {
    let account = &story.account;
    let fresh = |connection: Connection| connection == Connection::Never;
    let unconnected = fresh(account.psa) && fresh(account.rmm);
    let groups = [
        (if unconnected { 30 } else { 6 }, connects(story)),
        (30, syncs()),
        (16, reviews(story)),
        (3, bulk_reviews()),
        (8, hands(story)),
        (2, comings(story)),
        // Before the first sync of the PSA there is most to come of them.
        (if account.psa_synced { 3 } else { 12 }, creations(story)),
        (3, settings(story)),
        (3, disconnects()),
    ];
    let mut offers: Vec<(u32, BoxedStrategy<Step>)> = Vec::new();
    for (weight, steps) in groups {
        let steps: Vec<Step> = steps.into_iter().filter(|it| story.allows(it)).collect();
        if !steps.is_empty() {
            offers.push((weight, prop::sample::select(steps).boxed()));
        }
    }
    // These can always be done.
    for (weight, steps) in [(4, pushes(story)), (5, goings(story))] {
        if !steps.is_empty() {
            offers.push((weight, prop::sample::select(steps).boxed()));
        }
    }
    let editables = editables(story);
    if !editables.is_empty() {
        let edits = prop::sample::select(editables);
        let edits = edits.prop_flat_map(|it| prop::sample::select(edits_of(&it)));
        offers.push((16, edits.boxed()));
    }
    Union::new_weighted(offers).boxed()
}

fn names(list: &[&str]) -> Option<Vec<Located<String>>> {
    Some(list.iter().map(|name| (*name).into()).collect())
}

/// What a person may tick. Method C wants no configuration type, and some people forget.
fn ticks(method: Method) -> Vec<PsaSettings> {
    let all = PsaSettings::default();
    let none = PsaSettings {
        configuration_types: names(&[]),
        ..PsaSettings::default()
    };
    let mut ticks = match method {
        Method::C => vec![none; 8],
        _ => vec![all.clone(); 5],
    };
    ticks.extend([
        all.clone(),
        PsaSettings {
            organization_types: names(&["Client"]),
            ..all.clone()
        },
        PsaSettings {
            organization_statuses: names(&["Active"]),
            ..all.clone()
        },
        PsaSettings {
            configuration_statuses: names(&["Active"]),
            ..all.clone()
        },
        PsaSettings {
            configuration_types: names(&["Managed Workstation"]),
            ..all.clone()
        },
        PsaSettings {
            configuration_types: names(&[]),
            ..all.clone()
        },
        PsaSettings {
            contacts: false,
            ..all.clone()
        },
        PsaSettings {
            locations: false,
            ..all
        },
    ]);
    ticks
}

fn connects(story: &Story) -> Vec<Step> {
    let psa = ticks(story.method).into_iter();
    let mut steps: Vec<Step> = psa.map(|it| Step::Connect(Connect::Psa(it))).collect();
    let rmm = Step::Connect(Connect::Rmm(RmmSettings::default()));
    let count = match story.method {
        Method::A => 1,
        Method::B | Method::C => 6,
        Method::D => 30,
    };
    steps.extend(vec![rmm; count]);
    steps.extend([Step::Resume(Tool::Psa), Step::Resume(Tool::Rmm)]);
    steps
}

fn syncs() -> Vec<Step> {
    [Tool::Psa, Tool::Rmm]
        .map(|tool| Step::Sync(Sync { tool, fails: None }))
        .into()
}

fn settings(story: &Story) -> Vec<Step> {
    let ticks = ticks(story.method).into_iter();
    ticks.map(|it| Step::Settings(Settings::Psa(it))).collect()
}

fn disconnects() -> Vec<Step> {
    [
        Disconnect::Psa(PsaDisconnect::Pause),
        Disconnect::Psa(PsaDisconnect::Keep),
        Disconnect::Psa(PsaDisconnect::Delete),
        Disconnect::Rmm(RmmDisconnect::Pause),
        Disconnect::Rmm(RmmDisconnect::Permanent),
    ]
    .map(Step::Disconnect)
    .into()
}

/// Rows of the screen: kind, key, place.
fn rows(story: &Story) -> Vec<(Kind, &str, &Place)> {
    let account = &story.account;
    let companies = account.companies.iter();
    let companies = companies.map(|row| (Kind::Organization, row.key.as_str(), &row.place));
    let devices = account.devices.iter();
    let devices = devices.map(|row| (Kind::Device, row.key.as_str(), &row.place));
    companies.chain(devices).collect()
}

fn target(kind: Kind, key: &str) -> Target {
    match kind {
        Kind::Organization => Target::Organization(key.into()),
        _ => Target::Device(key.into()),
    }
}

fn reviews(story: &Story) -> Vec<Step> {
    let mut reviews = Vec::new();
    for (kind, key, place) in rows(story) {
        let here = || target(kind, key);
        match place.state {
            ReviewState::Unmatched => {
                reviews.extend([Review::Create(here()), Review::Ignore(here())]);
                reviews.extend(vec![Review::Accept(here()); 4]);
            }
            ReviewState::Matched => reviews.push(Review::Revert(here())),
            ReviewState::Ignored => {}
        }
        let record_kind = super::screen::record_kind(kind);
        for to in nameable(story, record_kind) {
            let to = MatchTo {
                row: EntityRef::new(kind, key),
                to: to.as_str().into(),
            };
            reviews.push(if place.state == ReviewState::Matched {
                Review::Change(to)
            } else {
                Review::Match(to)
            });
        }
    }
    reviews.into_iter().map(Step::Review).collect()
}

/// Keys by which a script can name the records of the account.
fn nameable(story: &Story, kind: RecordKind) -> Vec<String> {
    let account = &story.account;
    let mut keys = Vec::new();
    let mut add = |key: &str| {
        if !keys.iter().any(|it| it == key) {
            keys.push(key.to_owned());
        }
    };
    for id in account.living(kind) {
        let id: Id = id;
        let record = &account.records[id];
        record.links.iter().for_each(|link| add(&link.key));
        record.stands_for.iter().for_each(|key| add(key));
        match kind {
            RecordKind::Organization => (account.companies.iter())
                .filter(|row| row.place.record == Some(id))
                .for_each(|row| add(&row.key)),
            _ => (account.devices.iter())
                .filter(|row| row.place.record == Some(id))
                .for_each(|row| add(&row.key)),
        }
    }
    keys
}

fn bulk_reviews() -> Vec<Step> {
    let mut reviews = Vec::new();
    for target in [Target::Organizations, Target::Devices] {
        reviews.extend([
            Review::Create(target(Rows::All)),
            Review::Create(target(Rows::All)),
            Review::Ignore(target(Rows::All)),
            Review::Accept(target(Rows::Suggested)),
            Review::Accept(target(Rows::Suggested)),
            Review::Create(target(Rows::Suggested)),
            Review::Ignore(target(Rows::Suggested)),
        ]);
    }
    reviews.into_iter().map(Step::Review).collect()
}

fn edit(tool: Tool, kind: Kind, key: &str, set: impl Into<Patch>) -> Step {
    Step::Edit(Box::new(Edit {
        tool,
        record: EntityRef::new(kind, key),
        set: set.into(),
    }))
}

/// A record of a tool, where it is, and where else it could be.
#[derive(Debug, Clone)]
struct Editable {
    tool: Tool,
    kind: Kind,
    key: String,
    elsewhere: Vec<String>,
}

fn editables(story: &Story) -> Vec<Editable> {
    let mut editables = Vec::new();
    for tool in [Tool::Psa, Tool::Rmm] {
        let records = story.world.project(tool);
        let mut add = |kind: Kind, key: &str, home: &str| {
            let homes = records.organizations.iter().map(|it| it.key.clone());
            editables.push(Editable {
                tool,
                kind,
                key: key.to_owned(),
                elsewhere: homes.filter(|key| key != home).collect(),
            });
        };
        for it in &records.organizations {
            add(Kind::Organization, &it.key, "");
        }
        for it in &records.locations {
            add(Kind::Location, &it.key, &it.organization);
        }
        for it in &records.contacts {
            add(Kind::Contact, &it.key, &it.organization);
        }
        for it in &records.devices {
            // What devices say matters most.
            for _ in 0..3 {
                add(Kind::Device, &it.key, &it.organization);
            }
        }
    }
    editables
}

fn edits_of(it: &Editable) -> Vec<Step> {
    let moves = it.elsewhere.iter().map(|home| home.as_str().into());
    match it.kind {
        Kind::Organization => organization_edits(it.tool, &it.key),
        Kind::Location => CITIES
            .map(|city| LocationPatch {
                city: Some(city.map(str::to_owned)),
                ..LocationPatch::default()
            })
            .map(|set| edit(it.tool, it.kind, &it.key, set))
            .into(),
        Kind::Contact => {
            let names = FIRST_NAMES.iter().map(|name| ContactPatch {
                first_name: Some((*name).to_owned()),
                ..ContactPatch::default()
            });
            let moves = moves.map(|home| ContactPatch {
                organization: Some(home),
                ..ContactPatch::default()
            });
            let sets = names.chain(moves);
            sets.map(|set| edit(it.tool, it.kind, &it.key, set))
                .collect()
        }
        Kind::Device => {
            let moves = moves.map(|home| DevicePatch {
                organization: Some(home),
                ..DevicePatch::default()
            });
            let moves = moves.map(|set| edit(it.tool, it.kind, &it.key, set));
            moves.chain(device_edits(it.tool, &it.key)).collect()
        }
    }
}

fn organization_edits(tool: Tool, key: &str) -> Vec<Step> {
    let mut patches: Vec<OrganizationPatch> = ORGANIZATION_NAMES
        .iter()
        .map(|name| OrganizationPatch {
            name: Some((*name).to_owned()),
            ..OrganizationPatch::default()
        })
        .collect();
    if tool == Tool::Psa {
        for kind in ["Client", "Prospect"] {
            patches.push(OrganizationPatch {
                organization_type: Some(Some(kind.to_owned())),
                ..OrganizationPatch::default()
            });
        }
        for status in ["Active", "Inactive"] {
            patches.push(OrganizationPatch {
                status: Some(Some(status.to_owned())),
                ..OrganizationPatch::default()
            });
        }
    }
    let patches = patches.into_iter();
    patches
        .map(|set| edit(tool, Kind::Organization, key, set))
        .collect()
}

fn device_edits(tool: Tool, key: &str) -> Vec<Step> {
    let mut patches = Vec::new();
    let mut put = |patch: DevicePatch| patches.push(patch);
    for name in DEVICE_NAMES {
        put(DevicePatch {
            name: Some(name.to_owned()),
            ..DevicePatch::default()
        });
    }
    for serial in SERIALS {
        put(DevicePatch {
            serial: Some(serial.map(str::to_owned)),
            ..DevicePatch::default()
        });
    }
    for macs in MACS {
        let macs = macs.iter().map(|mac| (*mac).to_owned()).collect();
        put(DevicePatch {
            macs: Some(macs),
            ..DevicePatch::default()
        });
    }
    put(DevicePatch {
        model: Some(None),
        ..DevicePatch::default()
    });
    put(DevicePatch {
        model: Some(Some("Latitude".to_owned())),
        ..DevicePatch::default()
    });
    if tool == Tool::Psa {
        for kind in TYPES {
            put(DevicePatch {
                configuration_type: Some(Some(kind.to_owned())),
                ..DevicePatch::default()
            });
        }
        for status in ["Active", "Inactive"] {
            put(DevicePatch {
                status: Some(Some(status.to_owned())),
                ..DevicePatch::default()
            });
        }
    }
    patches
        .into_iter()
        .map(|set| edit(tool, Kind::Device, key, set))
        .collect()
}

const fn in_tool(tool: Tool, record: EntityRef) -> InTool {
    InTool { tool, record }
}

fn comings(story: &Story) -> Vec<Step> {
    let mut steps = Vec::new();
    for entity in story.world.entities() {
        for tool in [Tool::Psa, Tool::Rmm] {
            let held = matches!(entity.kind, Kind::Organization | Kind::Device);
            if !entity.tools.contains(tool) && (tool == Tool::Psa || held) {
                let record = EntityRef::new(entity.kind, entity.key);
                steps.push(Step::Add(in_tool(tool, record)));
            }
        }
    }
    steps
}

fn goings(story: &Story) -> Vec<Step> {
    let mut steps = Vec::new();
    for tool in [Tool::Psa, Tool::Rmm] {
        let records = story.world.project(tool);
        let mut gone = |kind, key: &str| {
            steps.push(Step::Remove(in_tool(tool, EntityRef::new(kind, key))));
        };
        (records.organizations.iter()).for_each(|it| gone(Kind::Organization, &it.key));
        (records.locations.iter()).for_each(|it| gone(Kind::Location, &it.key));
        (records.contacts.iter()).for_each(|it| gone(Kind::Contact, &it.key));
        for _ in 0..3 {
            (records.devices.iter()).for_each(|it| gone(Kind::Device, &it.key));
        }
        if tool == Tool::Rmm {
            for it in &records.devices {
                let device = it.key.as_str().into();
                steps.push(Step::Reimage(Reimage { device }));
            }
        }
    }
    steps
}

fn pushes(story: &Story) -> Vec<Step> {
    let push = |devices| {
        Step::Push(Push {
            from: Tool::Rmm.into(),
            to: PushTarget::Psa.into(),
            devices,
            cascade: None,
            identifier: None,
            only_active: None,
        })
    };
    let devices = story.world.project(Tool::Rmm).devices;
    let mut steps = vec![push(None); 1 + devices.len()];
    steps.extend(devices.iter().map(|it| push(names(&[&it.key]))));
    steps
}

/// Every record of the account as a script can name it.
fn named(story: &Story) -> Vec<AccountRecord> {
    let kinds = [
        Kind::Organization,
        Kind::Location,
        Kind::Contact,
        Kind::Device,
    ];
    let mut named: Vec<(Id, AccountRecord)> = Vec::new();
    for kind in kinds {
        let record_kind = super::screen::record_kind(kind);
        for key in nameable(story, record_kind) {
            let standing = story.account.standing_for(record_kind, &key);
            for (at, id) in standing.into_iter().enumerate() {
                if !named.iter().any(|(known, _)| *known == id) {
                    let nth = u32::try_from(at + 1).ok().filter(|nth| *nth > 1);
                    let entity = EntityRef::new(kind, key.as_str());
                    let nth = nth.map(Into::into);
                    named.push((id, AccountRecord { entity, nth }));
                }
            }
        }
    }
    named.into_iter().map(|(_, record)| record).collect()
}

fn account_edits(record: &AccountRecord) -> Vec<Account> {
    let values: &[(&str, Option<&str>)] = match record.entity.kind {
        Kind::Organization => &[
            ("name", Some("Acme Dental")),
            ("name", Some("Lark Legal")),
            ("quick_notes", Some("Call the front desk")),
            ("organization_type", Some("Prospect")),
        ],
        Kind::Location => &[("city", Some("Halifax")), ("city", None)],
        Kind::Contact => &[("first_name", Some("Pat")), ("title", Some("Nurse"))],
        Kind::Device => &[
            ("name", Some("WS-1")),
            ("serial", Some("5CG01")),
            ("serial", Some("5CG02")),
            ("serial", None),
            ("primary_mac", Some("00:1B:44:11:3A:01")),
            ("primary_mac", None),
            ("hostname", Some("ws-1.acme.example")),
            ("notes", Some("Rack 2")),
            ("configuration_type", Some("Managed Workstation")),
        ],
    };
    let edit = |(field, value): &(&str, Option<&str>)| {
        let value = value.map(str::to_owned);
        Account::Edit(Box::new(AccountEdit {
            record: record.clone(),
            set: [((*field).into(), value)].into_iter().collect(),
        }))
    };
    values.iter().map(edit).collect()
}

/// People at work in the account, and what they are refused.
fn hands(story: &Story) -> Vec<Step> {
    let named = named(story);
    let mut work = Vec::new();
    for record in &named {
        work.extend(account_edits(record));
        for _ in 0..2 {
            work.extend([
                Account::Archive(record.clone()),
                Account::Restore(record.clone()),
                Account::Delete(record.clone()),
                Account::DisableSync(record.clone()),
                Account::EnableSync(record.clone()),
            ]);
        }
        let organization = |it: &&AccountRecord| it.entity.kind == Kind::Organization;
        for target in named
            .iter()
            .filter(organization)
            .filter(|_| organization(&record))
        {
            for _ in 0..3 {
                work.push(Account::Merge(AccountMerge {
                    source: record.clone(),
                    target: target.clone(),
                }));
            }
        }
    }
    work.into_iter()
        .map(|work| match super::hands::refusal(&story.account, &work) {
            None => Step::Account(work),
            Some(code) => Step::Refused(Refused {
                with: code.into(),
                step: Box::new(Step::Account(work).into()),
            }),
        })
        .collect()
}

fn creations(story: &Story) -> Vec<Step> {
    let mut steps = Vec::new();
    for entity in story.world.entities() {
        let mut sets = vec![AccountValues::default(); 2];
        if entity.kind == Kind::Organization {
            for name in ORGANIZATION_NAMES {
                sets.push(AccountValues {
                    name: Some(name.to_owned()),
                    ..AccountValues::default()
                });
            }
        }
        if entity.kind == Kind::Device {
            sets.push(AccountValues {
                serial: Some(None),
                ..AccountValues::default()
            });
            sets.push(AccountValues {
                mac: Some(None),
                ..AccountValues::default()
            });
            sets.push(AccountValues {
                name: Some("SRV".to_owned()),
                ..AccountValues::default()
            });
            for kind in TYPES {
                sets.push(AccountValues {
                    record_type: Some(Some(kind.to_owned())),
                    ..AccountValues::default()
                });
            }
        }
        for values in sets {
            steps.push(Step::Account(Account::Create(Box::new(AccountCreate {
                entity: EntityRef::new(entity.kind, entity.key),
                organization: None,
                location: None,
                values,
                by: None,
            }))));
        }
    }
    steps
}
