//! The append protocol (`docs/ARCHITECTURE.md`, "Edit" and "Edit elsewhere") as a model, and a checker
//! that tries every order of its steps: two replicas, two clients, one row in the database, a bus that
//! loses, repeats and reorders. The functions bear the names of those in `src/actors/room/`, to be read
//! side by side: `state.rs` first, then `room.rs`, `relay.rs`, `client.rs`, `faults.rs`. What must hold
//! is in `properties.rs`; `mutations.rs` leaves out one rule at a time and shows what breaks.
//! `cargo test --test model -- --nocapture` prints bounds, counts and counterexamples.

mod actions;
mod calm;
mod client;
mod faults;
mod mirror;
mod mutations;
mod properties;
mod protocol;
mod relay;
mod room;
mod setting;
mod state;
mod store;
mod world;

use actions::Action;
use properties::{BATCH, BOTH_ARE_SERVED, DUPLICATE, LATECOMER, ORPHAN, REPEAT_IS_ANSWERED, STALE};
use protocol::{Protocol, prove, walk};
use setting::{Rule, Setting};
use state::Ack;

/// Operations that race and never exclude each other.
const RACE: &[(usize, Rule)] = &[(0, Rule::Free), (1, Rule::Free)];
/// Operations of which the second is legal only after the first, and neither twice.
const DOOR: &[(usize, Rule)] = &[(0, Rule::Opens), (1, Rule::Closes)];
/// Both of it, with one client that does not wait for its first answer.
const THREE: &[(usize, Rule)] = &[(0, Rule::Opens), (0, Rule::Free), (1, Rule::Closes)];
/// Each client has two.
const FOUR: &[(usize, Rule)] =
    &[(0, Rule::Opens), (0, Rule::Free), (1, Rule::Closes), (1, Rule::Free)];

/// About 80,000 states, 23,000 of them different.
#[test]
fn a_race_keeps_the_promises_whatever_one_thing_goes_wrong() {
    let possible = [BOTH_ARE_SERVED, STALE, DUPLICATE, REPEAT_IS_ANSWERED, LATECOMER, ORPHAN];
    println!("{}", prove(Protocol(Setting::of(RACE, 1)), &possible));
}

/// About 40,000 states, 12,000 of them different; each heals.
#[test]
fn operations_that_need_each_other_keep_the_promises_whatever_one_thing_goes_wrong() {
    let possible = [BOTH_ARE_SERVED, DUPLICATE, REPEAT_IS_ANSWERED, LATECOMER, ORPHAN];
    println!("{}", prove(Protocol(Setting::of(DOOR, 1).with_calm()), &possible));
}

/// Twice about 13,000 states, 4,000 of them different.
#[test]
fn batches_keep_the_promises_while_the_bus_alone_is_bad() {
    let (apart, together) = (Setting::of(THREE, 0), Setting::of(THREE, 0).together());
    println!("{}", prove(Protocol(apart), &[BOTH_ARE_SERVED, STALE]));
    println!("{}", prove(Protocol(together), &[BOTH_ARE_SERVED, BATCH]));
}

/// About 70,000 states, 20,000 of them different.
#[test]
fn rooms_that_have_forgotten_nothing_keep_the_promises_too() {
    let possible = [BOTH_ARE_SERVED, DUPLICATE, REPEAT_IS_ANSWERED, LATECOMER, ORPHAN];
    println!("{}", prove(Protocol(Setting::of(DOOR, 1).remembering(2).together()), &possible));
}

/// About 2.4 million states, 630,000 of them different: a minute on one core in release.
#[test]
#[ignore = "takes minutes: run it with --release"]
fn larger_bounds_keep_the_promises() {
    for (ops, faults) in [(DOOR, 2), (RACE, 2), (THREE, 1), (FOUR, 0)] {
        println!("{}", prove(Protocol(Setting::of(ops, faults)), &[BOTH_ARE_SERVED]));
    }
}

/// The story that matters most, told step by step.
#[test]
fn a_crash_between_commit_and_ack_leaves_one_effect_and_its_repeat_hears_the_first_seq() {
    let story = [
        Action::Send { r: 0, op: 0 },
        Action::Transact { r: 0 },
        Action::Crash { r: 0 },
        Action::Join { c: 0, r: 1 },
        Action::Send { r: 1, op: 0 },
        Action::Transact { r: 1 },
        Action::Appended { r: 1 },
        Action::Read { r: 1 },
        Action::Fetched { r: 1 },
    ];
    let end = walk(&Protocol(Setting::of(RACE, 1)), &story);
    assert_eq!(end.log.len(), 1);
    let first = Ack { op: 0, seq: 1, duplicate: true };
    assert_eq!(end.clients[0].acks, [first].into());
    assert!(end.clients.iter().all(|client| client.view.len() <= 1));
}
