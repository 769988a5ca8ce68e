//! What must hold in every state, and what must be possible so that the rest means something.

use std::collections::BTreeSet;

use stateright::Property;

use super::calm::settles;
use super::protocol::Protocol;
use super::state::{Ack, Append, Event, Link, Outcome, State};

/// P1: every acknowledged operation is in the log, where the ack says.
pub const ACKED_IS_DURABLE: &str = "an acknowledged operation is in the log at its seq";
/// P2: an operation takes effect at most once.
pub const EXACTLY_ONCE: &str = "an opId is in the log at most once";
/// P2: whoever repeats an operation hears what the first one heard.
pub const ONE_ANSWER: &str = "a refused operation is not in the log when it is refused";
/// P3: the sequence has no gaps.
pub const LOG_IS_GAPLESS: &str = "the log is gapless";
/// P3: what a client received is one gapless run, across resumes.
pub const RECEIVED_IN_ORDER: &str = "a client receives a gapless run";
/// P3: everybody sees the same order, and only what is durable.
pub const VIEWS_AGREE: &str = "what a client knows is how the log begins";
/// P11: so does every room.
pub const ROOMS_AGREE: &str = "what a room holds committed is how the log begins";

/// P3, P4, P6: nothing stays wrong or unanswered.
pub const SETTLES: &str = "once nothing goes wrong any more, all is answered and everybody agrees";
/// Not all is refused or lost.
pub const BOTH_ARE_SERVED: &str = "both clients have acks and know the whole log";
/// Two replicas race.
pub const STALE: &str = "an append is stale";
/// A repeat reaches the store.
pub const DUPLICATE: &str = "an append is a duplicate";
/// The first answer was lost; the repeat is answered.
pub const REPEAT_IS_ANSWERED: &str = "a client hears that its operation was there already";
/// A client is ahead of the replica it joins.
pub const LATECOMER: &str = "a join waits for a room that is behind";
/// A batch fills while another one is in flight.
pub const BATCH: &str = "a batch holds two operations";
/// An append outlives whoever waited for it.
pub const ORPHAN: &str = "a transaction that nobody waits for may still commit";

/// What always holds.
pub fn safety() -> Vec<Property<Protocol>> {
    vec![
        Property::always(ACKED_IS_DURABLE, |_, state: &State| {
            acks(state).all(|ack| is_in_log(state, ack))
        }),
        Property::always(EXACTLY_ONCE, |_, state: &State| {
            let ops: BTreeSet<_> = state.log.iter().map(|event| event.op).collect();
            ops.len() == state.log.len()
        }),
        Property::always(ONE_ANSWER, |_, state: &State| {
            let mut refused = state.clients.iter().flat_map(|client| &client.refused);
            refused
                .all(|(op, head)| state.log[..*head as usize].iter().all(|event| event.op != *op))
        }),
        Property::always(LOG_IS_GAPLESS, |_, state: &State| is_gapless(&state.log)),
        Property::always(RECEIVED_IN_ORDER, |_, state: &State| {
            state.clients.iter().all(|client| is_gapless(&client.view))
        }),
        Property::always(VIEWS_AGREE, |_, state: &State| {
            state.clients.iter().all(|client| state.log.starts_with(&client.view))
        }),
        Property::always(ROOMS_AGREE, |_, state: &State| {
            state.rooms.iter().all(|room| state.log.starts_with(&room.committed))
        }),
    ]
}

/// Whatever has happened heals.
pub fn calm() -> Property<Protocol> {
    Property::always(SETTLES, |protocol: &Protocol, state: &State| settles(&protocol.0, state))
}

/// What is possible.
pub fn sanity() -> Vec<Property<Protocol>> {
    vec![
        Property::sometimes(BOTH_ARE_SERVED, |_, state: &State| {
            let knows = |view: &Vec<Event>| *view == state.log;
            state.clients.iter().all(|client| !client.acks.is_empty() && knows(&client.view))
        }),
        Property::sometimes(STALE, |_, state: &State| {
            outcomes(state).any(|outcome| outcome == Outcome::Stale)
        }),
        Property::sometimes(DUPLICATE, |_, state: &State| {
            outcomes(state).any(|outcome| matches!(outcome, Outcome::Duplicate { .. }))
        }),
        Property::sometimes(REPEAT_IS_ANSWERED, |_, state: &State| {
            let mut clients = state.clients.iter();
            clients.any(|client| client.acks.iter().any(|ack| ack.duplicate))
        }),
        Property::sometimes(LATECOMER, |_, state: &State| {
            let mut clients = state.clients.iter();
            clients.any(|client| matches!(client.link, Link::Late(_)))
        }),
        Property::sometimes(BATCH, |_, state: &State| {
            state.rooms.iter().any(|room| room.in_flight.len() == 2)
        }),
        Property::sometimes(ORPHAN, |_, state: &State| !state.orphans.is_empty()),
    ]
}

fn acks(state: &State) -> impl Iterator<Item = &Ack> {
    state.clients.iter().flat_map(|client| &client.acks)
}

fn outcomes(state: &State) -> impl Iterator<Item = Outcome> {
    state.rooms.iter().filter_map(|room| match room.appending {
        Some(Append::Answered(outcome)) => Some(outcome),
        _ => None,
    })
}

fn is_in_log(state: &State, ack: &Ack) -> bool {
    let there = state.log.get(ack.seq as usize - 1);
    there.is_some_and(|event| event.op == ack.op && event.seq == ack.seq)
}

fn is_gapless(events: &[Event]) -> bool {
    events.iter().enumerate().all(|(before, event)| event.seq as usize == before + 1)
}
