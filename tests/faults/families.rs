//! The short set, for every commit: one test a family of faults, each fault once.

use std::time::Duration;

use crate::nemesis::{Nemesis, Scale};
use crate::report::{assert_kept, seed};
use crate::run::{Run, Size};
use crate::world::World;

const SIZE: Size = Size { clients: 9, rooms: 4 };

async fn run(world: &World, name: &str, faults: &[Nemesis]) {
    let run = Run::begin(world, name, seed(), SIZE).await;
    run.work(60, Duration::from_secs(20)).await;
    for fault in faults {
        fault.strike(&run, Scale::SHORT).await;
        run.work(40, Duration::from_secs(20)).await;
    }
    assert_kept(world, run.finish().await);
}

#[actix_web::test]
async fn replicas_on_one_file_survive_each_other() {
    let world = World::on_a_file(3).await;
    run(&world, "file", &[Nemesis::ReplicaKill, Nemesis::ReplicaDrain]).await;
}
