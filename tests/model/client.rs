//! A client and the room's side of its coming and going (`room/joining.rs`): join, resume, answers.

use super::mutations::Mutation;
use super::room::Wish;
use super::state::{Ack, Link, Listener};
use super::world::World;

impl World<'_> {
    /// A client joins, with what it has seen as `since`.
    pub fn join(&mut self, c: usize, r: usize) {
        let since = self.state.clients[c].view.len();
        let is_late = since > self.state.rooms[r].committed.len();
        if is_late && !self.setting.lacks(Mutation::DistrustOfTheClient) {
            // Live::come_late
            self.state.clients[c].link = Link::Late(r);
            self.catch_up(r);
        } else {
            self.seat(c, r);
        }
    }

    /// Does what waited (`Live::seat_latecomers`).
    pub fn seat_latecomers(&mut self, r: usize) {
        for c in 0..self.state.clients.len() {
            if self.state.clients[c].link == Link::Late(r) {
                self.seat(c, r);
            }
        }
    }

    /// The choice between current, delta and snapshot (`Live::catch_up_choice`).
    fn seat(&mut self, c: usize, r: usize) {
        let room = &self.state.rooms[r];
        let forgotten = self.forgotten(room);
        let client = &mut self.state.clients[c];
        client.link = Link::Joined(r);
        let (since, head) = (client.view.len(), room.committed.len());
        let trusts = self.setting.lacks(Mutation::DistrustOfTheClient);
        if since == head || (since > head && trusts) {
            // Sync::Current
        } else if since < head && since >= forgotten && since > 0 {
            // Sync::Delta
            client.view.extend(&room.committed[since..]);
        } else {
            // Sync::Snapshot
            client.view = room.committed.clone();
        }
    }

    /// A client sends an operation to the replica it has joined, for the first time or again.
    pub fn send(&mut self, r: usize, op: u8) {
        self.state.sent[op as usize] |= 1 << r;
        self.operation(r, Wish { op, listener: Listener::Sender });
    }

    /// An earlier sending arrives now; the connection it came by is gone, nobody hears the answer.
    pub fn arrive_late(&mut self, r: usize, op: u8) {
        self.operation(r, Wish { op, listener: Listener::Nobody });
    }

    /// The author of an operation hears that it is in the log.
    pub fn receive_ack(&mut self, ack: Ack) {
        let author = self.setting.ops[ack.op as usize].client;
        self.state.clients[author].acks.insert(ack);
    }

    /// The author of an operation hears that it was refused.
    pub fn receive_refusal(&mut self, op: u8) {
        let author = self.setting.ops[op as usize].client;
        let head = self.state.head();
        self.state.clients[author].refused.insert((op, head));
    }
}
