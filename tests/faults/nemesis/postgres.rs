//! What happens to PostgreSQL: it is restarted in three ways, or out of one replica's reach.

use tokio::time::sleep;

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
