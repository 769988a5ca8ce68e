//! What happens to Redis: a primary is killed, stopped or out of reach; all is gone; slots move.

use std::time::Duration;

use tokio::time::sleep;

use super::{Nemesis, Scale};
use crate::run::Run;

const SLOTS: u64 = 16_384;
/// Slots that are moved, one after the other.
const MOVES: usize = 6;

/// `kill -9` of a primary; its replica takes over, and it comes back as a replica.
pub async fn kill(run: &Run<'_>, scale: Scale) {
    let redis = run.world.redis();
    let primary = primary(run).await;
    let fault = begin(run, Nemesis::RedisKill);
    redis.kill9(primary);
    sleep(scale.redis).await;
    redis.restart(primary).await;
    redis.wait_healthy().await;
    run.recorder.end_fault(fault);
}

/// SIGSTOP of a primary: its kernel goes on taking bytes.
pub async fn freeze(run: &Run<'_>, scale: Scale) {
    let redis = run.world.redis();
    let primary = primary(run).await;
    let fault = begin(run, Nemesis::RedisFreeze);
    redis.freeze(primary);
    sleep(scale.redis).await;
    redis.thaw(primary);
    redis.wait_healthy().await;
    run.recorder.end_fault(fault);
}

/// A primary that nothing reaches and that reaches nothing.
pub async fn black_hole(run: &Run<'_>, scale: Scale) {
    let redis = run.world.redis();
    let primary = primary(run).await;
    let fault = begin(run, Nemesis::RedisBlackHole);
    redis.black_hole(primary);
    sleep(scale.redis).await;
    redis.heal(primary);
    redis.wait_healthy().await;
    run.recorder.end_fault(fault);
}

/// The whole cluster is gone, and comes back empty.
pub async fn lose(run: &Run<'_>, scale: Scale) {
    let redis = run.world.redis();
    let fault = begin(run, Nemesis::RedisLoss);
    redis.kill_all();
    sleep(scale.redis).await;
    run.work(50, Duration::from_secs(10)).await;
    redis.restart_all().await;
    run.recorder.end_fault(fault);
}

/// Slots move to another primary, as when a cluster grows.
pub async fn move_slots(run: &Run<'_>) {
    let redis = run.world.redis();
    let fault = begin(run, Nemesis::RedisSlots);
    for _ in 0..MOVES {
        let slot = run.roll(SLOTS) as u16;
        let to = primary(run).await;
        redis.move_slot(slot, to).await;
        // However quick the moves are, somebody works among them.
        run.work(5, Duration::from_secs(5)).await;
    }
    run.recorder.end_fault(fault);
}

async fn primary(run: &Run<'_>) -> usize {
    let primaries = run.world.redis().primaries().await;
    *run.dice.borrow_mut().pick(&primaries)
}

fn begin(run: &Run<'_>, nemesis: Nemesis) -> u64 {
    run.recorder.begin_fault(nemesis.name(), None)
}
