//! The linkage measures and the duplicate counts a second time, from their definitions, item by
//! item and pair by pair; the judge's fast way must agree with it on random accounts.

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};

use super::fixture::{Story, external};
use super::{MeanShare, Presence, Scope, judge};
use crate::model::{LinkState, Method, Origin, RecordKind};

/// A source record: its entity, the account record that holds it, whether that link is over, and
/// whether the tool still delivers it.
#[derive(Debug, Clone)]
struct Item {
    entity: usize,
    cluster: Option<usize>,
    disconnected: bool,
    delivered: bool,
    from_rmm: bool,
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (
        0_usize..6,
        proptest::option::weighted(0.8, 0_usize..6),
        proptest::bool::weighted(0.1),
        proptest::bool::weighted(0.8),
        any::<bool>(),
    )
        .prop_map(
            |(entity, cluster, disconnected, delivered, from_rmm)| Item {
                entity,
                cluster,
                disconnected,
                delivered,
                from_rmm,
            },
        );
    vec(item, 0..14)
}

fn name(at: usize, item: &Item) -> String {
    let tool = if item.from_rmm { "rmm" } else { "psa" };
    format!("{tool}:e{}#{at}", item.entity)
}

/// The account that the items describe: six configurations, made by the PSA or on the screen.
fn story(items: &[Item]) -> Story {
    let mut story = Story::acme();
    for (at, item) in items.iter().enumerate() {
        let presence = if item.delivered {
            Presence::Delivered
        } else {
            Presence::Withheld
        };
        story.source_with(RecordKind::Configuration, &name(at, item), presence);
    }
    for cluster in 0..6 {
        let held: Vec<String> = items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.cluster == Some(cluster))
            .map(|(at, item)| name(at, item))
            .collect();
        let held: Vec<&str> = held.iter().map(String::as_str).collect();
        story.record(RecordKind::Configuration, Origin::Psa, &held);
    }
    for record in &mut story.outcome.configurations {
        for link in &mut record.links {
            let over = items.iter().enumerate().any(|(at, item)| {
                item.disconnected && external(&name(at, item)).2 == link.external_id
            });
            if over {
                link.state = LinkState::Disconnected;
            }
        }
    }
    story
}

/// Where an item lies for the measures: with its live record, or alone.
#[derive(PartialEq)]
enum Place {
    Record(usize),
    Alone(usize),
}

fn measured(items: &[Item]) -> Vec<(Place, usize)> {
    let mut measured = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match item.cluster {
            Some(cluster) if !item.disconnected => {
                measured.push((Place::Record(cluster), item.entity));
            }
            _ if item.delivered => measured.push((Place::Alone(at), item.entity)),
            _ => {}
        }
    }
    measured
}

/// lcm(1..=14): every share has a denominator of at most the number of items.
const COMMON: u64 = 360_360;

fn common(mean: &MeanShare) -> u64 {
    mean.numerators
        .iter()
        .map(|(denominator, numerator)| COMMON / denominator * numerator)
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_measures_agree_with_their_definitions(items in items()) {
        let story = story(&items);
        let judgement = judge(&story.outcome, &story.truth, &Scope::new(Method::B));
        let linkage = judgement.linkage.configurations;
        let measured = measured(&items);
        let (mut linked, mut real, mut correct) = (0, 0, 0);
        for (at, left) in measured.iter().enumerate() {
            for right in &measured[at + 1..] {
                linked += u64::from(left.0 == right.0);
                real += u64::from(left.1 == right.1);
                correct += u64::from(left.0 == right.0 && left.1 == right.1);
            }
        }
        let (mut precision, mut recall) = (0, 0);
        for one in &measured {
            let count = |test: &dyn Fn(&(Place, usize)) -> bool| {
                measured.iter().filter(|other| test(other)).count() as u64
            };
            let both = count(&|other| other.0 == one.0 && other.1 == one.1);
            precision += COMMON / count(&|other| other.0 == one.0) * both;
            recall += COMMON / count(&|other| other.1 == one.1) * both;
        }
        prop_assert_eq!(linkage.items, measured.len() as u64);
        prop_assert_eq!(linkage.linked_pairs, linked);
        prop_assert_eq!(linkage.true_pairs, real);
        prop_assert_eq!(linkage.correct_pairs, correct);
        prop_assert_eq!(common(&linkage.bcubed_precision), precision);
        prop_assert_eq!(common(&linkage.bcubed_recall), recall);
    }

    #[test]
    fn duplicates_and_false_merges_agree_with_their_definitions(items in items()) {
        let story = story(&items);
        let judgement = judge(&story.outcome, &story.truth, &Scope::new(Method::B));
        let stands_for = |cluster: usize, entity: usize| {
            items.iter().any(|item| item.cluster == Some(cluster) && item.entity == entity)
        };
        let mut duplicates = 0;
        let mut false_merges = 0;
        let mut missing = 0;
        for cluster in 0..6 {
            let doubled = (0..6).any(|entity| {
                stands_for(cluster, entity)
                    && (0..cluster).any(|earlier| stands_for(earlier, entity))
            });
            duplicates += u64::from(doubled);
            let entities = (0..6).filter(|entity| stands_for(cluster, *entity)).count();
            false_merges += u64::from(entities > 1);
        }
        for entity in 0..6 {
            let held = (0..6).any(|cluster| stands_for(cluster, entity));
            let delivered = items
                .iter()
                .any(|item| item.entity == entity && item.delivered && !item.from_rmm);
            missing += u64::from(delivered && !held);
        }
        prop_assert_eq!(judgement.duplicates.configurations.total(), duplicates);
        prop_assert_eq!(judgement.false_merges.configurations, false_merges);
        prop_assert_eq!(judgement.missing.configurations, missing);
        prop_assert_eq!(judgement.findings.duplicates.len() as u64, duplicates);
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter(items in items(), turn in 0_usize..6) {
        let story = story(&items);
        let judgement = judge(&story.outcome, &story.truth, &Scope::new(Method::C));
        let mut turned = story.outcome.clone();
        turned.configurations.rotate_left(turn);
        turned.configurations.iter_mut().for_each(|record| record.links.reverse());
        let again = judge(&turned, &story.truth, &Scope::new(Method::C));
        prop_assert_eq!(judgement, again);
    }
}
