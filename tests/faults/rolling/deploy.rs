//! One replica replaced by another in the order of ECS: the new one is healthy before the old one is
//! taken off the load balancer; the old one learns of it by the notice, if it comes, before its
//! sockets are cut, and by SIGTERM after.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::balancer::Balancer;
use crate::run::Run;
use crate::support::Person;
use crate::world::Seat;

/// The tenant whose operators may drain a replica.
pub const OPERATORS: &str = "operators";
/// What a history calls it.
pub const FAULT: &str = "deploy";

/// The longest that anybody may take to arrive or to come back.
const GATHERED_WITHIN: Duration = Duration::from_secs(60);

/// Times of a deploy; in `ecs/` they are those of the target groups and of the task definition.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From taking a replica off to cutting what it still has.
    pub deregistration_delay: Duration,
    /// From taking it off to the notice: what an event takes until it has become a request.
    pub notice_after: Duration,
    /// From SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
}

/// Whether the replica that is to go is told in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    Given,
    Missing,
}

/// What came of it. Moments are the recorder's, in microseconds.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub name: String,
    pub notice: Notice,
    pub taken_off: u64,
    /// When it was told: by the notice, or by SIGTERM.
    pub told: u64,
    /// When its process had ended.
    pub ended: u64,
    /// Connections that were left to be cut.
    pub cut: usize,
    /// Whether it had to be killed.
    pub killed: bool,
}

/// Replaces the nth replica.
pub async fn replace(
    run: &Run<'_>,
    balancer: &Balancer,
    n: usize,
    pace: Pace,
    notice: Notice,
) -> Replacement {
    let old = run.world.succeed(n).await;
    balancer.admit(&run.world.replicas[n].seat()).await;
    let name = run.world.replicas[n].name().to_owned();
    let fault = run.recorder.begin_fault(FAULT, Some(&name));
    balancer.take_off(&old).await;
    let (taken_off, began) = (run.recorder.now(), Instant::now());
    let mut told = None;
    if notice == Notice::Given {
        sleep_until(began + pace.notice_after).await;
        told = Some(run.recorder.now());
        tell(&old).await;
    }
    let delay = match notice {
        Notice::Given => pace.deregistration_delay,
        // Before the cut nothing happens, so it need not take as long.
        Notice::Missing => pace.deregistration_delay / 4,
    };
    let left = delay.saturating_sub(began.elapsed());
    let (mut cut, mut killed) = (0, false);
    if old.ends_within(left).await.is_none() {
        cut = balancer.cut(&old).await;
        told.get_or_insert_with(|| run.recorder.now());
        old.signal("TERM");
        if old.ends_within(pace.stop_timeout).await.is_none() {
            killed = true;
            old.signal("KILL");
        }
    }
    let status = old.ended().await;
    assert!(killed || status.success(), "a deploy is no failure: {name} ended with {status}");
    let ended = run.recorder.now();
    balancer.forget(&old);
    run.recorder.end_fault(fault);
    let told = told.unwrap_or(ended);
    Replacement { name, notice, taken_off, told, ended, cut, killed }
}

/// The notice, as the function of `ecs/app.yaml` gives it: on the replica's own address.
async fn tell(seat: &Seat) {
    let ecs = Person::operator("ecs").of(OPERATORS);
    let body = json!({"reason": "ECS takes it off the load balancer"});
    let answer = seat.rest(&ecs).post("/api/collaboration/v1/operator/drain", &body).await;
    answer.expect(202);
}

/// Waits between two replacements until everybody is back, but not for ever: the judge will ask.
pub async fn gather(run: &Run<'_>, clients: usize) {
    let until = Instant::now() + GATHERED_WITHIN;
    while run.inside() < clients && Instant::now() < until {
        sleep(Duration::from_millis(100)).await;
    }
}
