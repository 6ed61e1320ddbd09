//! Makes a story that shows a difference small: step by step, entity by entity, value by value, as
//! long as it still shows one.

use syncrig_mocks::world::{Device, Tenant};

use super::random::verdict;
use super::story::Story;

/// A story from which nothing can be taken away.
pub(super) fn smallest(mut story: Story) -> Story {
    loop {
        let smaller = without_a_step(&story)
            .into_iter()
            .chain(
                simpler_tenants(&story.tenant)
                    .into_iter()
                    .filter_map(|it| retold(&story, it)),
            )
            .find(|story| verdict(story).is_err());
        match smaller {
            Some(smaller) => story = smaller,
            None => return story,
        }
    }
}

/// The stories that have one step less, the last one first.
fn without_a_step(story: &Story) -> Vec<Story> {
    let steps = (0..story.steps.len()).rev();
    steps
        .filter_map(|left_out| {
            let mut shorter = Story::begin(story.method, (*story.tenant).clone());
            for (at, step) in story.steps.iter().enumerate() {
                if at != left_out {
                    if !shorter.allows(step) {
                        return None;
                    }
                    shorter.take(step);
                }
            }
            Some(shorter).filter(Story::is_playable)
        })
        .collect()
}

/// The same steps in another tenant, if they can be.
fn retold(story: &Story, tenant: Tenant) -> Option<Story> {
    tenant.clone().into_world().ok()?;
    let mut retold = Story::begin(story.method, tenant);
    for step in &story.steps {
        if !retold.allows(step) {
            return None;
        }
        retold.take(step);
    }
    Some(retold)
}

/// Tenants with one entity less, or one value.
fn simpler_tenants(tenant: &Tenant) -> Vec<Tenant> {
    let mut tenants = Vec::new();
    let mut with = |change: &dyn Fn(&mut Tenant)| {
        let mut simpler = tenant.clone();
        change(&mut simpler);
        if simpler != *tenant {
            tenants.push(simpler);
        }
    };
    for at in 0..tenant.devices.len() {
        with(&|it| drop(it.devices.shift_remove_index(at)));
    }
    for at in 0..tenant.contacts.len() {
        with(&|it| drop(it.contacts.shift_remove_index(at)));
    }
    for at in 0..tenant.locations.len() {
        with(&|it| drop(it.locations.shift_remove_index(at)));
    }
    for at in 0..tenant.organizations.len() {
        with(&|it| drop(it.organizations.shift_remove_index(at)));
        with(&|it| it.organizations[at].rmm = None);
        with(&|it| it.organizations[at].copies.psa.clear());
        with(&|it| it.organizations[at].copies.rmm.clear());
        with(&|it| it.organizations[at].organization_type = None);
        with(&|it| it.organizations[at].status = None);
    }
    let values: [fn(&mut Device); 10] = [
        |it| it.psa = None,
        |it| it.rmm = None,
        |it| it.copies.psa.clear(),
        |it| it.copies.rmm.clear(),
        |it| it.contact = None,
        |it| it.location = None,
        |it| it.configuration_type = None,
        |it| it.macs.truncate(1),
        |it| it.macs.clear(),
        |it| it.serial = None,
    ];
    for at in 0..tenant.devices.len() {
        for change in values {
            with(&|it| change(&mut it.devices[at]));
        }
    }
    tenants
}
