//! What goes wrong: replicas die, connections are cut, the database does not answer and has perhaps
//! committed, transactions take effect when nobody waits for them any more.

use super::state::{Append, Batch, Link, Listener, Outcome, Room};
use super::store;
use super::world::World;

impl World<'_> {
    /// A replica dies and comes back from the store. Being away for long is the same as being back
    /// and not heard of; being frozen is the same as doing nothing for a while.
    pub fn crash(&mut self, r: usize) {
        if let Some(Append::Sent(batch)) = self.state.rooms[r].appending.take() {
            self.state.orphans.insert(batch);
        }
        self.state.rooms[r] = Room::load(&self.state.log);
        for client in &mut self.state.clients {
            if matches!(client.link, Link::Late(at) | Link::Joined(at) if at == r) {
                client.link = Link::Cut;
            }
        }
    }

    /// A client starts anew (or never joined: REST). It still wants its operations done.
    pub fn forget(&mut self, c: usize) {
        self.cut(c);
        self.state.clients[c].view.clear();
    }

    /// A client's connection is gone, and with it whatever it would have brought. Operations may
    /// have been on their way.
    pub fn cut(&mut self, c: usize) {
        let ops = &self.setting.ops;
        let is_its = |op: u8| ops[op as usize].client == c;
        let before = std::mem::replace(&mut self.state.clients[c].link, Link::Cut);
        if let Link::Joined(r) = before {
            let sent = self.state.sent.iter_mut().enumerate();
            sent.filter(|(op, _)| is_its(*op as u8)).for_each(|(_, there)| *there |= 1 << r);
        }
        for room in &mut self.state.rooms {
            let waiting = room.in_flight.iter_mut().chain(&mut room.queue);
            for accepted in waiting.filter(|accepted| is_its(accepted.event.op)) {
                accepted.listener = Listener::Nobody;
            }
            if let Some(telling) = &mut room.telling {
                telling.acks.retain(|ack| !is_its(ack.op));
            }
        }
        (0..self.state.rooms.len()).for_each(|r| self.told(r));
    }

    /// The database does not answer in time. The transaction may have ended, or may yet end.
    pub fn silence(&mut self, r: usize) {
        if let Some(Append::Sent(batch)) = self.state.rooms[r].appending.take() {
            self.state.orphans.insert(batch);
        }
        self.appended(r, None);
    }

    /// A transaction that nobody waits for takes effect.
    pub fn orphan_commits(&mut self, batch: &Batch) {
        self.state.orphans.remove(batch);
        store::append(self.setting, &mut self.state.log, batch);
    }

    /// Forgets what can't make a difference any more: appends that would not commit, and bus
    /// messages that are older than every replica (a crash never takes a replica back).
    pub fn forget_the_dead(&mut self) {
        let (setting, log) = (self.setting, &self.state.log);
        self.state
            .orphans
            .retain(|batch| store::compare(setting, log, batch) == Outcome::Committed);
        let oldest = self.state.rooms.iter().map(Room::head).min().unwrap_or(0);
        self.state.bus.retain(|relay| relay.events.last().is_some_and(|last| last.seq > oldest));
        if self.state.faults_left == 0 {
            self.state.sent.fill(0);
        }
    }
}
