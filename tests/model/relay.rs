//! Events of the other replica (`room/relay.rs`, `bridge.rs`): applied in order from the bus, fetched
//! from the store where the bus left a gap.

use super::mutations::Mutation;
use super::state::{Event, Fetch, Relay};
use super::world::World;

impl World<'_> {
    /// A message from the bus: the first time, again, late, or out of order.
    pub fn remote(&mut self, r: usize, relay: &Relay) {
        let (Some(first), Some(last)) = (relay.events.first(), relay.events.last()) else { return };
        let room = &mut self.state.rooms[r];
        let head = room.head();
        if last.seq <= head {
            return;
        }
        if room.appending.is_some() || room.catching_up.is_some() {
            room.behind = true;
            return;
        }
        if first.seq > head + 1 && !self.setting.lacks(Mutation::GapCheck) {
            return self.catch_up(r);
        }
        let news: Vec<_> = relay.events.iter().filter(|event| event.seq > head).copied().collect();
        self.take_in(r, &news);
        self.decide_again(r);
    }

    /// The bridge asked the store for the head and says so (`HeadIs`). Sent when the bus was
    /// reconnected, and each second.
    pub fn head_is(&mut self, r: usize, head: u8) {
        if head > self.state.rooms[r].head() {
            self.catch_up(r);
        }
    }

    /// Fetches what the store has beyond this room's head. A batch at the journal comes back first;
    /// a fetch under way may have been answered before the news, so another one follows it.
    pub fn catch_up(&mut self, r: usize) {
        let room = &mut self.state.rooms[r];
        if room.appending.is_some() || room.catching_up.is_some() {
            room.behind = true;
        } else {
            room.catching_up = Some(Fetch::Asked);
        }
    }

    /// The end of every handler that may have put news off.
    pub fn catch_up_if_behind(&mut self, r: usize) {
        if std::mem::take(&mut self.state.rooms[r].behind) {
            self.catch_up(r);
        }
    }

    /// The rows have come.
    pub fn fetched(&mut self, r: usize, upto: u8) {
        let room = &mut self.state.rooms[r];
        room.catching_up = None;
        let there = self.state.log[..upto as usize].iter();
        let missed: Vec<_> = there.skip(room.committed.len()).copied().collect();
        self.take_in(r, &missed);
        self.decide_again(r);
        if self.state.rooms[r].behind {
            return self.catch_up_if_behind(r);
        }
        self.seat_latecomers(r);
    }

    /// The store did not answer: whoever waited for it gets what there is, and it is asked again.
    pub fn not_fetched(&mut self, r: usize) {
        self.seat_latecomers(r);
        self.state.rooms[r].catching_up = Some(Fetch::Asked);
    }

    /// Absorbs these events (`Pipeline::absorb`) and tells the members.
    fn take_in(&mut self, r: usize, events: &[Event]) {
        self.state.rooms[r].committed.extend(events);
        self.broadcast_events(r, events);
    }
}
