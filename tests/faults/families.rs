//! The short set, for every commit: one test a family of faults, each fault once.

use std::time::Duration;

use crate::nemesis::{Nemesis, Scale};
use crate::report::{assert_kept, seed};
use crate::run::{Run, Size};
use crate::world::World;

const REPLICAS: usize = 3;
const SIZE: Size = Size { clients: 9, rooms: 4 };

/// The replicas, and each of these faults on them.
async fn suffer(world: &World, name: &str, faults: &[Nemesis]) {
    let run = Run::begin(world, name, seed(), SIZE).await;
    run.work(60, Duration::from_secs(20)).await;
    for fault in faults {
        fault.strike(&run, Scale::SHORT).await;
        run.work(40, Duration::from_secs(20)).await;
    }
    assert_kept(world, &run.finish().await);
}

#[actix_web::test]
async fn replicas_on_one_file_survive_each_other() {
    let world = World::on_a_file(3).await;
    suffer(&world, "file", &[Nemesis::ReplicaKill, Nemesis::ReplicaDrain]).await;
}

#[actix_web::test]
async fn replicas_are_killed_frozen_and_drained() {
    let world = World::on_servers(REPLICAS, None).await;
    let faults = [Nemesis::ReplicaKill, Nemesis::ReplicaFreeze, Nemesis::ReplicaDrain];
    suffer(&world, "replica", &faults).await;
}

#[actix_web::test]
async fn redis_loses_a_primary_in_every_way() {
    let world = World::on_servers(REPLICAS, None).await;
    let faults = [Nemesis::RedisKill, Nemesis::RedisFreeze, Nemesis::RedisBlackHole];
    suffer(&world, "primary", &faults).await;
}

#[actix_web::test]
async fn redis_moves_its_slots_and_goes_away_altogether() {
    let world = World::on_servers(REPLICAS, None).await;
    suffer(&world, "redis", &[Nemesis::RedisSlots, Nemesis::RedisLoss]).await;
}

#[actix_web::test]
async fn postgres_restarts_in_every_way_and_is_out_of_reach() {
    let world = World::on_servers(REPLICAS, None).await;
    let faults = [
        Nemesis::PostgresFast,
        Nemesis::PostgresImmediate,
        Nemesis::PostgresKill,
        Nemesis::PostgresSessions,
        Nemesis::Partition,
    ];
    suffer(&world, "postgres", &faults).await;
}
