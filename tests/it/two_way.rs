//! What a connector writes to a PSA comes back as a later read delivers it, a change of one field
//! leaves the others alone, a create whose answer was lost is not sent twice, and an edit in the
//! vendor's own screens does not put back what a client wrote.

use jiff::civil::date;
use proptest::prelude::{BoxedStrategy, Just, Strategy, prop, prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use syncrig::connectors::{PageStream, PsaConnector, PsaWriter};
use syncrig::model::{
    RecordKind, RemoteConfiguration, RemoteContact, RemoteEmail, RemoteLocation,
    RemoteOrganization, RemotePhone,
};
use syncrig_mocks::front::{Fault, FaultRule};
use syncrig_mocks::world::{DevicePatch, Kind, Tool as WorldTool};

use crate::support::property::check;
use crate::support::rig::{Rig, block_on};
use crate::support::tenants;

/// Every record of a walk.
async fn all<T>(mut pages: PageStream<'_, T>) -> Vec<T> {
    let mut records = Vec::new();
    while let Some(page) = pages.next_page().await.expect("a page") {
        assert!(page.rejected.is_empty(), "{:?}", page.rejected);
        records.extend(page.records);
    }
    records
}

fn writer(psa: &dyn PsaConnector) -> &dyn PsaWriter {
    psa.writer().expect("ConnectWise takes records")
}

/// Text that a vendor might trip over; never blank, since blank and missing are one there.
fn text(longest: usize) -> BoxedStrategy<String> {
    let odd = prop::sample::select(vec![
        "O'Neill & Sons \"Ltd\"",
        "Ärztehaus Süd",
        "a/b?c=d&e",
        "null",
        "42",
        "日本",
    ]);
    let plain = "[A-Za-z0-9][A-Za-z0-9 ._-]{0,20}[A-Za-z0-9]";
    prop::strategy::Union::new([plain.boxed(), odd.prop_map(str::to_owned).boxed()])
        .prop_map(move |text| text.chars().take(longest).collect())
        .boxed()
}

fn maybe(longest: usize) -> BoxedStrategy<Option<String>> {
    prop::option::of(text(longest)).boxed()
}

fn configurations() -> BoxedStrategy<RemoteConfiguration> {
    let types = prop::sample::select(vec!["Managed Workstation", "Managed Server"]);
    let statuses = prop::sample::select(vec!["Active", "Inactive"]);
    let dates = prop::option::of((2000_i16..2040, 1_i8..13, 1_i8..29));
    let texts = (
        maybe(50),
        maybe(200),
        maybe(50),
        maybe(200),
        maybe(45),
        maybe(200),
    );
    (text(90), types, statuses, dates, texts)
        .prop_map(|(name, of_type, status, day, texts)| RemoteConfiguration {
            name,
            configuration_type: Some(of_type.to_owned()),
            status: Some(status.to_owned()),
            asset_tag: texts.0,
            serial: texts.1,
            model: texts.2,
            operating_system: texts.3,
            ip: texts.4,
            notes: texts.5,
            mac: Some("00:1B:44:11:3A:B7".to_owned()),
            warranty_expires_on: day.map(|(year, month, day)| date(year, month, day)),
            ..RemoteConfiguration::default()
        })
        .boxed()
}

fn contacts() -> BoxedStrategy<RemoteContact> {
    let emails = prop::collection::vec(("[a-z]{1,8}", Just("@acme.example")), 0..3);
    let phones = prop::collection::vec(("[0-9]{7,10}", prop::option::of("[0-9]{1,4}")), 0..3);
    (text(30), maybe(30), maybe(60), emails, phones)
        .prop_map(
            |(first_name, last_name, title, emails, phones)| RemoteContact {
                first_name,
                last_name,
                title,
                emails: emails
                    .into_iter()
                    .enumerate()
                    .map(|(at, (name, domain))| RemoteEmail {
                        address: format!("{name}{domain}"),
                        label: Some("Email".to_owned()),
                        primary: at == 0,
                    })
                    .collect(),
                phones: phones
                    .into_iter()
                    .enumerate()
                    .map(|(at, (number, extension))| RemotePhone {
                        number,
                        extension,
                        label: Some(if at == 0 { "Direct" } else { "Cell" }.to_owned()),
                        primary: at == 0,
                    })
                    .collect(),
                ..RemoteContact::default()
            },
        )
        .boxed()
}

/// A tenant of one company, and the company's id.
async fn acme() -> (Rig, Box<dyn PsaConnector>, String) {
    let rig = Rig::new(tenants::clean(7, 1), 50);
    let psa = rig.psa_connector();
    let companies = all(psa.organizations()).await;
    let id = companies[0].id.clone();
    (rig, psa, id)
}

#[test]
fn a_configuration_reads_back_as_it_was_made_and_changed() {
    check(
        24,
        &(configurations(), configurations()).boxed(),
        |(draft, other)| block_on(configuration_round(draft, other)),
    );
}

async fn configuration_round(
    draft: RemoteConfiguration,
    other: RemoteConfiguration,
) -> Result<(), TestCaseError> {
    let (_rig, psa, organization_id) = acme().await;
    let draft = RemoteConfiguration {
        organization_id,
        ..draft
    };
    let made = writer(&*psa)
        .create_configuration(draft.clone())
        .await
        .expect("it is made");
    let expected = RemoteConfiguration {
        id: made.id.clone(),
        ..draft
    };
    prop_assert_eq!(&made, &expected);
    let read = |records: Vec<RemoteConfiguration>| records.into_iter().find(|it| it.id == made.id);
    prop_assert_eq!(read(all(psa.configurations()).await), Some(made.clone()));

    let change = RemoteConfiguration {
        serial: other.serial.clone(),
        configuration_type: other.configuration_type.clone(),
        // Not named as changed, so it stays.
        notes: Some("never sent".to_owned()),
        ..made.clone()
    };
    let changed = vec!["serial", "configuration_type"];
    let kept = writer(&*psa)
        .update_configuration(change, changed)
        .await
        .expect("it is changed");
    let expected = RemoteConfiguration {
        serial: other.serial,
        configuration_type: other.configuration_type,
        ..made.clone()
    };
    prop_assert_eq!(&kept, &expected);
    prop_assert_eq!(read(all(psa.configurations()).await), Some(kept));
    Ok(())
}

#[test]
fn a_contact_reads_back_as_it_was_made_and_changed() {
    check(24, &(contacts(), contacts()).boxed(), |(draft, other)| {
        block_on(contact_round(draft, other))
    });
}

async fn contact_round(draft: RemoteContact, other: RemoteContact) -> Result<(), TestCaseError> {
    let (_rig, psa, organization_id) = acme().await;
    let draft = RemoteContact {
        organization_id: Some(organization_id),
        ..draft
    };
    let made = writer(&*psa)
        .create_contact(draft.clone())
        .await
        .expect("it is made");
    let expected = RemoteContact {
        id: made.id.clone(),
        ..draft
    };
    prop_assert_eq!(&made, &expected);
    let change = RemoteContact {
        emails: other.emails.clone(),
        title: other.title.clone(),
        ..made.clone()
    };
    let kept = writer(&*psa)
        .update_contact(change.clone(), vec!["emails", "title"])
        .await
        .expect("it is changed");
    prop_assert_eq!(&kept, &change);
    let read = all(psa.contacts()).await;
    prop_assert!(read.contains(&kept));
    Ok(())
}

#[test]
fn new_addresses_leave_the_numbers_that_the_vendor_has_by_now() {
    block_on(async {
        let (_rig, psa, organization_id) = acme().await;
        let phone = |number: &str| RemotePhone {
            number: number.to_owned(),
            extension: None,
            label: Some("Direct".to_owned()),
            primary: true,
        };
        let draft = RemoteContact {
            organization_id: Some(organization_id),
            first_name: "Pat".to_owned(),
            phones: vec![phone("9025550101")],
            ..RemoteContact::default()
        };
        let writer = writer(&*psa);
        let old = writer.create_contact(draft).await.expect("made");
        let newer = RemoteContact {
            phones: vec![phone("9025550199")],
            ..old.clone()
        };
        let there = writer.update_contact(newer, vec!["phones"]).await;
        let there = there.expect("changed");
        // What the account knows is older.
        let email = RemoteEmail {
            address: "pat@acme.example".to_owned(),
            label: Some("Email".to_owned()),
            primary: true,
        };
        let stale = RemoteContact {
            emails: vec![email.clone()],
            ..old
        };
        let kept = writer.update_contact(stale, vec!["emails"]).await;
        let kept = kept.expect("changed");
        assert_eq!((kept.phones, kept.emails), (there.phones, vec![email]));
    });
}

#[test]
fn organizations_and_locations_read_back() {
    block_on(async {
        let (_rig, psa, parent_id) = acme().await;
        let draft = RemoteOrganization {
            name: "Lark Legal & Partners".to_owned(),
            types: vec!["Client".to_owned()],
            status: Some("Active".to_owned()),
            parent_id: Some(parent_id),
            ..RemoteOrganization::default()
        };
        let writer = writer(&*psa);
        let made = writer
            .create_organization(draft.clone())
            .await
            .expect("made");
        assert_eq!(made.short_name.as_deref(), Some("LarkLegalPartners"));
        let twin = writer
            .create_organization(draft.clone())
            .await
            .expect("made");
        assert_eq!(twin.short_name.as_deref(), Some("LarkLegalPartners2"));
        assert_eq!((&made.name, &made.types), (&draft.name, &draft.types));
        assert_eq!(made.parent_id, draft.parent_id);
        let renamed = RemoteOrganization {
            name: "Lark".to_owned(),
            ..made.clone()
        };
        let kept = writer
            .update_organization(renamed.clone(), vec!["name"])
            .await
            .expect("changed");
        assert_eq!(kept, renamed);

        let site = RemoteLocation {
            organization_id: made.id.clone(),
            name: "Annex".to_owned(),
            address_1: Some("12 Harbour St".to_owned()),
            city: Some("Halifax".to_owned()),
            phone: Some("9025550101".to_owned()),
            ..RemoteLocation::default()
        };
        let built = writer.create_location(site).await.expect("made");
        // Telephone numbers of sites come from the vendor and never go there.
        assert_eq!(built.phone, None);
        let moved = RemoteLocation {
            city: Some("Dartmouth".to_owned()),
            ..built.clone()
        };
        let kept = writer
            .update_location(moved.clone(), vec!["city", "phone"])
            .await
            .expect("changed");
        assert_eq!(kept, moved);
        let sites = all(psa.locations(vec![made.id.clone()])).await;
        assert!(sites.contains(&kept), "{sites:?}");
    });
}

#[test]
fn a_refusal_carries_the_vendors_words() {
    block_on(async {
        let (_rig, psa, organization_id) = acme().await;
        let draft = RemoteConfiguration {
            organization_id,
            name: "ACME-WS9".to_owned(),
            configuration_type: Some("Managed Toaster".to_owned()),
            status: Some("Active".to_owned()),
            ..RemoteConfiguration::default()
        };
        let error = writer(&*psa).create_configuration(draft).await;
        let error = error.expect_err("there is no such type").to_string();
        assert!(error.contains("400"), "{error}");
        assert!(error.contains("type field names no"), "{error}");
        assert_eq!(
            psa.capabilities().required(RecordKind::Configuration),
            ["name", "configuration_type", "status"]
        );
    });
}

#[test]
fn a_create_whose_answer_was_lost_is_not_sent_twice() {
    block_on(async {
        let (rig, psa, organization_id) = acme().await;
        let before = all(psa.contacts()).await.len();
        rig.psa.faults.add(FaultRule {
            operation: Some("contacts.create".to_owned()),
            skip: 0,
            times: Some(1),
            answer: Fault::CommitThenDrop,
        });
        let draft = RemoteContact {
            organization_id: Some(organization_id),
            first_name: "Pat".to_owned(),
            ..RemoteContact::default()
        };
        let error = writer(&*psa).create_contact(draft).await;
        let error = error.expect_err("nobody knows whether it was done");
        assert!(error.to_string().contains("may have been done"), "{error}");
        assert_eq!(all(psa.contacts()).await.len(), before + 1);
    });
}

#[test]
fn an_edit_in_the_vendors_screens_leaves_what_a_client_wrote() {
    block_on(async {
        let (mut rig, psa, _) = acme().await;
        let device = all(psa.configurations()).await.swap_remove(0);
        let rows = rig.psa.simulator.truth();
        let row = rows
            .into_iter()
            .find(|row| row.kind == Kind::Device && row.external_id == device.id)
            .expect("the world knows it");
        let written = RemoteConfiguration {
            serial: Some("FROM-A-CLIENT".to_owned()),
            ..device.clone()
        };
        let kept = writer(&*psa).update_configuration(written, vec!["serial"]);
        kept.await.expect("it is changed");
        let patch = DevicePatch {
            name: Some("RENAMED".to_owned()),
            ..DevicePatch::default()
        };
        let changes = rig.world.edit(WorldTool::Psa, &row.key, &patch.into());
        rig.tell(&changes.expect("it is edited"));
        let read = all(psa.configurations()).await;
        let read = read.into_iter().find(|it| it.id == device.id);
        let read = read.expect("it is there");
        assert_eq!(read.name, "RENAMED");
        assert_eq!(read.serial.as_deref(), Some("FROM-A-CLIENT"));
    });
}
