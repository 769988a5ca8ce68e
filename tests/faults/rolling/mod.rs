//! A deploy is not noticed: replicas behind a load balancer are replaced one by one as ECS does it, while
//! people edit and watch; with the notice that moves them in time, and without.

mod balancer;
mod crowd;
mod deploy;
mod gaps;
mod report;

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::gym::Door;
use crate::report::{assert_kept, number, seed, text};
use crate::run::{Outcome, Party, Run};
use crate::support::Dice;
use crate::world::World;
use balancer::Balancer;
use deploy::{Notice, OPERATORS, Pace, Replacement, gather, replace};
use report::Report;

const REPLICAS: usize = 3;
const PROGRESS: Duration = Duration::from_secs(5);

/// What is rolled out, and on whom.
#[derive(Clone, Debug)]
struct Rollout {
    clients: usize,
    /// In one of so many turns of half a second somebody who edits does so.
    edits_once_in: u64,
    pace: Pace,
    /// Which replica is replaced after which, and how.
    steps: Vec<(usize, Notice)>,
    /// `drain.deadline_ms`.
    drain: Duration,
    /// What is rolled out, if not the build of these tests.
    this: Option<PathBuf>,
    /// What runs before, if something else.
    other: Option<PathBuf>,
}

impl Rollout {
    /// Few people and short times, for every commit: two replicas are told in time, one is not.
    fn short() -> Self {
        Self {
            clients: 60,
            edits_once_in: 1,
            pace: Pace {
                deregistration_delay: Duration::from_millis(5_400),
                notice_after: Duration::from_millis(300),
                stop_timeout: Duration::from_secs(20),
            },
            steps: vec![(0, Notice::Given), (1, Notice::Given), (2, Notice::Missing)],
            drain: Duration::from_secs(6),
            this: None,
            other: None,
        }
    }

    /// Many people and the times of `ecs/`: all replicas are told in time, then all are replaced again
    /// and none is told.
    fn long() -> Self {
        let all = |notice| (0..REPLICAS).map(move |n| (n, notice));
        let delay = Duration::from_secs(number("KYO_ROLLING_DELAY").unwrap_or(90));
        Self {
            clients: number("KYO_ROLLING_CLIENTS").unwrap_or(2_000) as usize,
            edits_once_in: 12,
            pace: Pace {
                deregistration_delay: delay,
                notice_after: Duration::from_secs(2),
                stop_timeout: Duration::from_secs(110),
            },
            steps: all(Notice::Given).chain(all(Notice::Missing)).collect(),
            drain: delay.mul_f64(10.0 / 9.0),
            this: binary("KYO_BIN"),
            other: binary("KYO_OTHER_BIN"),
        }
    }

    async fn world(&self) -> World {
        World::for_deploys(REPLICAS, |plan| {
            let plan = plan
                .env("KYO__OPERATOR__TENANT", OPERATORS)
                .env("KYO__DRAIN__DEADLINE_MS", &self.drain.as_millis().to_string());
            let plan = match &self.this {
                Some(binary) => plan.this(binary.clone()),
                None => plan,
            };
            match &self.other {
                Some(binary) => plan.other(binary.clone()),
                None => plan,
            }
        })
        .await
    }

    /// Lets everybody in, replaces replicas, and judges.
    async fn go(&self, world: &World, name: &str) -> (Outcome, Vec<Replacement>) {
        let balancer = Balancer::start(REPLICAS + 1, self.clients).await;
        for replica in &world.replicas {
            balancer.admit(&replica.seat()).await;
        }
        let guests = |_: &mut Dice, tenant: &str, rooms: &[String]| {
            crowd::guests(self.clients, self.edits_once_in, tenant, rooms)
        };
        let party = Party {
            rooms: crowd::rooms(self.clients),
            doors: vec![Door::balanced(&balancer.address())],
            staff: crowd::staff(self.clients),
            guests: &guests,
        };
        let run = Run::begin_with(world, name, seed(), party).await;
        let done = tokio::select! {
            done = self.replace_all(&run, &balancer) => done,
            never = progress(&run, self.clients) => match never {},
        };
        (run.finish().await, done)
    }

    async fn replace_all(&self, run: &Run<'_>, balancer: &Balancer) -> Vec<Replacement> {
        let mut done = Vec::new();
        for (n, notice) in &self.steps {
            gather(run, self.clients).await;
            done.push(replace(run, balancer, *n, self.pace, *notice).await);
        }
        gather(run, self.clients).await;
        done
    }
}

/// A binary that the environment names.
fn binary(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(text(variable)?);
    Some(path.canonicalize().unwrap_or_else(|why| panic!("{variable}, {}: {why}", path.display())))
}

/// Says now and then how it goes; never ends.
#[expect(clippy::print_stdout, reason = "a test's output is for people")]
async fn progress(run: &Run<'_>, clients: usize) -> Infallible {
    let began = Instant::now();
    loop {
        sleep(PROGRESS).await;
        let faults = run.recorder.under_way();
        println!(
            "{:>5} s  in their rooms {:>5} of {clients}  acked {:>6}  {}",
            began.elapsed().as_secs(),
            run.inside(),
            run.recorder.tally().acked,
            if faults.is_empty() { "(calm)".to_owned() } else { faults.join(" + ") },
        );
    }
}

#[actix_web::test]
async fn a_deploy_loses_nothing_with_the_notice_and_without() {
    let rollout = Rollout::short();
    let world = rollout.world().await;
    let (outcome, done) = rollout.go(&world, "deploy").await;
    report::show(&Report::of(&outcome, &done));
    assert_kept(&world, &outcome);
    assert!(done.iter().all(|one| !one.killed), "SIGTERM is enough: {done:?}");
    let cut = |one: &Replacement| one.notice == Notice::Missing && one.cut > 0;
    assert!(done.iter().any(cut), "without the notice sockets are cut: {done:?}");
}

#[actix_web::test]
#[ignore = "needs another build of the binary"]
async fn another_version_is_replaced_by_this_one() {
    let other = Some(binary("KYO_OTHER_BIN").expect("KYO_OTHER_BIN names a binary"));
    let rollout = Rollout { other, ..Rollout::short() };
    let world = rollout.world().await;
    let (outcome, done) = rollout.go(&world, "upgrade").await;
    report::show(&Report::of(&outcome, &done));
    assert_kept(&world, &outcome);
}

/// `KYO_ROLLING_CLIENTS` (2000), `KYO_ROLLING_DELAY` in seconds (90), `KYO_BIN`, `KYO_SEED`;
/// `KYO_OTHER_BIN` is what runs before.
#[actix_web::test]
#[ignore = "takes minutes and a fast binary"]
async fn rolling() {
    let rollout = Rollout::long();
    let world = rollout.world().await;
    let (outcome, done) = rollout.go(&world, "rolling").await;
    let report = Report::of(&outcome, &done);
    report::publish(&report);
    assert_kept(&world, &outcome);
    assert!(done.iter().all(|one| !one.killed), "SIGTERM is enough: {done:?}");
    report.assert_unnoticed();
}
