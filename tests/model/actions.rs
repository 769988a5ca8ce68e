//! All that may happen next. Each action is one message handled, one transaction, or one fault; in
//! between, anything else may happen.

use super::mutations::Mutation;
use super::setting::{CLIENTS, REPLICAS, Setting};
use super::state::{Append, Batch, Fetch, Link, Relay, State};
use super::world::World;

/// One step; `r` is a replica, `c` a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A client joins a replica, and resumes if it was joined before.
    Join { c: usize, r: usize },
    /// A client sends an operation where it has joined, for the first time or again.
    Send { r: usize, op: u8 },
    /// An earlier sending of an operation arrives; nobody hears the answer.
    ArriveLate { r: usize, op: u8 },
    /// The database runs a replica's transaction.
    Transact { r: usize },
    /// A room hears the outcome.
    Appended { r: usize },
    /// A commit is acknowledged to its authors.
    Ack { r: usize },
    /// A commit is published on the bus.
    Publish { r: usize },
    /// The bus delivers a message.
    Remote { r: usize, relay: Relay },
    /// The bridge tells a room the head it asked for.
    HeadIs { r: usize },
    /// The store reads the events a room asked for.
    Read { r: usize },
    /// A room gets them.
    Fetched { r: usize },
    /// The store does not answer that.
    NotFetched { r: usize },
    /// The store does not answer an append.
    Silence { r: usize },
    /// A transaction that nobody waits for takes effect.
    OrphanCommits { batch: Batch },
    /// A connection ends.
    Cut { c: usize },
    /// A client starts anew and knows nothing but what it wants.
    Forget { c: usize },
    /// A replica dies and starts anew.
    Crash { r: usize },
}

impl Action {
    /// Whether it is a misfortune, of which there are only so many in one run.
    pub fn is_fault(&self) -> bool {
        use Action::{ArriveLate, Crash, Cut, Forget, NotFetched, Silence};
        matches!(
            self,
            ArriveLate { .. }
                | NotFetched { .. }
                | Silence { .. }
                | Cut { .. }
                | Forget { .. }
                | Crash { .. }
        )
    }
}

/// Everything that may happen in `state`; some of it may change nothing.
pub fn possible(setting: &Setting, state: &State, actions: &mut Vec<Action>) {
    (0..REPLICAS).for_each(|r| of_room(setting, state, r, actions));
    (0..CLIENTS).for_each(|c| of_client(setting, state, c, actions));
    let orphans = state.orphans.iter().cloned();
    actions.extend(orphans.map(|batch| Action::OrphanCommits { batch }));
}

fn of_room(setting: &Setting, state: &State, r: usize, actions: &mut Vec<Action>) {
    let room = &state.rooms[r];
    actions.push(Action::Crash { r });
    if let Some(telling) = &room.telling {
        actions.extend((!telling.acks.is_empty()).then_some(Action::Ack { r }));
        actions.extend(telling.publish.as_ref().map(|_| Action::Publish { r }));
        return;
    }
    match &room.appending {
        Some(Append::Sent(_)) => {
            actions.extend([Action::Transact { r }, Action::Silence { r }]);
        }
        Some(Append::Answered(_)) => {
            actions.extend([Action::Appended { r }, Action::Silence { r }]);
        }
        None => {}
    }
    match room.catching_up {
        Some(Fetch::Asked) => actions.extend([Action::Read { r }, Action::NotFetched { r }]),
        Some(Fetch::Read(_)) => actions.push(Action::Fetched { r }),
        None => {}
    }
    actions.extend(state.bus.iter().cloned().map(|relay| Action::Remote { r, relay }));
    let is_news = state.head() > room.head() && !setting.lacks(Mutation::AskingForHeads);
    actions.extend(is_news.then_some(Action::HeadIs { r }));
    let sent_here = |op: &u8| state.sent[*op as usize] & (1 << r) != 0;
    let late = (0..state.sent.len() as u8).filter(sent_here);
    actions.extend(late.map(|op| Action::ArriveLate { r, op }));
}

fn of_client(setting: &Setting, state: &State, c: usize, actions: &mut Vec<Action>) {
    let listens = |r: usize| state.rooms[r].telling.is_none();
    let client = &state.clients[c];
    match client.link {
        Link::Cut => {
            let free = (0..REPLICAS).filter(|r| listens(*r));
            return actions.extend(free.map(|r| Action::Join { c, r }));
        }
        Link::Joined(r) if listens(r) => {
            let its = setting.ops.iter().enumerate().filter(|(_, op)| op.client == c);
            let wanted = its.map(|(op, _)| op as u8).filter(|op| !client.is_answered(*op));
            let open = wanted.filter(|op| !state.rooms[r].is_listened_for(*op));
            actions.extend(open.map(|op| Action::Send { r, op }));
        }
        Link::Joined(_) | Link::Late(_) => {}
    }
    actions.extend([Action::Cut { c }, Action::Forget { c }]);
}

impl World<'_> {
    /// Does it.
    pub fn act(&mut self, action: Action) {
        match action {
            Action::Join { c, r } => self.join(c, r),
            Action::Send { r, op } => self.send(r, op),
            Action::ArriveLate { r, op } => self.arrive_late(r, op),
            Action::Transact { r } => self.transact(r),
            Action::Appended { r } => {
                if let Some(Append::Answered(outcome)) = self.state.rooms[r].appending {
                    self.appended(r, Some(outcome));
                }
            }
            Action::Ack { r } => self.tell_authors(r),
            Action::Publish { r } => self.publish(r),
            Action::Remote { r, relay } => self.remote(r, &relay),
            Action::HeadIs { r } => self.head_is(r, self.state.head()),
            Action::Read { r } => {
                self.state.rooms[r].catching_up = Some(Fetch::Read(self.state.head()));
            }
            Action::Fetched { r } => {
                if let Some(Fetch::Read(upto)) = self.state.rooms[r].catching_up {
                    self.fetched(r, upto);
                }
            }
            Action::NotFetched { r } => self.not_fetched(r),
            Action::Silence { r } => self.silence(r),
            Action::OrphanCommits { batch } => self.orphan_commits(&batch),
            Action::Cut { c } => self.cut(c),
            Action::Forget { c } => self.forget(c),
            Action::Crash { r } => self.crash(r),
        }
    }

    fn tell_authors(&mut self, r: usize) {
        let telling = self.state.rooms[r].telling.as_mut();
        let acks = telling.map(|telling| std::mem::take(&mut telling.acks)).unwrap_or_default();
        acks.into_iter().for_each(|ack| self.receive_ack(ack));
        self.told(r);
    }

    fn publish(&mut self, r: usize) {
        let telling = self.state.rooms[r].telling.as_mut();
        self.state.bus.extend(telling.and_then(|telling| telling.publish.take()));
        self.told(r);
    }
}
