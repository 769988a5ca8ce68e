//! What happens to a replica: it is killed, it is stopped for a while, it is replaced in order.

use std::time::Duration;

use tokio::time::sleep;

use super::{Nemesis, Scale};
use crate::run::Run;

/// `kill -9`, and later the same again from the start.
pub async fn kill(run: &Run<'_>, scale: Scale) {
    let n = victim(run);
    let fault = begin(run, Nemesis::ReplicaKill, n);
    run.world.replicas[n].signal("KILL");
    run.world.replicas[n].ended().await;
    sleep(scale.absence).await;
    run.world.restart(n).await;
    run.recorder.end_fault(fault);
}

/// SIGSTOP: nobody is told, connections stay open, and on waking up it believes that no time has
/// passed.
pub async fn freeze(run: &Run<'_>, scale: Scale) {
    let n = victim(run);
    let fault = begin(run, Nemesis::ReplicaFreeze, n);
    run.world.replicas[n].signal("STOP");
    sleep(scale.freeze).await;
    run.world.replicas[n].signal("CONT");
    run.recorder.end_fault(fault);
}

/// SIGTERM under load, and a successor in its place.
pub async fn drain(run: &Run<'_>) {
    let n = victim(run);
    let fault = begin(run, Nemesis::ReplicaDrain, n);
    run.work(10, Duration::from_secs(2)).await;
    run.world.replicas[n].signal("TERM");
    let status = run.world.replicas[n].ended().await;
    assert!(status.success(), "a drain is no failure: {status}");
    run.world.restart(n).await;
    run.recorder.end_fault(fault);
}

fn begin(run: &Run<'_>, nemesis: Nemesis, n: usize) -> u64 {
    run.recorder.begin_fault(nemesis.name(), Some(run.world.replicas[n].name()))
}

pub(super) fn victim(run: &Run<'_>) -> usize {
    run.roll(run.world.replicas.len() as u64) as usize
}
