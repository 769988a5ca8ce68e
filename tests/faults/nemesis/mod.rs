//! The faults. Each is a small function that harms the world, holds, heals, and writes down when it
//! began and when it was over; people go on working meanwhile.

mod postgres;
mod redis;
mod replica;

use std::time::Duration;

use crate::run::Run;

/// A fault by its kind. What exactly it strikes, the run's dice decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nemesis {
    ReplicaKill,
    ReplicaFreeze,
    ReplicaDrain,
    RedisKill,
    RedisFreeze,
    RedisBlackHole,
    RedisLoss,
    RedisSlots,
    PostgresFast,
    PostgresImmediate,
    PostgresKill,
    PostgresFlurry,
    PostgresSessions,
    Partition,
}

/// How long faults last.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// A replica that was stopped.
    pub freeze: Duration,
    /// Redis, or a part of it, being gone.
    pub redis: Duration,
    /// A replica cut off from its database.
    pub partition: Duration,
    /// PostgreSQL being down.
    pub postgres: Duration,
    /// A killed replica staying away.
    pub absence: Duration,
}

impl Scale {
    /// For every commit.
    pub const SHORT: Self = Self {
        freeze: Duration::from_secs(12),
        redis: Duration::from_secs(4),
        partition: Duration::from_secs(6),
        postgres: Duration::from_secs(1),
        // Past the bound on who is shown, with nobody there to correct it.
        absence: Duration::from_secs(12),
    };
    /// For a long torture.
    pub const LONG: Self = Self {
        freeze: Duration::from_secs(30),
        redis: Duration::from_secs(10),
        partition: Duration::from_secs(15),
        postgres: Duration::from_secs(4),
        absence: Duration::from_secs(12),
    };
}

impl Nemesis {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::ReplicaKill,
        Self::ReplicaFreeze,
        Self::ReplicaDrain,
        Self::RedisKill,
        Self::RedisFreeze,
        Self::RedisBlackHole,
        Self::RedisLoss,
        Self::RedisSlots,
        Self::PostgresFast,
        Self::PostgresImmediate,
        Self::PostgresKill,
        Self::PostgresFlurry,
        Self::PostgresSessions,
        Self::Partition,
    ];

    /// Its name in a history.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReplicaKill => "replica_kill",
            Self::ReplicaFreeze => "replica_freeze",
            Self::ReplicaDrain => "replica_drain",
            Self::RedisKill => "redis_kill",
            Self::RedisFreeze => "redis_freeze",
            Self::RedisBlackHole => "redis_black_hole",
            Self::RedisLoss => "redis_loss",
            Self::RedisSlots => "redis_slots",
            Self::PostgresFast => "postgres_fast",
            Self::PostgresImmediate => "postgres_immediate",
            Self::PostgresKill => "postgres_kill",
            Self::PostgresFlurry => "postgres_flurry",
            Self::PostgresSessions => "postgres_sessions",
            Self::Partition => "partition",
        }
    }

    /// Whether the two may happen at once. Faults of one family may not, for each heals what it
    /// alone has harmed; and a drain must be able to reach the database to end well.
    pub fn goes_with(self, other: Self) -> bool {
        let drain = [self, other].contains(&Self::ReplicaDrain);
        let database =
            [self, other].iter().any(|one| ["postgres", "partition"].contains(&one.family()));
        self.family() != other.family() && !(drain && database)
    }

    fn family(self) -> &'static str {
        match self {
            Self::ReplicaKill | Self::ReplicaFreeze | Self::ReplicaDrain => "replica",
            Self::RedisKill
            | Self::RedisFreeze
            | Self::RedisBlackHole
            | Self::RedisLoss
            | Self::RedisSlots => "redis",
            Self::PostgresFast
            | Self::PostgresImmediate
            | Self::PostgresKill
            | Self::PostgresFlurry
            | Self::PostgresSessions => "postgres",
            Self::Partition => "partition",
        }
    }

    /// Strikes, holds and heals.
    pub async fn strike(self, run: &Run<'_>, scale: Scale) {
        match self {
            Self::ReplicaKill => replica::kill(run, scale).await,
            Self::ReplicaFreeze => replica::freeze(run, scale).await,
            Self::ReplicaDrain => replica::drain(run).await,
            Self::RedisKill => redis::kill(run, scale).await,
            Self::RedisFreeze => redis::freeze(run, scale).await,
            Self::RedisBlackHole => redis::black_hole(run, scale).await,
            Self::RedisLoss => redis::lose(run, scale).await,
            Self::RedisSlots => redis::move_slots(run).await,
            Self::PostgresFast | Self::PostgresImmediate | Self::PostgresKill => {
                postgres::restart(self, run, scale).await;
            }
            Self::PostgresFlurry => postgres::flurry(run, scale).await,
            Self::PostgresSessions => postgres::end_sessions(run, scale).await,
            Self::Partition => postgres::partition(run, scale).await,
        }
    }
}
