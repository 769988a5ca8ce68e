//! Nobody slows anybody: how long one tenant's operations take while another tenant floods, beside how
//! long they take in the calm before and after. The service runs under its default limits, which are
//! what protects. Flood, service and the measured clients share the machine: the rows say what the
//! flood's own program took, the first two what the machine does without any flood, and with
//! `--elsewhere=1` each flood also goes to a second service that shares nothing but the machine: its
//! floor.

pub mod flood;
mod kinds;
mod line;
mod steady;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use self::flood::Flood;
use self::kinds::{KINDS, Rooms, TENANT};
use self::steady::{Shape, Steady, Waited};
use crate::backing::Backing;
use crate::join::course;
use crate::people::Person;
use crate::proc;
use crate::report::{Options, Report, quantile};
use crate::server::{self, Server};

/// How much another tenant's flood may raise a 99th percentile.
const TARGET: f64 = 1.2;
/// How long a flood has to get under way, and its end to be over.
const SETTLE: Duration = Duration::from_secs(1);

/// Where a flood goes: the service that is measured, and another one.
const PLACES: [&str; 2] = ["here", "elsewhere"];

/// One phase's outcome.
struct Phase {
    ack: f64,
    ack_p50: f64,
    delivery: f64,
    missing: usize,
    /// Shares of one core: the service's, the database server's, the flood's own.
    shares: [f64; 3],
    said: String,
}

/// Calm and flood by turns, each kind once a round.
pub fn run(options: &Options, report: &mut Report) {
    let backing = (options.number("postgres", 0) > 0).then(Backing::database);
    let settings = backing.as_ref().map_or_else(Vec::new, Backing::settings);
    let (server, _home) = server::fresh_limited(&settings);
    let elsewhere =
        (options.number("elsewhere", 0) > 0).then(|| Elsewhere::start(backing.is_some()));
    let targets = std::iter::once(&server).chain(elsewhere.as_ref().map(|other| &other.server));
    let targets: Vec<_> = targets.map(Target::on).collect();
    let shape = Shape {
        rooms: options.number("steady-rooms", 5) as usize,
        watchers: options.number("watchers", 5) as usize,
        rate: options.number("steady-rate", 50),
    };
    let nice = options.number("nice", 5);
    let steady = Steady::set(&server, shape);
    let mut stage = Stage { steady, server, backing, elsewhere, targets, nice };
    let time = Duration::from_secs(options.number("seconds", 8));
    // Of the kinds all, or the one with this number.
    let one = options.number("kind", KINDS.len() as u64) as usize;
    let kinds: Vec<_> = if one < KINDS.len() { vec![one] } else { (0..KINDS.len()).collect() };
    let mut phases: BTreeMap<(usize, usize), [Vec<Rc<Phase>>; 2]> = BTreeMap::new();
    // Warms everything up, and is the calm before the first flood.
    stage.phase(KINDS[0], 0, time);
    let mut calm = Rc::new(stage.phase(KINDS[0], 0, time));
    let places = 0..stage.targets.len();
    let turns: Vec<_> =
        kinds.iter().flat_map(|kind| places.clone().map(|place| (*kind, place))).collect();
    for _ in 0..options.number("rounds", 5) {
        for (kind, place) in &turns {
            let [calms, floods] = phases.entry((*kind, *place)).or_default();
            let flood = Rc::new(stage.phase(KINDS[*kind], *place, time));
            let after = Rc::new(stage.phase(KINDS[0], 0, time));
            calms.extend([std::mem::replace(&mut calm, after.clone()), after]);
            floods.push(flood);
        }
    }
    for ((kind, place), [calms, floods]) in &phases {
        tell(report, &format!("{}, {}", KINDS[*kind], PLACES[*place]), calms, floods);
    }
}

/// What a flood is told of a service.
struct Target {
    port: u16,
    rooms: Rooms,
}

impl Target {
    fn on(server: &Server) -> Self {
        Self { port: server.port, rooms: flooded_rooms(server) }
    }
}

/// A second service, with a database of its own.
struct Elsewhere {
    server: Server,
    backing: Option<Backing>,
    _home: TempDir,
}

impl Elsewhere {
    fn start(on_postgres: bool) -> Self {
        let backing = on_postgres.then(Backing::database);
        let settings = backing.as_ref().map_or_else(Vec::new, Backing::settings);
        let (server, _home) = server::fresh_limited(&settings);
        Self { server, backing, _home }
    }
}

/// Everything that takes part.
struct Stage {
    steady: Steady,
    server: Server,
    backing: Option<Backing>,
    elsewhere: Option<Elsewhere>,
    targets: Vec<Target>,
    nice: u64,
}

impl Stage {
    fn phase(&mut self, kind: &str, place: usize, time: Duration) -> Phase {
        let Target { port, rooms } = &self.targets[place];
        let flood = Flood::start(kind, self.nice, *port, rooms);
        std::thread::sleep(SETTLE);
        let refused = self.refused();
        let (start, before) = (Instant::now(), self.spent(&flood));
        let Waited { mut acks, mut deliveries, missing } = self.steady.work(time);
        let took = start.elapsed().as_secs_f64();
        let after = self.spent(&flood);
        let share = |n: usize| after[n].saturating_sub(before[n]).as_secs_f64() / took;
        let refused = (self.refused() - refused) / took;
        let said = format!("{}; {refused:.0} refusals a second", flood.stop());
        std::thread::sleep(SETTLE);
        Phase {
            ack: quantile(&mut acks, 0.99),
            ack_p50: quantile(&mut acks, 0.5),
            delivery: quantile(&mut deliveries, 0.99),
            missing,
            shares: [share(0), share(1), share(2)],
            said,
        }
    }

    /// Processor time of the services, the database servers and the flood.
    fn spent(&self, flood: &Flood) -> [Duration; 3] {
        let service = self.services().map(|one| proc::cpu(one.pid())).sum();
        let other = self.elsewhere.as_ref().and_then(|other| other.backing.as_ref());
        let database = self.backing.iter().chain(other).map(Backing::database_cpu).sum();
        [service, database, flood.cpu()]
    }

    /// How often a limit has refused something so far.
    fn refused(&self) -> f64 {
        let all: Vec<_> = self.services().map(Server::metrics).collect();
        let lines = all.iter().flat_map(|metrics| metrics.lines());
        let refusals = lines.filter(|line| line.starts_with("kyo_rate_limited_total"));
        refusals.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    fn services(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.server).chain(self.elsewhere.as_ref().map(|other| &other.server))
    }
}

fn tell(report: &mut Report, kind: &str, calms: &[Rc<Phase>], floods: &[Rc<Phase>]) {
    let median = |phases: &[Rc<Phase>], of: fn(&Phase) -> f64| {
        quantile(&mut phases.iter().map(|phase| of(phase)).collect::<Vec<_>>(), 0.5)
    };
    let both = |of: fn(&Phase) -> f64| [median(calms, of), median(floods, of)];
    let [calm, during] = both(|phase| phase.ack);
    let [p50_calm, p50] = both(|phase| phase.ack_p50);
    let [service_calm, service] = both(|phase| phase.shares[0] * 100.0);
    let [_, database] = both(|phase| phase.shares[1] * 100.0);
    let [_, flood] = both(|phase| phase.shares[2] * 100.0);
    let missing: usize = floods.iter().map(|phase| phase.missing).sum();
    let said = floods.last().map_or("", |phase| phase.said.as_str());
    let details = format!(
        "p99 {calm:.2} ms calm, {during:.2} ms during; p50 {p50_calm:.2} and {p50:.2}; of a core: \
         services {service:.0} % (calm {service_calm:.0} %), database {database:.0} %, the flood \
         itself {flood:.0} %; {missing} not acked; {said}"
    );
    let work = format!("another tenant's ack, p99: {kind}");
    report.row(&work, "× calm", TARGET, during / calm, &details);
    let [calm, during] = both(|phase| phase.delivery);
    let details = format!("p99 {calm:.2} ms calm, {during:.2} ms during; of the same run");
    let work = format!("another tenant's delivery, p99: {kind}");
    report.row(&work, "× calm", TARGET, during / calm, &details);
}

/// Rooms of the tenant that floods.
fn flooded_rooms(server: &Server) -> Rooms {
    let owner = Person::owner("founder").of(TENANT);
    let yoga = json!({"id": "yoga", "title": "Yoga", "startsAt": "2026-03-02T06:00:00Z",
        "endsAt": "2026-03-02T07:00:00Z"});
    let room = || {
        let room = server.room_of(&owner);
        server.op_of(&owner, &room, &json!({"kind": "course_create", "course": yoga}));
        room
    };
    let rooms = Rooms { full: room(), plain: (0..8).map(|_| room()).collect() };
    let courses: Vec<_> = (0..1_000).map(course).collect();
    for part in courses.chunks(50) {
        server.op_of(&owner, &rooms.full, &json!({"kind": "batch", "ops": part}));
    }
    rooms
}
