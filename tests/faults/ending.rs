//! The end that every healed run comes to: all clients know the fate of all they did, are where
//! they want to be, and all replicas say the same. Whether what they say is right, the judge decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::checker::history::{Entry, list, text};
use crate::gym::{Gym, Status};
use crate::support::Person;
use crate::world::{Replica, World};

/// The longest that a healed world may take until everybody knows everything.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// A run that is to end.
pub struct Ending<'a> {
    pub world: &'a World,
    pub gym: &'a Gym,
    pub rooms: &'a [String],
    /// Reads everything.
    pub auditor: Person,
    /// How many clients there are.
    pub people: usize,
}

impl Ending<'_> {
    /// Waits until everybody knows everything, and writes down what the replicas say then; also
    /// what was missing if that took too long.
    ///
    /// An operation that its client gave up may still be on its way and take effect while the
    /// replicas are asked one by one: then they are asked again.
    pub async fn come(&self) {
        let until = Instant::now() + SETTLED_WITHIN;
        loop {
            let before = self.peace().await;
            let told = self.ask_all().await;
            let after = self.peace().await;
            let missing = match (before, after) {
                (Ok(before), Ok(after)) if before == after => Vec::new(),
                (Err(missing), _) | (_, Err(missing)) => missing,
                _ => vec!["the rooms do not come to rest".to_owned()],
            };
            if missing.is_empty() || Instant::now() > until {
                let missing = missing.into_iter().map(|what| Entry::Unsettled { what });
                missing.chain(told).for_each(|entry| self.gym.recorder.write(entry));
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Each room's head and people, if everybody agrees on them; else what is missing.
    async fn peace(&self) -> Result<BTreeMap<String, (u64, BTreeSet<String>)>, Vec<String>> {
        let busy = self.busy();
        if !busy.is_empty() {
            return Err(busy);
        }
        let (mut peace, mut missing) = (BTreeMap::new(), Vec::new());
        for room in self.rooms {
            let heads = self.heads(room).await;
            let board = self.inside(room);
            let told = board.values().map(|status| status.rooms[room]);
            let all: BTreeSet<_> = heads.iter().copied().chain(told.map(Some)).collect();
            match (all.len(), all.first()) {
                (1, Some(Some(head))) => {
                    peace.insert(room.clone(), (*head, self.sessions(room)));
                }
                _ => missing.push(format!("{room} has not converged: replicas say {heads:?}")),
            }
            if self.world.has_bus() {
                missing.extend(self.strangers(room, &board).await);
            }
        }
        if missing.is_empty() { Ok(peace) } else { Err(missing) }
    }

    /// Clients that are not done.
    fn busy(&self) -> Vec<String> {
        let board = self.gym.board.borrow();
        let busy = board.iter().filter(|(_, one)| one.session.is_none() || one.open > 0);
        let mut busy: Vec<_> =
            busy.map(|(name, status)| format!("{name} is not done: {status:?}")).collect();
        if board.len() < self.people {
            busy.push("not everybody came".to_owned());
        }
        busy
    }

    /// What each replica says the room's head is: in the database, and in its own state, which it
    /// may be asked for before it has asked the database.
    async fn heads(&self, room: &str) -> Vec<Option<u64>> {
        let mut heads = Vec::new();
        for replica in &self.world.replicas {
            let rest = replica.rest(&self.auditor);
            for of in ["", "/snapshot"] {
                let path = format!("/api/collaboration/v1/rooms/{room}{of}");
                let body = rest.try_get(&path).await.ok().filter(|answer| answer.status == 200);
                heads.push(body.and_then(|answer| answer.json()["seq"].as_u64()));
            }
        }
        heads
    }

    /// Lists of participants that are not yet true.
    async fn strangers(&self, room: &str, board: &BTreeMap<String, Status>) -> Vec<String> {
        let present = self.sessions(room);
        let mut wrong = Vec::new();
        for (name, status) in board {
            if status.rosters.get(room).is_some_and(|roster| **roster != present) {
                wrong.push(format!("{name} is not shown who is in {room}: {present:?}"));
            }
        }
        for replica in &self.world.replicas {
            let told = participants(replica, &self.auditor, room).await;
            if told != Some(present.clone()) {
                let name = replica.name();
                wrong.push(format!("{name} tells {told:?} to be in {room}, not {present:?}"));
            }
        }
        wrong
    }

    /// Whoever is in a room.
    fn inside(&self, room: &str) -> BTreeMap<String, Status> {
        let board = self.gym.board.borrow();
        let inside = board.iter().filter(|(_, status)| status.rooms.contains_key(room));
        inside.map(|(name, status)| (name.clone(), status.clone())).collect()
    }

    /// Who is in a room in truth.
    fn sessions(&self, room: &str) -> BTreeSet<String> {
        let board = self.gym.board.borrow();
        let inside = board.values().filter(|status| status.rooms.contains_key(room));
        inside.filter_map(|status| status.session.clone()).collect()
    }

    async fn ask_all(&self) -> Vec<Entry> {
        let mut told = Vec::new();
        for room in self.rooms {
            let sessions = self.sessions(room).into_iter().collect();
            told.push(Entry::Connected { room: room.clone(), sessions });
        }
        for replica in &self.world.replicas {
            for room in self.rooms {
                self.ask(replica, room, &mut told).await;
            }
        }
        told
    }

    async fn ask(&self, replica: &Replica, room: &str, told: &mut Vec<Entry>) {
        let (node, room) = (replica.name().to_owned(), room.to_owned());
        if let Some(events) = read_log(replica, &self.auditor, &room).await {
            told.push(Entry::Log { node: node.clone(), room: room.clone(), events });
        }
        let path = format!("/api/collaboration/v1/rooms/{room}/snapshot");
        if let Ok(answer) = replica.rest(&self.auditor).try_get(&path).await
            && answer.status == 200
        {
            let (node, room) = (node.clone(), room.clone());
            told.push(Entry::State { node, room, snapshot: answer.json() });
        }
        if self.world.has_bus()
            && let Some(sessions) = participants(replica, &self.auditor, &room).await
        {
            let sessions = sessions.into_iter().collect();
            told.push(Entry::Present { node, room, sessions });
        }
    }
}

async fn participants(replica: &Replica, who: &Person, room: &str) -> Option<BTreeSet<String>> {
    let path = format!("/api/collaboration/v1/rooms/{room}/participants?limit=500");
    let answer = replica.rest(who).try_get(&path).await.ok().filter(|told| told.status == 200)?;
    let body = answer.json();
    let sessions = list(&body["items"]).iter().map(|one| text(&one["sessionId"]).to_owned());
    Some(sessions.collect())
}

async fn read_log(replica: &Replica, who: &Person, room: &str) -> Option<Vec<Value>> {
    let rest = replica.rest(who);
    let mut events: Vec<Value> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event["seq"].as_u64().unwrap_or_default());
        let path = format!("/api/collaboration/v1/rooms/{room}/events?after={after}&limit=500");
        let answer = rest.try_get(&path).await.ok().filter(|told| told.status == 200)?;
        let page = answer.json();
        events.extend(list(&page["events"]).iter().cloned());
        if page["hasMore"] != true || list(&page["events"]).is_empty() {
            return Some(events);
        }
    }
}
