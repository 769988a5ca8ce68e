//! What a room remembers of its newest operations, for operators, and what it tells the lookout. It
//! decides nothing; a room that forgets all of it is the same room.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ask::{Caller, Departure};
use super::live::Live;
use super::wish::Wish;
use crate::actors::lookout::Seen;
use crate::domain::{Instant, SessionId};
use crate::protocol::op_kind::kind;
use crate::protocol::operator::{Coming, Going, OperationBody, RoomSight, RoomTally, Sight};
use crate::protocol::text::Text;

/// Operations that are remembered.
const KEPT: usize = 50;

/// The newest operations and how they went.
pub struct Witness {
    /// Since when.
    pub loaded_at: Instant,
    /// The newest first.
    pub newest: VecDeque<Arc<OperationBody>>,
    /// Of all since then.
    pub tally: RoomTally,
}

impl Witness {
    /// Of a room that was loaded now.
    pub fn new(now: Instant) -> Self {
        Self { loaded_at: now, newest: VecDeque::new(), tally: RoomTally::default() }
    }

    fn take(&mut self, operation: Arc<OperationBody>) {
        match operation.outcome {
            "committed" => self.tally.committed += 1,
            "duplicate" | "dry_run" => {}
            _ => self.tally.refused += 1,
        }
        self.newest.truncate(KEPT - 1);
        self.newest.push_front(operation);
    }
}

impl Live {
    /// An operation is about to be answered.
    pub(super) fn witness(&mut self, wish: &Wish, outcome: &'static str, seq: Option<u64>) {
        let took = self.deps.clock.monotonic() - wish.received;
        let operation = Arc::new(OperationBody {
            at: Text(self.deps.clock.now()),
            kind: kind(&wish.command.op),
            op_id: Text(wish.command.op_id),
            user_id: Text(wish.author.user.clone()),
            session_id: wish.author.session.clone().map(Text),
            outcome,
            seq,
            ms: (took.as_secs_f64() * 1_000_000.0).round() / 1_000.0,
        });
        self.witness.take(operation.clone());
        self.tell_lookout(Sight::Operation(self.here(operation)));
    }

    /// Somebody has joined.
    pub(super) fn witness_coming(&self, who: &Caller, session: &SessionId) {
        let coming = Coming {
            at: Text(self.deps.clock.now()),
            session_id: Text(session.clone()),
            user_id: Text(who.principal.user.clone()),
            name: who.principal.name.clone(),
            role: self.role(who).into(),
        };
        self.tell_lookout(Sight::Joined(self.here(coming)));
    }

    /// Somebody has left.
    pub(super) fn witness_going(&self, who: &Caller, session: &SessionId, departure: Departure) {
        let reason = match departure {
            Departure::Left => "left",
            Departure::Closed => "closed",
            Departure::Cut => "cut",
        };
        let (at, session_id) = (Text(self.deps.clock.now()), Text(session.clone()));
        let going = Going { at, session_id, user_id: Text(who.principal.user.clone()), reason };
        self.tell_lookout(Sight::Left(self.here(going)));
    }

    fn here<T>(&self, what: T) -> RoomSight<T> {
        RoomSight { room: Text(self.key.room), what }
    }

    /// A full mailbox there costs a follower a line and nobody anything else.
    fn tell_lookout(&self, sight: Sight) {
        self.deps.lookout.try_send(Seen { tenant: self.key.tenant.clone(), sight }).ok();
    }
}
