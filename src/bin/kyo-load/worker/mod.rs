//! A thread that holds connections: it opens them, does what is due, and reads what arrives, all from
//! one epoll, without asking another thread for anything. What it saw it reports four times a second.

mod hearing;
mod opening;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};

use rustix::event::epoll::{self, CreateFlags};
use rustix::time::Timespec;

use crate::clock::Clock;
use crate::connection::{Connection, Purpose, Stage};
use crate::plan::{Edits, Plan, Seat};
use crate::process;
use crate::schedule::{Act, Rates, Schedule};
use crate::stamp::{Kind, Stamps};
use crate::systems::{Edit, System};
use crate::tally::Tally;

/// Microseconds between two reports.
const REPORT_EVERY: u64 = 250_000;
/// Visitors under way at once.
const MAX_VISITORS: usize = 1_000;

/// What a worker is told.
#[derive(Clone, Debug)]
pub enum Command {
    /// Do this from a moment on.
    Play {
        /// In microseconds of the run.
        start: u64,
        /// For how long.
        seconds: f64,
        /// How often, all workers together.
        rates: Rates,
        /// What operations are like.
        edits: Edits,
    },
    /// Close everything.
    Stop,
}

/// What a worker has seen since its last report.
#[derive(Debug)]
pub struct Report {
    /// Which one.
    pub worker: usize,
    /// How many orders to play it had by then.
    pub play: usize,
    /// What it saw.
    pub tally: Tally,
    /// Connections in their rooms, visitors left out.
    pub open: usize,
    /// Seats that are on their way or will try again.
    pub awaited: usize,
    /// Whether all that was due is done.
    pub done: bool,
}

/// What all workers share.
#[derive(Clone)]
pub struct Common {
    /// What will be done.
    pub plan: Arc<Plan>,
    /// Whom it is done to.
    pub system: Arc<dyn System>,
    /// The run's stamps.
    pub stamps: Stamps,
    /// The run's clock.
    pub clock: Clock,
}

/// One of the threads.
pub struct Worker {
    number: usize,
    common: Common,
    commands: Receiver<Command>,
    reports: Sender<Report>,
    epoll: OwnedFd,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    seats: Vec<Seat>,
    /// Where in `connections` each seat's is.
    places: Vec<Option<usize>>,
    /// Seats of editors.
    editors: Vec<usize>,
    /// To be opened: due time, whose, and how often that was tried.
    awaited: BinaryHeap<Reverse<(u64, Purpose, u32)>>,
    opening: usize,
    visitors: usize,
    play: usize,
    schedule: Schedule,
    edits: Edits,
    serial: u64,
    tally: Tally,
    cpu_nanos: u64,
    next_report: u64,
    buffer: Vec<u8>,
    is_over: bool,
}

impl Worker {
    /// The `number`th, with its share of the seats.
    ///
    /// # Errors
    /// When there is no epoll to be had.
    pub fn new(
        number: usize,
        common: Common,
        commands: Receiver<Command>,
        reports: Sender<Report>,
    ) -> Result<Self, String> {
        let plan = &common.plan;
        let mine = plan.seats.iter().filter(|seat| seat.number % plan.threads == number);
        let seats: Vec<Seat> = mine.cloned().collect();
        // In turns over the rooms, so that one after the other is worked in.
        let mut editors: Vec<usize> = (0..seats.len()).collect();
        editors.retain(|place| seats[*place].editor.is_some());
        editors.sort_by_key(|place| seats[*place].editor);
        let now = common.clock.now();
        let due = |seat: &Seat| now + (seat.number as f64 / plan.open_rate * 1e6) as u64;
        let awaited = seats.iter().enumerate();
        let awaited =
            awaited.map(|(place, seat)| Reverse((due(seat), Purpose::Seat(place), 0))).collect();
        let epoll =
            epoll::create(CreateFlags::CLOEXEC).map_err(|error| format!("epoll: {error}"))?;
        Ok(Self {
            number,
            commands,
            reports,
            epoll,
            connections: Vec::new(),
            free: Vec::new(),
            places: vec![None; seats.len()],
            seats,
            editors,
            awaited,
            opening: 0,
            visitors: 0,
            play: 0,
            schedule: Schedule::empty(),
            edits: Edits::default(),
            serial: number as u64 * 131_072,
            tally: Tally::default(),
            cpu_nanos: 0,
            next_report: now,
            buffer: vec![0; 65_536],
            is_over: false,
            common,
        })
    }

    /// Works until it is told to stop or nobody listens any more.
    pub fn run(mut self) {
        let mut events = Vec::with_capacity(1_024);
        while !self.is_over {
            self.obey();
            let now = self.common.clock.now();
            self.open_due(now);
            self.act(now);
            if now >= self.next_report {
                self.report(now);
            }
            let timeout = self.timeout();
            events.clear();
            let spare = rustix::buffer::spare_capacity(&mut events);
            // A signal may interrupt the waiting; the next round waits again.
            let _ = epoll::wait(&self.epoll, spare, Some(&timeout));
            for event in &events {
                let epoll::Event { flags, data } = *event;
                self.serve(data.u64() as usize, flags);
                // What is due does not wait until everybody was read.
                let now = self.common.clock.now();
                if self.schedule.due().is_some_and(|due| due <= now) {
                    self.act(now);
                }
            }
        }
    }

    fn obey(&mut self) {
        match self.commands.try_recv() {
            Ok(Command::Play { start, seconds, rates, edits }) => {
                self.report(self.common.clock.now());
                let plan = &self.common.plan;
                let all = plan.seats.iter().filter(|seat| seat.editor.is_some()).count();
                let share = self.editors.len() as f64 / all.max(1) as f64;
                let rates = rates.shared(share, 1.0 / plan.threads as f64);
                self.schedule = Schedule::new(start, seconds, rates);
                self.edits = edits;
                self.play += 1;
            }
            Ok(Command::Stop) | Err(TryRecvError::Disconnected) => self.is_over = true,
            Err(TryRecvError::Empty) => {}
        }
    }

    /// Until something is due; 50 ms at most, because commands are looked at in between.
    fn timeout(&self) -> Timespec {
        let opening = self.awaited.peek().map(|Reverse((due, ..))| *due);
        let opening = opening.filter(|_| self.opening < self.most_opening());
        let due =
            [self.schedule.due(), opening, Some(self.next_report)].into_iter().flatten().min();
        let now = self.common.clock.now();
        let micros = due.unwrap_or(now).saturating_sub(now).min(50_000);
        Timespec { tv_sec: 0, tv_nsec: micros as i64 * 1_000 }
    }

    fn report(&mut self, now: u64) {
        let cpu = process::thread_cpu_nanos();
        self.tally.cpu_nanos = cpu - std::mem::replace(&mut self.cpu_nanos, cpu);
        let report = Report {
            worker: self.number,
            play: self.play,
            tally: std::mem::take(&mut self.tally),
            open: self.places.iter().flatten().filter(|at| self.is_live(**at)).count(),
            awaited: self.awaited.len() + self.opening,
            done: self.schedule.due().is_none() && self.visitors == 0,
        };
        self.is_over |= self.reports.send(report).is_err();
        self.next_report = now + REPORT_EVERY;
    }

    fn is_live(&self, at: usize) -> bool {
        self.connections[at].as_ref().is_some_and(|connection| connection.stage == Stage::Live)
    }

    fn act(&mut self, now: u64) {
        while let Some((due, act)) = self.schedule.take(now) {
            match act {
                Act::Edit(n) => self.speak(Kind::Edit, n, due),
                Act::Cursor(n) => self.speak(Kind::Cursor, n, due),
                Act::Join(_) if self.visitors >= MAX_VISITORS => {
                    Tally::count(&mut self.tally.failed, "too many visitors under way");
                }
                Act::Join(n) => {
                    self.visitors += 1;
                    let n = n * self.common.plan.threads as u64 + self.number as u64;
                    self.open(Purpose::Visitor(n), due, 0);
                }
            }
        }
    }

    fn speak(&mut self, kind: Kind, n: u64, due: u64) {
        let count = self.editors.len() as u64;
        let at = self.places[self.editors[(n % count) as usize]].filter(|at| self.is_live(*at));
        let Some((at, mut connection)) = at.and_then(|at| Some((at, self.connections[at].take()?)))
        else {
            self.tally.unsent += 1;
            return;
        };
        self.serial += 1;
        let stamp = self.common.stamps.text(kind, self.serial, due);
        let mut message = Vec::with_capacity(512);
        match kind {
            Kind::Edit => {
                // They differ from those before, or nothing would change.
                let notes = format!("{:x<width$}", self.serial, width = self.edits.payload);
                let is_move = self.edits.is_move(n / count);
                let edit = Edit { stamp: &stamp, due, is_move, notes: &notes };
                connection.dialect.edit(&edit, &mut message);
                self.tally.edits += 1;
            }
            Kind::Cursor => {
                connection.dialect.cursor(&stamp, &mut message);
                self.tally.cursors += 1;
            }
        }
        self.tally.lateness.record(due, self.common.clock.now());
        let said = connection.say(&message);
        let behind = connection.is_behind();
        self.connections[at] = Some(connection);
        match said {
            Ok(true) if behind => self.watch(at),
            Ok(true) => {}
            Ok(false) => self.tally.unsent += 1,
            Err(error) => self.lose(at, &error.kind().to_string()),
        }
    }
}
