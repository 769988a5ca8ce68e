//! One run: rooms, people, faults while they work, healing, the end that all must come to, and the
//! judge.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::checker::history::{Entry, Line, list, text};
use crate::checker::{Violation, judge};
use crate::gym::{Gym, Member, Phase, Status};
use crate::recorder::Recorder;
use crate::support::{Dice, Person};
use crate::world::{Replica, World};

/// The longest that a healed world may take until everybody knows everything.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub clients: usize,
    pub rooms: usize,
}

/// A run under way.
pub struct Run<'a> {
    pub world: &'a World,
    pub recorder: Recorder,
    /// Decides about faults; the clients have their own.
    pub dice: RefCell<Dice>,
    seed: u64,
    rooms: Vec<String>,
    gym: Rc<Gym>,
    phase: watch::Sender<Phase>,
    people: Vec<JoinHandle<()>>,
}

/// What came of it.
pub struct Outcome {
    pub history: Vec<Line>,
    pub violations: Vec<Violation>,
    pub recorder: Recorder,
    pub seed: u64,
}

impl<'a> Run<'a> {
    /// Makes a tenant's rooms and lets the people in.
    pub async fn begin(world: &'a World, name: &str, seed: u64, size: Size) -> Self {
        let recorder = Recorder::begin(&format!("{name}-{seed}"));
        let tenant = format!("{name}-{seed}");
        let mut rooms = Vec::new();
        for _ in 0..size.rooms {
            rooms.push(new_room(&world.replicas[0], &tenant).await);
        }
        recorder.write(Entry::Run {
            seed,
            tenant: tenant.clone(),
            rooms: rooms.clone(),
            nodes: world.replicas.iter().map(|replica| replica.name().to_owned()).collect(),
            shared_presence: world.has_bus(),
        });
        let (phase, follow) = watch::channel(Phase::Work);
        let gym = Rc::new(Gym::new(recorder.clone(), world.doors(), follow));
        let mut dice = Dice::new(seed);
        let people = (0..size.clients).map(|n| {
            let seats = seats(&mut dice, &rooms);
            let own = seed.wrapping_mul(1_000).wrapping_add(n as u64);
            let person = person(n, &tenant);
            let member = Member::new(&format!("c{n}"), person, seats, gym.clone(), own);
            actix_web::rt::spawn(member.live())
        });
        let people = people.collect();
        let dice = RefCell::new(dice);
        Self { world, recorder, dice, seed, rooms, gym, phase, people }
    }

    /// Waits until so many more operations were acked, but not for ever: whether enough were is the
    /// judge's question.
    pub async fn work(&self, acks: u64, at_most: Duration) {
        let (target, until) = (self.recorder.tally().acked + acks, Instant::now() + at_most);
        while self.recorder.tally().acked < target && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the end that every healed run comes to, writes down what the replicas say then, and
    /// judges.
    pub async fn finish(self) -> Outcome {
        self.phase.send_replace(Phase::Settle);
        self.settle().await;
        for room in &self.rooms {
            let sessions = self.sessions(room).into_iter().collect();
            self.recorder.write(Entry::Connected { room: room.clone(), sessions });
        }
        for replica in &self.world.replicas {
            for room in &self.rooms {
                self.write_down(replica, room).await;
            }
        }
        let history = self.recorder.lines();
        self.phase.send_replace(Phase::Stop);
        for person in self.people {
            person.await.expect("a client does not panic");
        }
        let violations = judge(&history);
        Outcome { history, violations, recorder: self.recorder, seed: self.seed }
    }

    async fn settle(&self) {
        let until = Instant::now() + SETTLED_WITHIN;
        loop {
            let open = self.unsettled().await;
            if open.is_empty() {
                return;
            }
            if Instant::now() > until {
                for what in open {
                    self.recorder.write(Entry::Unsettled { what });
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
        if !busy.is_empty() || self.gym.board.borrow().len() < self.people.len() {
            return if busy.is_empty() { vec!["not everybody came".to_owned()] } else { busy };
        }
        let mut missing = Vec::new();
        for room in &self.rooms {
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
            let rest = replica.rest(&self.auditor());
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
            let told = participants(replica, &self.auditor(), room).await;
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

    async fn write_down(&self, replica: &Replica, room: &str) {
        let (node, room) = (replica.name().to_owned(), room.to_owned());
        if let Some(events) = read_log(replica, &self.auditor(), &room).await {
            self.recorder.write(Entry::Log { node: node.clone(), room: room.clone(), events });
        }
        let path = format!("/api/collaboration/v1/rooms/{room}/snapshot");
        if let Ok(answer) = replica.rest(&self.auditor()).try_get(&path).await
            && answer.status == 200
        {
            let (node, room) = (node.clone(), room.clone());
            self.recorder.write(Entry::State { node, room, snapshot: answer.json() });
        }
        if self.world.has_bus()
            && let Some(sessions) = participants(replica, &self.auditor(), &room).await
        {
            let sessions = sessions.into_iter().collect();
            self.recorder.write(Entry::Present { node, room, sessions });
        }
    }

    fn auditor(&self) -> Person {
        Person::owner("auditor").of(&self.gym_tenant())
    }

    fn gym_tenant(&self) -> String {
        let name = self.recorder.path().file_stem().and_then(|name| name.to_str());
        name.expect("a name that we gave").to_owned()
    }
}

async fn new_room(replica: &Replica, tenant: &str) -> String {
    let founder = Person::owner("founder").of(tenant);
    let body = json!({"name": "Main hall", "timezone": "Europe/Berlin"});
    let made = replica.rest(&founder).post("/api/collaboration/v1/rooms", &body).await;
    text(&made.expect(201)["room"]).to_owned()
}

/// Two or more rooms for everybody.
fn seats(dice: &mut Dice, rooms: &[String]) -> Vec<String> {
    let first = dice.below(rooms.len() as u64) as usize;
    let count = 2.min(rooms.len()) + dice.below(rooms.len() as u64 / 2) as usize;
    (0..count).map(|n| rooms[(first + n) % rooms.len()].clone()).collect()
}

/// One of six only watches.
fn person(n: usize, tenant: &str) -> Person {
    let user = format!("staff-{n}");
    let person = if n % 6 == 5 { Person::viewer(&user) } else { Person::editor(&user) };
    person.of(tenant)
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
