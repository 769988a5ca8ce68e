//! The end that every healed run comes to: all clients know the fate of all they did, are where they
//! want to be, and all replicas say the same. Whether what they say is right, the judge decides.

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
    /// Waits until everybody knows everything; writes down what was missing if that took too long.
    pub async fn settle(&self) {
        let until = Instant::now() + SETTLED_WITHIN;
        loop {
            let open = self.unsettled().await;
            if open.is_empty() {
                return;
            }
            if Instant::now() > until {
                for what in open {
                    self.gym.recorder.write(Entry::Unsettled { what });
                }
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What is still missing.
    async fn unsettled(&self) -> Vec<String> {
        let busy: Vec<_> = self
            .gym
            .board
            .borrow()
            .iter()
            .filter(|(_, status)| status.session.is_none() || status.open > 0)
            .map(|(name, status)| format!("{name} is not done: {status:?}"))
            .collect();
        if !busy.is_empty() || self.gym.board.borrow().len() < self.people {
            return if busy.is_empty() { vec!["not everybody came".to_owned()] } else { busy };
        }
        let mut missing = Vec::new();
        for room in self.rooms {
            let heads = self.heads(room).await;
            let one_head = heads.iter().collect::<BTreeSet<_>>().len() == 1;
            let head = heads.first().copied().flatten();
            let told =
                |status: &Status| status.rooms.get(room).is_none_or(|seq| Some(*seq) == head);
            let statuses = self.gym.board.borrow().clone();
            if !one_head || head.is_none() || !statuses.values().all(told) {
                missing.push(format!("{room} has not converged: the replicas say {heads:?}"));
            }
            if self.world.has_bus() {
                missing.extend(self.strangers(room, &statuses).await);
            }
        }
        missing
    }

    async fn heads(&self, room: &str) -> Vec<Option<u64>> {
        let mut heads = Vec::new();
        for replica in &self.world.replicas {
            let rest = replica.rest(&self.auditor);
            let answer = rest.try_get(&format!("/api/collaboration/v1/rooms/{room}")).await;
            let body = answer.ok().filter(|answer| answer.status == 200);
            heads.push(body.and_then(|answer| answer.json()["seq"].as_u64()));
        }
        heads
    }

    /// Lists of participants that are not yet true.
    async fn strangers(&self, room: &str, board: &BTreeMap<String, Status>) -> Vec<String> {
        let present = self.sessions(room);
        let mut wrong = Vec::new();
        for (name, status) in board {
            if status.rosters.get(room).is_some_and(|roster| *roster != present) {
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

    /// Who is in a room in truth.
    fn sessions(&self, room: &str) -> BTreeSet<String> {
        let board = self.gym.board.borrow();
        let inside = board.values().filter(|status| status.rooms.contains_key(room));
        inside.filter_map(|status| status.session.clone()).collect()
    }

    /// Asks everybody.
    pub async fn write_down(&self) {
        for room in self.rooms {
            let sessions = self.sessions(room).into_iter().collect();
            self.gym.recorder.write(Entry::Connected { room: room.clone(), sessions });
        }
        for replica in &self.world.replicas {
            for room in self.rooms {
                self.write_down_one(replica, room).await;
            }
        }
    }

    async fn write_down_one(&self, replica: &Replica, room: &str) {
        let (node, room) = (replica.name().to_owned(), room.to_owned());
        if let Some(events) = read_log(replica, &self.auditor, &room).await {
            self.gym.recorder.write(Entry::Log { node: node.clone(), room: room.clone(), events });
        }
        let path = format!("/api/collaboration/v1/rooms/{room}/snapshot");
        if let Ok(answer) = replica.rest(&self.auditor).try_get(&path).await
            && answer.status == 200
        {
            let (node, room) = (node.clone(), room.clone());
            self.gym.recorder.write(Entry::State { node, room, snapshot: answer.json() });
        }
        if self.world.has_bus()
            && let Some(sessions) = participants(replica, &self.auditor, &room).await
        {
            let sessions = sessions.into_iter().collect();
            self.gym.recorder.write(Entry::Present { node, room, sessions });
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
