//! Replicas of this build and of another one in the same rooms: `scripts/mixed-versions.sh` builds
//! the other and names it in `KYO_OTHER_BIN`.

use std::path::PathBuf;
use std::time::Duration;

use crate::nemesis::{Nemesis, Scale};
use crate::report::{assert_kept, seed, text};
use crate::run::{Run, Size};
use crate::world::World;

/// What makes replicas depend on each other's messages or do without them, and then what a deploy
/// does to them, one by one.
const FAULTS: [Nemesis; 5] = [
    Nemesis::RedisLoss,
    Nemesis::PostgresKill,
    Nemesis::ReplicaFreeze,
    Nemesis::ReplicaDrain,
    Nemesis::ReplicaKill,
];

#[actix_web::test]
#[ignore = "needs another build of the binary"]
async fn two_versions_work_in_one_room() {
    let other = PathBuf::from(text("KYO_OTHER_BIN").expect("KYO_OTHER_BIN names a binary"));
    let world = World::on_servers(4, Some(other)).await;
    let run = Run::begin(&world, "mixed", seed(), Size { clients: 12, rooms: 4 }).await;
    run.work(400, Duration::from_secs(30)).await;
    for fault in FAULTS {
        fault.strike(&run, Scale::SHORT).await;
        run.work(100, Duration::from_secs(20)).await;
    }
    assert_kept(&world, &run.finish().await);
}
