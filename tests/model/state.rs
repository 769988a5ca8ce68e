//! Everything that exists at one moment: the database row with its log, two rooms (one a replica),
//! the bus, two clients. Plain values; `room.rs`, `store.rs` and `client.rs` say how they change.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use super::setting::{CLIENTS, REPLICAS, Setting};

/// An event: an operation at its place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Its place, as decided.
    pub seq: u8,
    /// Which operation.
    pub op: u8,
    /// Which replica decided it: two decisions of one operation are different events.
    pub by: u8,
}

impl Hash for Event {
    /// In one piece: hashing is most of what a checker does.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u32(u32::from_be_bytes([0, self.seq, self.op, self.by]));
    }
}

/// One room's part of an append (`store::RoomBatch`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Batch {
    /// The head it was decided on.
    pub expected: u8,
    /// In order.
    pub events: Vec<Event>,
}

/// What became of it (`store::AppendOutcome`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// All events are durable.
    Committed,
    /// The head is another one.
    Stale,
    /// This operation of the batch is in the log, there.
    Duplicate { index: usize, seq: u8 },
}

/// An append that a room waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Append {
    /// On its way to the database.
    Sent(Batch),
    /// The transaction has ended; the room has not heard of it.
    Answered(Outcome),
}

/// Who waits for the answer to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listener {
    /// The connection it came by is gone.
    Nobody,
    /// Its sender.
    Sender,
    /// Its sender, who had to send it again and hears that it was a repeat.
    Repeater,
}

/// An operation that was decided and waits for its commit (`pipeline::Accepted`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Accepted {
    /// What takes effect.
    pub event: Event,
    /// The store was given it and did not say what became of it.
    pub uncertain: bool,
    /// Who waits for the answer.
    pub listener: Listener,
}

/// Where catching up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fetch {
    /// The store was asked.
    Asked,
    /// It has read up to here; the room has not got the rows yet.
    Read(u8),
}

/// What other replicas are told about committed events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relay {
    /// In order.
    pub events: Vec<Event>,
}

/// The answer to an operation in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ack {
    /// Which operation.
    pub op: u8,
    /// Where it is said to be.
    pub seq: u8,
    /// It is said to be a repeat.
    pub duplicate: bool,
}

/// A committed batch whose room is still telling the world: each of these may be the one that a
/// crash prevents.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Telling {
    /// Not yet with the bus.
    pub publish: Option<Relay>,
    /// Not yet with their authors.
    pub acks: Vec<Ack>,
}

/// The room of one replica (`room/live.rs` and `room/pipeline.rs`). The state ahead is not kept:
/// it is `committed`, then `in_flight`, then `queue`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Room {
    /// The committed log as this replica knows it.
    pub committed: Vec<Event>,
    /// Decided, waiting for the next batch.
    pub queue: Vec<Accepted>,
    /// The batch at the journal, or on its way back from there.
    pub in_flight: Vec<Accepted>,
    /// The batch is with the journal.
    pub appending: Option<Append>,
    /// How often in a row the store did not answer.
    pub failures: u8,
    /// The store is being asked for events that are not here.
    pub catching_up: Option<Fetch>,
    /// Something is known to be in the store that is not here.
    pub behind: bool,
    /// A commit is being told; nothing else is done meanwhile.
    pub telling: Option<Telling>,
}

/// A client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// None.
    Cut,
    /// Its join waits until this replica's room has caught up (`Live::late`).
    Late(usize),
    /// A member of this replica's room.
    Joined(usize),
}

/// A client, and what it was told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// Its connection.
    pub link: Link,
    /// All events it knows, in the order in which they came; a snapshot replaces them.
    pub view: Vec<Event>,
    /// All acks it got.
    pub acks: BTreeSet<Ack>,
    /// Refused operations, each with the head of the log when the refusal was made.
    pub refused: BTreeSet<(u8, u8)>,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The database's log; its length is `head_seq`.
    pub log: Vec<Event>,
    /// Appends that nobody waits for and that may still take effect: their replica has died or
    /// has given up waiting.
    pub orphans: BTreeSet<Batch>,
    /// Messages on the bus. None is ever taken off: it may be delivered never, late or twice.
    pub bus: BTreeSet<Relay>,
    /// One a replica.
    pub rooms: [Room; REPLICAS],
    /// All of them.
    pub clients: [Client; CLIENTS],
    /// How many misfortunes may still happen.
    pub faults_left: u8,
    /// Which replicas each operation was sent to or was on its way to, one bit each: it may still
    /// arrive there, as a misfortune.
    pub sent: Vec<u8>,
}

impl State {
    /// The clients have joined; nothing has happened.
    pub fn first(setting: &Setting) -> Self {
        let client = |link| Client {
            link,
            view: Vec::new(),
            acks: BTreeSet::new(),
            refused: BTreeSet::new(),
        };
        Self {
            log: Vec::new(),
            orphans: BTreeSet::new(),
            bus: BTreeSet::new(),
            rooms: Default::default(),
            clients: setting.homes.map(|r| client(Link::Joined(r))),
            faults_left: setting.faults,
            sent: vec![0; setting.ops.len()],
        }
    }

    /// The sequence number of the newest event in the database.
    pub fn head(&self) -> u8 {
        self.log.len() as u8
    }
}

impl Room {
    /// What a room starts from after its replica has died (`Live::load`).
    pub fn load(log: &[Event]) -> Self {
        Self { committed: log.to_vec(), ..Self::default() }
    }

    /// The sequence number of the newest committed event here.
    pub fn head(&self) -> u8 {
        self.committed.len() as u8
    }

    /// Whether the sender of `op` waits here for its answer.
    pub fn is_listened_for(&self, op: u8) -> bool {
        let is = |waits: &Accepted| waits.event.op == op && waits.listener != Listener::Nobody;
        self.waiting().any(is)
    }

    /// Everything that waits, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Accepted> {
        self.in_flight.iter().chain(&self.queue)
    }
}

impl Client {
    /// Whether it has its answer to `op` and no longer sends it.
    pub fn is_answered(&self, op: u8) -> bool {
        self.acks.iter().any(|ack| ack.op == op) || self.refused.iter().any(|(no, _)| *no == op)
    }
}
