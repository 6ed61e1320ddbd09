//! The laws that every simulator keeps, told once. A vendor joins by one line in [`vendors`] and a
//! description of its habits: how a client gets in, how it lists, what it may write. What a vendor
//! has not (no writes, no limits, credentials that never end) its habits say with the reason, so that
//! nothing is skipped in silence.
//!
//! `PROPTEST_CASES` raises the number of cases.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should say where"
)]
#![expect(
    clippy::result_large_err,
    reason = "a refusal is the vendor's reply, looked at once"
)]
#![expect(
    clippy::print_stderr,
    reason = "the vendor that breaks a law is told beside the panic"
)]

mod access;
mod changes;
mod desk;
mod habits;
mod limits;
mod paging;
mod robust;
mod vendor;
mod writes;

use syncrig_mocks::Vendor;

use habits::Habits;

/// Every vendor with its habits.
fn vendors() -> Vec<Box<dyn Habits>> {
    vec![
        Box::new(vendor::connectwise_psa::ConnectwisePsa),
        Box::new(vendor::autotask::Autotask),
        Box::new(vendor::kaseya_bms::Family(Vendor::KaseyaBms)),
        Box::new(vendor::kaseya_bms::Family(Vendor::PulsewayPsa)),
        Box::new(vendor::tigerpaw::Tigerpaw),
        Box::new(vendor::halopsa::HaloPsa),
        Box::new(vendor::syncro::Syncro(Vendor::Syncro)),
        Box::new(vendor::datto_rmm::DattoRmm),
        Box::new(vendor::ninjaone::NinjaOne),
        Box::new(vendor::kaseya_vsa9::KaseyaVsa9),
        Box::new(vendor::n_central::NCentral),
        Box::new(vendor::connectwise_automate::ConnectwiseAutomate),
        Box::new(vendor::atera::Atera),
        Box::new(vendor::syncro::Syncro(Vendor::SyncroRmm)),
        Box::new(vendor::intune::Intune),
        Box::new(vendor::vsa_x::Family(Vendor::VsaX)),
        Box::new(vendor::vsa_x::Family(Vendor::PulsewayRmm)),
    ]
}

/// Runs a law for each vendor. The first that breaks it is named.
fn each(law: impl Fn(&dyn Habits)) {
    for habits in vendors() {
        let vendor = habits.vendor();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| law(&*habits)));
        if let Err(panic) = outcome {
            eprintln!("the law is broken by {vendor}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// Cases of a property: few by default, since every vendor plays each.
fn cases(few: u32) -> proptest::test_runner::Config {
    let many = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    proptest::test_runner::Config {
        cases: many.unwrap_or(few),
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    }
}

#[test]
fn every_vendor_has_told_its_habits() {
    let told: Vec<Vendor> = vendors().iter().map(|habits| habits.vendor()).collect();
    assert_eq!(told, Vendor::ALL);
}
