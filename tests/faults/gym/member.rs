//! One client's life: connect anywhere, join, edit, be cut off, and do it again until told to stop.

mod whims;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use super::book::Book;
use super::connection::{Connection, End};
use super::outbox::{Outbox, Wish};
use super::{Gym, Habits, Phase, Status};
use crate::checker::history::{Entry, compact};
use crate::run::Guest;
use crate::support::{Dice, Person};

/// A request without a reply for so long makes a client try elsewhere.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a turn ends.
enum Turn {
    Stay,
    /// The client goes without a word, as with a lost network.
    Vanish,
    /// The client closes in order.
    Close,
}

/// A client.
pub struct Member {
    name: String,
    person: Person,
    habits: Habits,
    rooms: Vec<String>,
    gym: Rc<Gym>,
    dice: Dice,
    book: Book,
    outbox: Outbox,
    /// Requests of this connection that have no reply yet, and the room that a join is for.
    asked: BTreeMap<u64, (Instant, Option<String>)>,
    /// When a room that is not joined may be joined again.
    not_before: BTreeMap<String, Instant>,
    twins: Rc<Cell<usize>>,
    avoid: Option<String>,
    leave_at: Option<Instant>,
    heard_at: Instant,
    pinged_at: Instant,
}

impl Member {
    /// Somebody with a seat in some rooms.
    pub fn new(guest: Guest, gym: Rc<Gym>, seed: u64) -> Self {
        let (now, Guest { name, person, habits, rooms }) = (Instant::now(), guest);
        Self {
            name,
            person,
            habits,
            rooms,
            gym,
            dice: Dice::new(seed),
            book: Book::default(),
            outbox: Outbox::default(),
            asked: BTreeMap::new(),
            not_before: BTreeMap::new(),
            twins: Rc::default(),
            avoid: None,
            leave_at: None,
            heard_at: now,
            pinged_at: now,
        }
    }

    /// Lives until the phase is [`Phase::Stop`].
    pub async fn live(mut self) {
        let arrival = self.habits.arrives_within.as_millis() as u64;
        sleep(Duration::from_millis(self.dice.below(arrival + 1))).await;
        let mut attempt = 0;
        while self.gym.phase() != Phase::Stop {
            let door = self.gym.pick_door(&mut self.dice, self.avoid.take().as_deref());
            let transport = *self.dice.pick(self.habits.transports);
            let patience = self.habits.dials;
            let dialled = Connection::dial(&door, &self.person, transport, patience).await;
            if let Some(connection) = dialled {
                attempt = 0;
                if self.visit(connection).await {
                    continue;
                }
            } else {
                attempt += 1;
                self.avoid = Some(door.node);
            }
            sleep(self.habits.comes_back.pause(attempt, &mut self.dice)).await;
        }
    }

    /// One connection from its beginning to its end; whether it is to be followed by another at once.
    async fn visit(&mut self, connection: Connection) -> bool {
        let (client, user) = (self.name.clone(), self.person.user.clone());
        let (session, node) = (connection.session.clone(), connection.node.clone());
        self.gym.recorder.write(Entry::Open { client, session, node, user });
        let session = connection.session.clone();
        let end = self.attend(connection).await;
        let as_told = self.leave_at.is_some_and(|moment| moment <= Instant::now());
        self.part(&session, end);
        if end == Some(4_029) {
            sleep(Duration::from_secs(1)).await;
        }
        as_told
    }

    /// From the welcome to the end of the connection.
    async fn attend(&mut self, mut connection: Connection) -> End {
        (self.heard_at, self.pinged_at, self.leave_at) = (Instant::now(), Instant::now(), None);
        let mut next_act = Instant::now();
        loop {
            tokio::select! {
                heard = connection.next() => match heard {
                    Ok(message) => self.hear(&connection, &message),
                    Err(end) => return end,
                },
                () = sleep_until(self.leave_at.map_or(next_act, |told| told.min(next_act))) => {
                    let (least, more) = self.habits.turn;
                    next_act = Instant::now() + Duration::from_millis(least + self.dice.below(more));
                    match self.act(&mut connection).await {
                        Ok(Turn::Stay) => {}
                        Ok(Turn::Vanish) => return None,
                        Ok(Turn::Close) => {
                            connection.close().await;
                            return None;
                        }
                        Err(end) => return end,
                    }
                }
            }
            self.report(Some(&connection.session));
        }
    }

    fn part(&mut self, session: &str, end: End) {
        let (client, session) = (self.name.clone(), session.to_owned());
        self.gym.recorder.write(Entry::Close { client, session, code: end });
        let careless = self.habits.restless && self.gym.phase() == Phase::Work;
        let lost = self.outbox.lost(&mut self.dice, careless) as u64;
        self.gym.recorder.count(|tally| tally.unknown += lost);
        self.asked.clear();
        self.not_before.clear();
        self.book.disconnected();
        self.report(None);
    }

    fn hear(&mut self, connection: &Connection, message: &Value) {
        self.heard_at = Instant::now();
        match message["re"].as_u64() {
            Some(call) => self.hear_reply(&connection.session, call, message),
            None => {
                let (client, session) = (self.name.clone(), connection.session.clone());
                let message = compact(message.clone());
                self.gym.recorder.write(Entry::Push { client, session, message });
            }
        }
        if message["type"] == "draining" && self.habits.comes_back.is_told() {
            let pause = message["reconnectAfterMs"].as_u64().unwrap_or(0);
            self.leave_at = Some(Instant::now() + Duration::from_millis(pause));
            self.avoid = Some(connection.node.clone());
        }
        self.book.hear(message);
    }

    fn hear_reply(&mut self, session: &str, call: u64, reply: &Value) {
        if reply["type"] == "pong" {
            return;
        }
        self.gym.recorder.answer(&self.name, Some(session), call, reply);
        let asked = self.asked.remove(&call);
        if self.outbox.replied(call, reply) {
            let acked = reply["type"] == "ack";
            let one = |tally: &mut crate::recorder::Tally| match acked {
                true => tally.acked += 1,
                false => tally.refused += 1,
            };
            self.gym.recorder.count(one);
        }
        if let Some((_, Some(room))) = asked
            && reply["type"] == "error"
        {
            let pause = reply["retryAfterMs"].as_u64().unwrap_or(200);
            self.not_before.insert(room, Instant::now() + Duration::from_millis(pause));
        }
    }

    /// One turn: what the contract asks of a client first, then whatever comes to its mind.
    async fn act(&mut self, connection: &mut Connection) -> Result<Turn, End> {
        let now = Instant::now();
        if self.gym.phase() == Phase::Stop || self.leave_at.is_some_and(|moment| moment <= now) {
            return Ok(Turn::Close);
        }
        let unanswered = self.asked.values().any(|(sent, _)| now - *sent > PATIENCE);
        if unanswered || now - self.heard_at > self.habits.silence {
            self.avoid = Some(connection.node.clone());
            return Ok(Turn::Vanish);
        }
        if now - self.pinged_at > self.habits.ping {
            self.pinged_at = now;
            connection.send(&json!({"type": "ping", "id": self.gym.next_call()})).await?;
        }
        self.join_rooms(connection).await?;
        let inside: BTreeSet<String> = self.book.rosters.keys().cloned().collect();
        if let Some(wish) = self.outbox.due(&mut self.dice, &inside) {
            self.ask_op(connection, wish).await?;
        }
        let acts = self.dice.below(self.habits.acts_once_in) == 0;
        if acts && self.gym.phase() == Phase::Work && !inside.is_empty() {
            return self.live_a_little(connection, &inside).await;
        }
        Ok(Turn::Stay)
    }

    async fn join_rooms(&mut self, connection: &mut Connection) -> Result<(), End> {
        let now = Instant::now();
        for room in self.rooms.clone() {
            let joining = self.asked.values().any(|(_, join)| join.as_ref() == Some(&room));
            let later = self.not_before.get(&room).is_some_and(|moment| *moment > now);
            if self.book.rosters.contains_key(&room) || joining || later {
                continue;
            }
            let since = self.book.since(&room);
            let request = json!({"type": "join", "room": room, "since": since});
            self.ask(connection, request, Some(room)).await?;
        }
        Ok(())
    }

    async fn ask_op(&mut self, connection: &mut Connection, wish: Wish) -> Result<(), End> {
        let call = self.gym.next_call();
        self.outbox.sent(call, wish.clone());
        self.ask_as(call, connection, wish.request(), None).await
    }

    async fn ask(
        &mut self,
        connection: &mut Connection,
        request: Value,
        join: Option<String>,
    ) -> Result<(), End> {
        let call = self.gym.next_call();
        self.ask_as(call, connection, request, join).await
    }

    async fn ask_as(
        &mut self,
        call: u64,
        connection: &mut Connection,
        mut request: Value,
        join: Option<String>,
    ) -> Result<(), End> {
        self.gym.recorder.write(Entry::Invoke {
            client: self.name.clone(),
            session: Some(connection.session.clone()),
            node: connection.node.clone(),
            call,
            request: request.clone(),
        });
        self.asked.insert(call, (Instant::now(), join));
        request["id"] = json!(call);
        connection.send(&request).await
    }

    fn report(&self, session: Option<&str>) {
        let rooms = self.book.rosters.keys();
        let outside = self.rooms.len() - rooms.len();
        let status = Status {
            session: session.map(str::to_owned),
            rooms: rooms.map(|room| (room.clone(), self.book.seq(room))).collect(),
            rosters: self.book.rosters.clone(),
            outside,
            open: self.outbox.open() + self.asked.len() + self.twins.get() + outside,
        };
        self.gym.board.borrow_mut().insert(self.name.clone(), status);
    }
}
