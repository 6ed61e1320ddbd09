//! The oracle: a second, deliberately simple model of the rules, written from the rule book and the
//! table of decisions. It proves that the engine does what they say, whatever story is told: random
//! ones, and all orders of the events that matter most in each method.
//!
//! `SYNCRIG_STORIES=20000 SYNCRIG_STORY_SEED=7 cargo test --release --test it oracle` tells so many.

mod by_hand;
mod compare;
mod hands;
mod model;
mod next;
mod orders;
mod play;
mod psa;
mod random;
mod rmm;
mod screen;
mod smaller;
mod story;
mod tenants;
mod values;
