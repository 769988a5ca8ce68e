//! One run: rooms, people, faults while they work, healing, the end that all must come to, and the
//! judge.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::checker::history::{Entry, Line, text};
use crate::checker::{Violation, judge};
use crate::ending::Ending;
use crate::gym::{Door, Gym, Habits, Member, Phase, Staff};
use crate::recorder::Recorder;
use crate::support::{Dice, Person};
use crate::world::{Replica, World};

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub clients: usize,
    pub rooms: usize,
}

/// A client to be.
#[derive(Clone, Debug)]
pub struct Guest {
    pub name: String,
    pub person: Person,
    pub habits: Habits,
    pub rooms: Vec<String>,
}

/// The guests for a tenant and its rooms.
pub type Invite<'a> = &'a dyn Fn(&mut Dice, &str, &[String]) -> Vec<Guest>;

/// Who comes to a run, and by which doors.
pub struct Party<'a> {
    pub rooms: usize,
    pub doors: Vec<Door>,
    pub staff: Staff,
    pub guests: Invite<'a>,
}

/// A run under way.
pub struct Run<'a> {
    pub world: &'a World,
    pub recorder: Recorder,
    /// Decides about faults; the clients have their own.
    pub dice: RefCell<Dice>,
    seed: u64,
    tenant: String,
    rooms: Vec<String>,
    gym: Rc<Gym>,
    phase: watch::Sender<Phase>,
    people: Vec<JoinHandle<()>>,
    _trail: Trail<'a>,
}

/// Where to look if a run does not come to its judgement.
struct Trail<'a> {
    world: &'a World,
    recorder: Recorder,
    seed: u64,
}

impl Drop for Trail<'_> {
    #[expect(clippy::print_stderr, reason = "a failed test says where to look")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let path = self.recorder.path();
            self.recorder.flush();
            self.world.keep_logs(path);
            eprintln!("KYO_SEED={}; history and logs: {}", self.seed, path.display());
        }
    }
}

/// What came of it.
pub struct Outcome {
    pub history: Vec<Line>,
    pub violations: Vec<Violation>,
    pub recorder: Recorder,
    pub seed: u64,
}

impl<'a> Run<'a> {
    /// Makes a tenant's rooms and lets restless people in, by the doors of all replicas.
    pub async fn begin(world: &'a World, name: &str, seed: u64, size: Size) -> Self {
        let guests = |dice: &mut Dice, tenant: &str, rooms: &[String]| {
            let guest = |n| restless(n, tenant, seats(dice, rooms));
            (0..size.clients).map(guest).collect()
        };
        let doors = world.doors();
        let party = Party { rooms: size.rooms, doors, staff: Staff::SHORT, guests: &guests };
        Self::begin_with(world, name, seed, party).await
    }

    /// Makes a tenant's rooms and lets the guests in.
    pub async fn begin_with(world: &'a World, name: &str, seed: u64, party: Party<'_>) -> Self {
        let recorder = Recorder::begin(&format!("{name}-{seed}"));
        let tenant = format!("{name}-{seed}");
        let mut rooms = Vec::new();
        for _ in 0..party.rooms {
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
        let gym = Rc::new(Gym::new(recorder.clone(), party.doors, party.staff, follow));
        let mut dice = Dice::new(seed);
        let guests = (party.guests)(&mut dice, &tenant, &rooms).into_iter().enumerate();
        let people = guests.map(|(n, guest)| {
            let own = seed.wrapping_mul(1_000).wrapping_add(n as u64);
            actix_web::rt::spawn(Member::new(guest, gym.clone(), own).live())
        });
        let people = people.collect();
        let dice = RefCell::new(dice);
        let _trail = Trail { world, recorder: recorder.clone(), seed };
        Self { world, recorder, dice, seed, tenant, rooms, gym, phase, people, _trail }
    }

    /// How many clients are in all their rooms.
    pub fn inside(&self) -> usize {
        let board = self.gym.board.borrow();
        board.values().filter(|one| one.session.is_some() && one.outside == 0).count()
    }

    /// A number below `bound`, of the run's dice.
    pub fn roll(&self, bound: u64) -> u64 {
        self.dice.borrow_mut().below(bound)
    }

    /// Waits until so many more operations were acked, but not for ever: whether enough were is the
    /// judge's question.
    pub async fn work(&self, acks: u64, at_most: Duration) {
        let (target, until) = (self.recorder.tally().acked + acks, Instant::now() + at_most);
        while self.recorder.tally().acked < target && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the end that every healed run comes to, writes down what the replicas say then,
    /// and judges.
    pub async fn finish(self) -> Outcome {
        self.phase.send_replace(Phase::Settle);
        let ending = Ending {
            world: self.world,
            gym: &self.gym,
            rooms: &self.rooms,
            auditor: Person::owner("auditor").of(&self.tenant),
            people: self.people.len(),
        };
        ending.come().await;
        let history = self.recorder.lines();
        self.phase.send_replace(Phase::Stop);
        for person in self.people {
            person.await.expect("a client does not panic");
        }
        let violations = judge(&history);
        Outcome { history, violations, recorder: self.recorder, seed: self.seed }
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
fn restless(n: usize, tenant: &str, rooms: Vec<String>) -> Guest {
    let user = format!("staff-{n}");
    let person = if n % 6 == 5 { Person::viewer(&user) } else { Person::editor(&user) };
    let (name, person) = (format!("c{n}"), person.of(tenant));
    Guest { name, person, habits: Habits::RESTLESS, rooms }
}
