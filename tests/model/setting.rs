//! What one exploration is about: which operations there are, how far memory reaches, and which rule
//! of the protocol is left out. Made by the tests, read by every step.

use super::mutations::Mutation;

/// Replicas of the service.
pub const REPLICAS: usize = 2;
/// Clients, each with one connection at a time.
pub const CLIENTS: usize = 2;

/// When an operation is legal. The state it is decided on is one door, closed at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Always.
    Free,
    /// While the door is closed; it is open afterwards. Its own repeat would break the rule.
    Opens,
    /// While the door is open; it is closed afterwards. Needs another operation before it.
    Closes,
}

/// One operation with its stable `opId`: its place in [`Setting::ops`].
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// Who sends it.
    pub client: usize,
    /// When it is legal.
    pub rule: Rule,
}

/// The bounds of an exploration.
#[derive(Clone, Debug)]
pub struct Setting {
    /// All operations that are ever sent.
    pub ops: Vec<Op>,
    /// Which replica each client has joined at first.
    pub homes: [usize; CLIENTS],
    /// How many of the newest events a room remembers (`recent.rs`); older ones are in the store
    /// alone.
    pub tail: usize,
    /// How often an unanswered append is tried again before its operations are given up
    /// (`commit.rs`, `RETRIES`).
    pub retries: u8,
    /// The most misfortunes in one run (`Action::is_fault`). That the bus loses, repeats and
    /// reorders is no misfortune: it may always do that.
    pub faults: u8,
    /// Whether each state is also asked where calm weather leads (`calm.rs`); some ten times the work.
    pub calm: bool,
    /// The rule that is left out; none for the protocol as it is.
    pub mutation: Option<Mutation>,
}

impl Setting {
    /// The protocol as it is, with these operations, `(client, rule)`, and as many misfortunes.
    pub fn of(ops: &[(usize, Rule)], faults: u8) -> Self {
        let ops = ops.iter().map(|&(client, rule)| Op { client, rule }).collect();
        Self { ops, homes: [0, 1], tail: 1, retries: 1, faults, calm: false, mutation: None }
    }

    /// The same with both clients on one replica at first.
    pub fn together(self) -> Self {
        Self { homes: [0, 0], ..self }
    }

    /// The same, and calm weather heals every state.
    pub fn with_calm(self) -> Self {
        Self { calm: true, ..self }
    }

    /// The same without one of its rules.
    pub fn without(self, mutation: Mutation) -> Self {
        Self { mutation: Some(mutation), ..self }
    }

    /// The same with rooms that remember as many events.
    pub fn remembering(self, tail: usize) -> Self {
        Self { tail, ..self }
    }

    /// Whether this rule is left out.
    pub fn lacks(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }
}
