//! Print and read again: any scenario that can be made comes back as it was.

use indexmap::IndexMap;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, proptest};
use proptest::{collection, option, prop_oneof, sample};
use syncrig_mocks::front::Fault;
use syncrig_mocks::world::{
    Cascade, DevicePatch, Kind, Located, OrganizationPatch, PushIdentifier, Tenant, Tool,
};

use super::parse::read_yaml;
use super::{
    Access, Account, AccountCreate, AccountEdit, AccountMerge, AccountRecord, AccountValues,
    Advance, By, Connect, Disconnect, Duplicates, Edit, Encoding, EntityRef, Expect, FaultStep,
    Import, ImportFormat, ImportKind, InTool, Ledger, LinkState, MatchTo, Person, PsaDisconnect,
    PsaRecords, PsaRows, PsaSettings, Push, PushAll, PushState, PushTarget, Reconnect, RecordCheck,
    RecordChecks, Refused, Reimage, Review, RmmDisconnect, RmmSettings, RowState, Rows,
    RowsDisconnect, Scenario, Settings, Step, Sync, Target, TenantSource, Vendors,
};
use crate::model::{KnobChanges, Method, RmmGone, TextCompare};

/// Text that YAML might take for something else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9#:,\\-\\[\\]{} '\"&*!|>%@`?~=]{0,12}",
        "\\PC{0,8}",
        sample::select(vec![
            "",
            "NO",
            "yes",
            "null",
            "~",
            "true",
            "0x1F",
            "012",
            "1e3",
            ".nan",
            "- a",
            "a: b",
            "#x",
            " x ",
            "To be filled by O.E.M.",
            "00:1B:44:11:3A:B7",
            "2026-01-05",
            "<<",
            "=",
            "a\nb",
            "a\tb\n",
            "---",
        ])
        .prop_map(str::to_owned),
    ]
}

fn key() -> impl Strategy<Value = Located<String>> {
    text().prop_map(Located::from)
}

fn keys() -> impl Strategy<Value = Vec<Located<String>>> {
    collection::vec(key(), 0..3)
}

fn tool() -> impl Strategy<Value = Tool> {
    sample::select(vec![Tool::Psa, Tool::Rmm])
}

fn entity() -> impl Strategy<Value = EntityRef> {
    let kinds = vec![
        Kind::Organization,
        Kind::Location,
        Kind::Contact,
        Kind::Device,
    ];
    (sample::select(kinds), key()).prop_map(|(kind, key)| EntityRef::new(kind, key))
}

fn settings() -> impl Strategy<Value = PsaSettings> {
    (
        option::of(keys()),
        option::of(keys()),
        any::<bool>(),
        any::<bool>(),
        option::of(keys()),
        option::of(keys()),
        any::<bool>(),
        option::of(text()),
    )
        .prop_map(
            |(types, statuses, locations, contacts, configurations, others, two_way, chosen)| {
                PsaSettings {
                    organization_types: types,
                    organization_statuses: statuses,
                    locations,
                    contacts,
                    configuration_types: configurations,
                    configuration_statuses: others,
                    two_way,
                    contact_email_type: chosen.clone(),
                    contact_phone_type: chosen,
                }
            },
        )
}

fn rows() -> impl Strategy<Value = Rows> {
    prop_oneof![
        Just(Rows::All),
        Just(Rows::Suggested),
        keys().prop_map(Rows::Keys)
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        key().prop_map(Target::Organization),
        key().prop_map(Target::Device),
        rows().prop_map(Target::Organizations),
        rows().prop_map(Target::Devices),
    ]
}

fn review() -> impl Strategy<Value = Review> {
    let to = || {
        (any::<bool>(), key(), key()).prop_map(|(device, row, to)| MatchTo {
            row: EntityRef::new(
                if device {
                    Kind::Device
                } else {
                    Kind::Organization
                },
                row,
            ),
            to,
        })
    };
    prop_oneof![
        target().prop_map(Review::Accept),
        to().prop_map(Review::Match),
        target().prop_map(Review::Create),
        target().prop_map(Review::Ignore),
        to().prop_map(Review::Change),
        target().prop_map(Review::Revert),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let device = (key(), text(), option::of(option::of(text()))).prop_map(|(key, name, serial)| {
        let patch = DevicePatch {
            name: Some(name),
            serial,
            ..DevicePatch::default()
        };
        (EntityRef::new(Kind::Device, key), patch.into())
    });
    let organization = (key(), option::of(option::of(key()))).prop_map(|(key, parent)| {
        let patch = OrganizationPatch {
            parent,
            active: Some(false),
            ..OrganizationPatch::default()
        };
        (EntityRef::new(Kind::Organization, key), patch.into())
    });
    (tool(), prop_oneof![device, organization]).prop_map(|(tool, (record, set))| Edit {
        tool,
        record,
        set,
    })
}

fn account_record() -> impl Strategy<Value = AccountRecord> {
    (entity(), option::of(1_u32..9)).prop_map(|(entity, nth)| AccountRecord {
        entity,
        nth: nth.map(Located::from),
    })
}

fn account() -> impl Strategy<Value = Account> {
    let set = collection::vec((key(), option::of(text())), 0..3)
        .prop_map(|pairs| pairs.into_iter().collect::<IndexMap<_, _>>());
    let organization = || {
        (key(), option::of(1_u32..9)).prop_map(|(key, nth)| AccountRecord {
            entity: EntityRef::new(Kind::Organization, key),
            nth: nth.map(Located::from),
        })
    };
    prop_oneof![
        account_create(),
        (account_record(), set)
            .prop_map(|(record, set)| Account::Edit(Box::new(AccountEdit { record, set }))),
        account_record().prop_map(Account::Archive),
        account_record().prop_map(Account::Restore),
        account_record().prop_map(Account::Delete),
        account_record().prop_map(Account::DisableSync),
        account_record().prop_map(Account::EnableSync),
        account_record().prop_map(Account::Reconnect),
        (organization(), organization())
            .prop_map(|(source, target)| Account::Merge(AccountMerge { source, target })),
        Just(Account::PushAll(PushAll {})),
    ]
}

fn psa_rows() -> impl Strategy<Value = PsaRows> {
    (keys(), keys(), keys(), keys()).prop_map(|(types, statuses, configurations, others)| PsaRows {
        organization_types: types,
        organization_statuses: statuses,
        configuration_types: configurations,
        configuration_statuses: others,
    })
}

fn account_create() -> impl Strategy<Value = Account> {
    let maybe = || option::of(option::of(text()));
    (
        entity(),
        (option::of(key()), option::of(key())),
        option::of(text()),
        (maybe(), maybe(), maybe()),
        (option::of(text()), option::of(text())),
        option::of(Just(By::Api)),
    )
        .prop_map(
            |(entity, (under, at), name, (status, serial, mac), (maker, model), by)| {
                let device = entity.kind == Kind::Device;
                let placed = device || entity.kind == Kind::Contact;
                Account::Create(Box::new(AccountCreate {
                    organization: under.filter(|_| entity.kind != Kind::Organization),
                    location: at.filter(|_| placed),
                    values: AccountValues {
                        name,
                        record_type: None,
                        status,
                        serial: serial.filter(|_| device),
                        mac: mac.filter(|_| device),
                        manufacturer: maker.filter(|_| device),
                        model: model.filter(|_| device),
                    },
                    entity,
                    by,
                }))
            },
        )
}

fn import() -> impl Strategy<Value = Import> {
    let kinds = vec![ImportKind::Locations, ImportKind::Configurations];
    let encodings = vec![Encoding::Utf8, Encoding::Utf8Bom, Encoding::Utf16Le];
    let columns = collection::vec((key(), key()), 0..3)
        .prop_map(|pairs| pairs.into_iter().collect::<IndexMap<_, _>>());
    (
        (sample::select(kinds), option::of(text()), option::of(key())),
        (option::of(key()), columns, keys(), keys()),
        (any::<bool>(), any::<bool>(), any::<Option<u64>>()),
        option::of(sample::select(encodings)),
        option::of(collection::vec(option::of(key()), 0..3)),
        (any::<Option<u64>>(), option::of(key())),
    )
        .prop_map(|(what, wizard, switches, encoding, stands_for, expected)| {
            let (csv, partial, limit) = switches;
            Import {
                kind: what.0,
                format: if csv {
                    ImportFormat::Csv
                } else {
                    ImportFormat::NetworkDetective
                },
                text: what.1,
                file: what.2,
                under: wizard.0,
                columns: wizard.1,
                required: wizard.2,
                ignore: wizard.3,
                partial,
                encoding: encoding.map(Located::from),
                limit,
                stands_for: stands_for.map(Located::from),
                rejected: expected.0.map(Located::from),
                fails: expected.1,
                read: Default::default(),
            }
        })
}

fn fault() -> impl Strategy<Value = FaultStep> {
    let answer = prop_oneof![
        Just(Fault::Reset),
        Just(Fault::Empty),
        any::<u64>().prop_map(|ms| Fault::Delay { ms }),
        (text(), any::<u32>()).prop_map(|(field, record)| Fault::DropField { field, record }),
        (200_u16..600, any::<Option<u32>>()).prop_map(|(code, retry_after_s)| Fault::Status {
            code,
            retry_after_s
        }),
    ];
    (
        tool(),
        option::of(key()),
        any::<u32>(),
        any::<Option<u32>>(),
        answer,
    )
        .prop_map(|(tool, operation, skip, times, answer)| FaultStep {
            tool,
            operation,
            skip,
            times,
            answer,
        })
}

fn checks() -> impl Strategy<Value = RecordChecks> {
    let fields = || {
        collection::vec((key(), option::of(text())), 0..3)
            .prop_map(|pairs| pairs.into_iter().collect::<IndexMap<_, _>>())
    };
    (
        any::<Option<u64>>(),
        option::of(text()),
        fields(),
        fields(),
        option::of(sample::select(vec![
            RowState::Matched,
            RowState::Unmatched,
            RowState::Ignored,
        ])),
        option::of(key()),
        option::of(sample::select(vec![
            LinkState::Orphaned,
            LinkState::Unlinked,
        ])),
        option::of(sample::select(vec![
            PushState::None,
            PushState::Pending,
            PushState::Failed,
        ])),
        any::<Option<bool>>(),
    )
        .prop_map(
            |(count, name, shown, stored, row, rule, state, push, archived)| RecordChecks {
                count,
                name,
                shown,
                stored,
                row,
                rule,
                state,
                push,
                archived,
            },
        )
}

fn expect() -> impl Strategy<Value = Expect> {
    let records = collection::vec((entity(), checks()), 0..3).prop_map(|all| {
        all.into_iter()
            .map(|(entity, checks)| RecordCheck { entity, checks }.into())
            .collect()
    });
    (
        any::<Option<u64>>(),
        any::<Option<u64>>(),
        option::of(any::<Option<u64>>()),
        option::of(any::<Option<u64>>()),
        option::of(keys()),
        any::<Option<u64>>(),
        (any::<Option<u64>>(), records),
    )
        .prop_map(
            |(configurations, writes, duplicates, created, warnings, psa, (visible, records))| {
                Expect {
                    configurations,
                    writes,
                    // An empty map checks nothing and is not printed at the end of a script.
                    duplicates: duplicates.map(|organizations| Duplicates {
                        organizations,
                        locations: Some(0),
                        ..Duplicates::default()
                    }),
                    ledger: created.map(|created| Ledger {
                        created,
                        rejected: Some(1),
                        ..Ledger::default()
                    }),
                    warnings,
                    visible,
                    psa: psa.map(|contacts| PsaRecords {
                        contacts: Some(contacts),
                        ..PsaRecords::default()
                    }),
                    records,
                    ..Expect::default()
                }
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    let psa = sample::select(vec![
        PsaDisconnect::Pause,
        PsaDisconnect::Keep,
        PsaDisconnect::Delete,
    ]);
    let rmm = sample::select(vec![RmmDisconnect::Pause, RmmDisconnect::Permanent]);
    let in_tool = || (tool(), entity()).prop_map(|(tool, record)| InTool { tool, record });
    prop_oneof![
        settings().prop_map(|it| Step::Connect(Connect::Psa(it))),
        option::of(key())
            .prop_map(|company| { Step::Connect(Connect::Rmm(RmmSettings { company })) }),
        settings().prop_map(|it| Step::Settings(Settings::Psa(it))),
        (tool(), option::of(key())).prop_map(|(tool, fails)| Step::Sync(Sync { tool, fails })),
        review().prop_map(Step::Review),
        option::of(keys()).prop_map(|devices| Step::Push(Push {
            from: Tool::Rmm.into(),
            to: PushTarget::Psa.into(),
            devices,
            cascade: None,
            identifier: None,
            only_active: None,
        })),
        (
            sample::select(vec![Cascade::Plain, Cascade::DattoRmm, Cascade::NSight]),
            option::of(keys()),
        )
            .prop_map(|(cascade, devices)| Step::Push(Push {
                from: Tool::Rmm.into(),
                to: PushTarget::Psa.into(),
                devices,
                cascade: Some(cascade.into()),
                identifier: None,
                only_active: None,
            })),
        (any::<bool>(), any::<bool>()).prop_map(|(name, active)| Step::Push(Push {
            from: Tool::Rmm.into(),
            to: PushTarget::Psa.into(),
            devices: None,
            cascade: Some(Cascade::Auvik.into()),
            identifier: Some(
                if name {
                    PushIdentifier::Name
                } else {
                    PushIdentifier::Serial
                }
                .into()
            ),
            only_active: Some(active.into()),
        })),
        Just(Step::Push(Push {
            from: Tool::Psa.into(),
            to: PushTarget::Account.into(),
            devices: None,
            cascade: None,
            identifier: None,
            only_active: None,
        })),
        edit().prop_map(|it| Step::Edit(Box::new(it))),
        in_tool().prop_map(Step::Remove),
        in_tool().prop_map(Step::Add),
        key().prop_map(|device| Step::Reimage(Reimage { device })),
        account().prop_map(Step::Account),
        person().prop_map(Step::Person),
        import().prop_map(|it| Step::Import(Box::new(it))),
        psa.prop_map(|it| Step::Disconnect(Disconnect::Psa(it))),
        rmm.prop_map(|it| Step::Disconnect(Disconnect::Rmm(it))),
        (
            psa_rows(),
            sample::select(vec![PsaDisconnect::Pause, PsaDisconnect::Delete])
        )
            .prop_map(|(rows, how)| Step::Disconnect(Disconnect::PsaRows(
                RowsDisconnect {
                    how,
                    organization_types: rows.organization_types,
                    organization_statuses: rows.organization_statuses,
                    configuration_types: rows.configuration_types,
                    configuration_statuses: rows.configuration_statuses,
                }
            ))),
        psa_rows().prop_map(|rows| Step::Reconnect(Reconnect::PsaRows(rows))),
        (key(), account().prop_map(Step::Account)).prop_map(|(with, step)| Step::Refused(
            Refused {
                with,
                step: Box::new(step.into()),
            }
        )),
        tool().prop_map(Step::Resume),
        fault().prop_map(Step::Fault),
        tool().prop_map(Step::ClearFaults),
        (1_u64..1_000_000_000_000).prop_map(|ms| {
            let advance: Advance = format!("{ms}ms").parse().unwrap();
            assert_eq!(advance.as_millis(), ms);
            Step::Advance(advance)
        }),
        expect().prop_map(|it| Step::Expect(Box::new(it))),
    ]
}

fn tenant() -> impl Strategy<Value = TenantSource> {
    prop_oneof![
        key().prop_map(|path| TenantSource::File {
            path,
            tenant: Default::default()
        }),
        text().prop_map(|company| TenantSource::Here(Box::new(Tenant {
            company: Some(company),
            ..Tenant::default()
        }))),
    ]
}

fn knobs() -> impl Strategy<Value = KnobChanges> {
    (
        option::of(sample::select(TextCompare::ALL)),
        option::of(sample::select(RmmGone::ALL)),
        any::<Option<bool>>(),
    )
        .prop_map(
            |(name_compare, rmm_gone, revert_then_rematch)| KnobChanges {
                name_compare,
                rmm_gone,
                revert_then_rematch,
                ..KnobChanges::default()
            },
        )
}

fn person() -> impl Strategy<Value = Person> {
    prop_oneof![
        Just(Person::Administrator),
        Just(Person::Manager(Access::All)),
        keys().prop_map(|keys| Person::Manager(Access::Keys(keys))),
    ]
}

fn scenario() -> impl Strategy<Value = Scenario> {
    (
        (
            text(),
            option::of(text()),
            sample::select(Method::ALL.to_vec()),
        ),
        (keys(), collection::vec(text(), 0..3), option::of(keys())),
        (
            any::<Option<u64>>(),
            option::of(key()),
            any::<bool>(),
            knobs(),
        ),
        tenant(),
        collection::vec(step().prop_map(Located::from), 0..6),
        expect(),
    )
        .prop_map(|(head, lists, more, tenant, steps, expect)| Scenario {
            name: String::new(),
            warnings: Vec::new(),
            title: head.0,
            why: head.1,
            method: head.2.into(),
            verifies: lists.0,
            labels: lists.1,
            vendors: Vendors {
                psa: lists.2,
                rmm: None,
            },
            seed: more.0,
            profile: more.1,
            knobs: more.3,
            tenant,
            limits: more.2,
            steps,
            expect,
        })
}

proptest! {
    #[test]
    fn any_scenario_comes_back_as_it_was(scenario in scenario()) {
        let printed = scenario.to_yaml().unwrap();
        let again = match read_yaml(&printed) {
            Ok(again) => again,
            Err(error) => panic!("{error}\n{printed}"),
        };
        prop_assert_eq!(&again, &scenario, "{}", printed);
        prop_assert_eq!(again.to_yaml().unwrap(), printed);
    }

    #[test]
    fn a_step_has_a_summary_that_begins_with_its_name(step in step()) {
        let summary = step.summary();
        let start = format!("{}: ", step.name());
        prop_assert_eq!(summary.get(..start.len()), Some(start.as_str()));
    }
}
