//! What happens to PostgreSQL: it is restarted in three ways, once or again and again, its sessions
//! are ended in the middle of their work, or it is out of one replica's reach.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::replica::victim;
use super::{Nemesis, Scale};
use crate::run::Run;
use crate::servers::Shutdown;

/// It goes in one way or another, stays away for a while, and comes back on its data.
pub async fn restart(how: Nemesis, run: &Run<'_>, scale: Scale) {
    let postgres = run.world.postgres();
    let fault = run.recorder.begin_fault(how.name(), None);
    match how {
        Nemesis::PostgresFast => postgres.stop(Shutdown::Fast).await,
        Nemesis::PostgresImmediate => postgres.stop(Shutdown::Immediate).await,
        _ => postgres.kill9(),
    }
    sleep(scale.postgres).await;
    postgres.start_again().await;
    run.recorder.end_fault(fault);
}

/// It is told to end its sessions and go, and comes back, as often as it can: whoever edits alone is
/// met at every moment of an append, and people only just come to edit in between.
pub async fn flurry(run: &Run<'_>, scale: Scale) {
    let postgres = run.world.postgres();
    let fault = run.recorder.begin_fault(Nemesis::PostgresFlurry.name(), None);
    let until = Instant::now() + scale.postgres * 4;
    while Instant::now() < until {
        postgres.restart(Shutdown::Fast).await;
        run.work(1 + run.roll(8), Duration::from_secs(3)).await;
    }
    run.recorder.end_fault(fault);
}

/// Whatever session is at work is ended, every few milliseconds: between its rows and its commit,
/// too, where a row that is already sent means nothing.
pub async fn end_sessions(run: &Run<'_>, scale: Scale) {
    let postgres = run.world.postgres();
    let fault = run.recorder.begin_fault(Nemesis::PostgresSessions.name(), None);
    let until = Instant::now() + scale.postgres * 4;
    while Instant::now() < until {
        postgres.end_busy_sessions().await;
        sleep(Duration::from_millis(run.roll(40))).await;
    }
    run.recorder.end_fault(fault);
}

/// One replica's line to the database falls silent. What it had sent arrives after the healing, as
/// after a loss of the network: an append that it has long given up may still take effect.
pub async fn partition(run: &Run<'_>, scale: Scale) {
    let replica = &run.world.replicas[victim(run)];
    let fault = run.recorder.begin_fault(Nemesis::Partition.name(), Some(replica.name()));
    replica.proxy().black_hole();
    sleep(scale.partition).await;
    replica.proxy().heal();
    run.recorder.end_fault(fault);
}
