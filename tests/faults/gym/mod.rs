//! The people: clients that edit at random from a seed, reconnect as the contract tells them to,
//! and write down everything that they send and are sent. They judge nothing.

mod book;
mod connection;
mod habits;
mod line;
mod member;
mod outbox;
mod polling;
mod twin;
mod wishes;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::sync::watch;

pub use connection::Connection;
pub use habits::Habits;
pub use line::Transport;
pub use member::Member;
pub use wishes::Staff;

use crate::recorder::Recorder;
use crate::support::Dice;

/// What the clients are to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Edit, come and go.
    Work,
    /// No new wishes: learn the fate of all old ones, be in every room, and stay.
    Settle,
    /// Go home.
    Stop,
}

/// A way in.
#[derive(Clone, Debug)]
pub struct Door {
    /// The replica behind it; empty where a balancer chooses one.
    pub node: String,
    /// `host:port`, the same for whatever process stands behind it.
    pub address: String,
}

impl Door {
    /// To one replica.
    pub fn of(node: &str, address: &str) -> Self {
        Self { node: node.to_owned(), address: address.to_owned() }
    }

    /// To whichever replica the balancer at this address chooses.
    pub fn balanced(address: &str) -> Self {
        Self::of("", address)
    }
}

/// Where a client stands, for whoever waits for all of them.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// None while it is not connected.
    pub session: Option<String>,
    /// The newest sequence number of each room that it is in.
    pub rooms: BTreeMap<String, u64>,
    /// Whom it is shown in each room.
    pub rosters: BTreeMap<String, Rc<BTreeSet<String>>>,
    /// Rooms that it is not in yet.
    pub outside: usize,
    /// Those, and operations and other requests whose fate it does not know.
    pub open: usize,
}

/// What all clients share.
#[derive(Debug)]
pub struct Gym {
    pub recorder: Recorder,
    pub doors: Vec<Door>,
    pub phase: watch::Receiver<Phase>,
    pub board: RefCell<BTreeMap<String, Status>>,
    pub staff: Staff,
    /// Numbers of requests, unique over all clients.
    calls: Cell<u64>,
}

impl Gym {
    /// An empty one.
    pub fn new(
        recorder: Recorder,
        doors: Vec<Door>,
        staff: Staff,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self { recorder, doors, phase, board: RefCell::default(), staff, calls: Cell::new(0) }
    }

    fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    fn next_call(&self) -> u64 {
        self.calls.set(self.calls.get() + 1);
        self.calls.get()
    }

    /// Any door but the one to avoid.
    fn pick_door(&self, dice: &mut Dice, avoid: Option<&str>) -> Door {
        let open: Vec<_> =
            self.doors.iter().filter(|door| Some(door.node.as_str()) != avoid).collect();
        match open.is_empty() {
            true => self.doors[0].clone(),
            false => (*dice.pick(&open)).clone(),
        }
    }
}
