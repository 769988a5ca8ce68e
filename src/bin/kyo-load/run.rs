//! Leads a run: makes the rooms, starts the workers, tells them what to play and adds up what they
//! report. Owns all results; touches no connection.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::Clock;
use crate::plan::{Phase, Plan};
use crate::process::{self, Usage};
use crate::progress::Progress;
use crate::results::{Connecting, Own, PhaseResult, ProcessResult, Results, Spread, each};
use crate::schedule::Rates;
use crate::stamp::Stamps;
use crate::systems;
use crate::tally::{Tally, total};
use crate::worker::{Command, Common, Report, Worker};

/// Microseconds between an order and its begin: every worker has looked at its orders by then.
const LEAD: u64 = 150_000;
/// Microseconds after a stretch's end until what is still on its way is given up.
const PATIENCE: u64 = 10_000_000;
/// Microseconds without anybody else coming in, after which those who are missing are given up.
const CONNECTING: u64 = 30_000_000;

/// Does all that is planned.
///
/// # Errors
/// When rooms can't be made or nobody can connect.
pub fn run(plan: Plan) -> Result<Results, String> {
    let run = uuid::Uuid::new_v4().as_u128() as u32;
    let system = systems::prepare(&plan, run)?;
    let plan = Arc::new(plan);
    let stamps = Stamps::of_run(run);
    let common = Common { plan: Arc::clone(&plan), system, stamps, clock: Clock::start() };
    let mut conductor = Conductor::start(common)?;
    let connecting = conductor.connect()?;
    let mut phases = Vec::new();
    for phase in &plan.phases {
        phases.push(conductor.phase(phase)?);
    }
    conductor.stop();
    let mut warnings: Vec<_> = phases.iter().flat_map(PhaseResult::doubts).collect();
    if connecting.open < connecting.asked {
        let missing = connecting.asked - connecting.open;
        warnings.insert(0, format!("{missing} of {} could not connect", connecting.asked));
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Results { system: plan.system.text(), processors, connecting, phases, warnings })
}

/// The workers and what they say.
struct Conductor {
    common: Common,
    commands: Vec<Sender<Command>>,
    reports: Receiver<Report>,
    threads: Vec<JoinHandle<()>>,
    /// The last report of each.
    last: Vec<Option<Brief>>,
    plays: usize,
    progress: Progress,
    /// Of the watched processes, before anybody connected.
    before: Vec<Option<Usage>>,
}

/// What of a report still matters after its tally was added.
#[derive(Clone, Copy)]
struct Brief {
    open: usize,
    awaited: usize,
    quiet: bool,
}

/// The state of the machine at a moment.
struct Mark {
    now: u64,
    watched: Vec<Option<Usage>>,
    own: f64,
    idle: (u64, u64),
}

impl Conductor {
    fn start(common: Common) -> Result<Self, String> {
        let before = watched(&common.plan);
        let (sender, reports) = channel();
        let (mut commands, mut threads) = (Vec::new(), Vec::new());
        for number in 0..common.plan.threads {
            let (command, orders) = channel();
            let worker = Worker::new(number, common.clone(), orders, sender.clone())?;
            let thread = std::thread::Builder::new().name(format!("load-{number}"));
            let thread = thread.spawn(move || worker.run());
            threads.push(thread.map_err(|error| format!("a thread: {error}"))?);
            commands.push(command);
        }
        let last = vec![None; commands.len()];
        let progress = Progress::new(&common.plan, common.clock);
        Ok(Self { common, commands, reports, threads, last, plays: 0, progress, before })
    }

    /// Waits until everybody is in.
    fn connect(&mut self) -> Result<Connecting, String> {
        let plan = Arc::clone(&self.common.plan);
        let mark = self.mark();
        let asked = plan.seats.len();
        let rate_takes = (asked as f64 / plan.open_rate * 1e6) as u64;
        let all_asked = mark.now + rate_takes;
        let (mut tally, mut busy) = (Tally::default(), Vec::new());
        loop {
            self.listen("connecting", 0.0, &mut tally, &mut busy)?;
            let briefs: Vec<_> = self.last.iter().flatten().collect();
            let is_complete = briefs.len() == plan.threads;
            let is_over = briefs.iter().all(|brief| brief.awaited == 0);
            let patience = all_asked.max(tally.last_opened) + CONNECTING;
            if is_complete && is_over || self.common.clock.now() > patience {
                break;
            }
        }
        let open = self.open();
        if open == 0 {
            let reasons: Vec<_> = tally.failed.keys().cloned().collect();
            return Err(format!("nobody could connect: {}", reasons.join(", ")));
        }
        let seconds = tally.last_opened.saturating_sub(mark.now) as f64 / 1e6;
        // What joining left to do, such as telling the others, is done before memory is looked at.
        self.settle("settling", &mut tally, &mut busy)?;
        Ok(Connecting {
            asked,
            open,
            failed: tally.failed.clone(),
            seconds,
            per_second: open as f64 / seconds.max(1e-6),
            joins: Spread::from(&tally.joins),
            processes: self.processes(&mark, open as u64, open as u64),
        })
    }

    fn phase(&mut self, phase: &Phase) -> Result<PhaseResult, String> {
        if phase.warm_up > 0.0 {
            self.play(phase, phase.warm_up, "warming up")?;
        }
        let (tally, busy, mark, took) = self.play(phase, phase.seconds, &phase.name)?;
        let mut result = PhaseResult::new(&phase.name, phase.seconds, &tally);
        let (idle, all) = process::idle_of_machine();
        let ticks = [idle - mark.idle.0, all - mark.idle.1];
        let busiest = busy.iter().copied().max().unwrap_or(0) as f64;
        let cpu_seconds = process::own_cpu() - mark.own;
        result.own = Own {
            cpu_seconds,
            cpu_micros_each: each(cpu_seconds * 1e6, result.deliveries),
            busiest_thread: busiest / 1e9 / took,
            lateness_ms: Spread::from(&tally.lateness),
            machine_idle: ticks[0] as f64 / ticks[1].max(1) as f64,
        };
        result.processes = self.processes(&mark, result.deliveries, 0);
        Ok(result)
    }

    /// One stretch of load, until all that it caused has arrived.
    fn play(
        &mut self,
        phase: &Phase,
        seconds: f64,
        name: &str,
    ) -> Result<(Tally, Vec<u64>, Mark, f64), String> {
        let mark = self.mark();
        let start = mark.now + LEAD;
        let Phase { rates, edits, .. } = *phase;
        for command in &self.commands {
            let play = Command::Play { start, seconds, rates, edits };
            command.send(play).map_err(|_| "a worker ended".to_owned())?;
        }
        self.plays += 1;
        let (mut tally, mut busy) = (Tally::default(), Vec::new());
        let end = start + (seconds * 1e6) as u64;
        while self.common.clock.now() < end {
            self.listen(name, seconds, &mut tally, &mut busy)?;
        }
        let took = (self.common.clock.now() - mark.now) as f64 / 1e6;
        if rates != Rates::default() {
            self.settle(name, &mut tally, &mut busy)?;
        }
        Ok((tally, busy, mark, took))
    }

    /// Waits until nothing arrives any more.
    fn settle(&mut self, name: &str, tally: &mut Tally, busy: &mut Vec<u64>) -> Result<(), String> {
        let patience = self.common.clock.now() + PATIENCE;
        self.last.fill(None);
        while self.common.clock.now() < patience {
            self.listen(name, 0.0, tally, busy)?;
            let is_quiet = self.last.iter().all(|last| last.is_some_and(|brief| brief.quiet));
            if is_quiet && !self.owes(tally) {
                break;
            }
        }
        Ok(())
    }

    /// Whether acks are still to come, from a system that gives any.
    fn owes(&self, tally: &Tally) -> bool {
        let answered = tally.acks.count() + total(&tally.refused);
        let answers = answered > 0 || self.common.system.always_acks();
        answers && answered < tally.edits
    }

    /// Takes one report into the stretch that it belongs to.
    fn listen(
        &mut self,
        name: &str,
        seconds: f64,
        tally: &mut Tally,
        busy: &mut Vec<u64>,
    ) -> Result<(), String> {
        let report = self.reports.recv_timeout(Duration::from_secs(30));
        let report = report.map_err(|_| "a worker ended".to_owned())?;
        let Report { worker, play, tally: seen, open, awaited, done } = report;
        let is_present = play == self.plays;
        // Heartbeats go on; while all connect, what others are told of it matters too.
        let left = if self.plays == 0 { seen.frames } else { seen.delivered() + seen.acks.count() };
        let quiet = is_present && done && left == 0;
        self.last[worker] = Some(Brief { open, awaited, quiet });
        if is_present {
            tally.add(&seen);
            busy.resize(self.commands.len(), 0);
            busy[worker] += seen.cpu_nanos;
        }
        let open = self.open();
        self.progress.tell(name, seconds, open, &seen);
        Ok(())
    }

    fn open(&self) -> usize {
        self.last.iter().flatten().map(|brief| brief.open).sum()
    }

    fn mark(&self) -> Mark {
        Mark {
            now: self.common.clock.now(),
            watched: watched(&self.common.plan),
            own: process::own_cpu(),
            idle: process::idle_of_machine(),
        }
    }

    /// Since a mark: processor time for each of `count`, growth for each of `grown_by`.
    fn processes(&self, mark: &Mark, count: u64, grown_by: u64) -> Vec<ProcessResult> {
        let now = watched(&self.common.plan);
        let all = self.common.plan.watched.iter().enumerate();
        let results = all.filter_map(|(n, process)| {
            let (then, now) = (mark.watched[n]?, now[n]?);
            let cpu_seconds = (now.cpu - then.cpu).max(0.0);
            let grown = self.before[n].map(|before| now.rss as f64 - before.rss as f64);
            Some(ProcessResult {
                name: process.name.clone(),
                cpu_seconds,
                cpu_micros_each: each(cpu_seconds * 1e6, count),
                rss: now.rss,
                rss_per_connection: grown.and_then(|grown| each(grown, grown_by)),
            })
        });
        results.collect()
    }

    fn stop(self) {
        drop(self.progress);
        for command in self.commands {
            // Whoever ended already has stopped.
            let _ = command.send(Command::Stop);
        }
        for thread in self.threads {
            // A panic in there has been printed.
            let _ = thread.join();
        }
    }
}

fn watched(plan: &Plan) -> Vec<Option<Usage>> {
    plan.watched.iter().map(|process| process::usage(process.pid)).collect()
}
