//! From the sections of the configuration to what each component takes.

use std::time::Duration;

use crate::actors::config::{Limits, Realtime};
use crate::config::Config;
use crate::http::Listening;
use crate::{balancer, bus, store};

/// For the store.
pub(super) fn database(config: &Config) -> store::Config {
    config.database.settings()
}

/// For the bus.
pub(super) fn bus(config: &Config) -> bus::Config {
    let section = &config.bus;
    let millis = Duration::from_millis;
    bus::Config {
        redis_cluster_endpoint: section.redis_cluster_endpoint.clone(),
        namespace: section.namespace.clone(),
        username: section.username.clone(),
        password: section.password.clone(),
        ca_file: section.ca_file.clone(),
        connect_timeout: millis(section.connect_timeout_ms),
        command_timeout: millis(section.command_timeout_ms),
        call_timeout: millis(section.call_timeout_ms),
        retry_delay: millis(section.retry_delay_ms),
        topology_timeout: millis(section.topology_timeout_ms),
        topology_interval: millis(section.topology_interval_ms),
        keep_alive: millis(section.keep_alive_ms),
        user_timeout: millis(section.user_timeout_ms),
        rebuild_after: millis(section.rebuild_after_ms),
        queue: section.queue,
        pool: section.pool,
    }
}

/// For whoever asks the load balancer, if anybody does.
pub(super) fn balancer(config: &Config) -> Option<balancer::Config> {
    let (drain, aws) = (&config.drain, &config.aws);
    Some(balancer::Config {
        target_group: drain.target_group.clone()?,
        place: drain.place(aws)?,
        every: Duration::from_millis(drain.target_poll_ms),
        endpoint: aws.endpoint_url.clone(),
        credentials: aws.credentials.clone()?,
    })
}

/// For the HTTP server, with at most so many connections.
pub(super) fn listening(config: &Config, connections: usize) -> Listening {
    Listening {
        workers: config.server.workers,
        max_connections: connections,
        allowed_origins: config.server.allowed_origins.clone(),
    }
}

/// For rooms and sessions.
pub(super) fn realtime(config: &Config) -> Realtime {
    let section = &config.realtime;
    let millis = Duration::from_millis;
    Realtime {
        ping_interval: millis(section.ping_interval_ms),
        ping_timeout: millis(section.ping_timeout_ms),
        auth_deadline: millis(section.auth_deadline_ms),
        presence_tick: millis(section.presence_tick_ms),
        presence_grace: millis(section.presence_grace_ms),
        outbox_frames: section.outbox_frames,
        outbox_bytes: section.outbox_bytes,
        room_mailbox: section.room_mailbox,
        hibernate_after: millis(section.hibernate_after_ms),
        snapshot_every: section.snapshot_every,
        tail: section.delta_limit,
        delta_limit: section.delta_limit,
        token_warning: millis(section.token_warning_ms),
        token_grace: millis(section.token_grace_ms),
        ..Realtime::default()
    }
}

/// For sessions, at most so many of them.
pub(super) fn limits(config: &Config, sessions: usize) -> Limits {
    let section = &config.limits;
    Limits {
        ops_per_second: section.ops_per_second,
        ops_burst: section.ops_burst,
        presence_per_second: section.presence_per_second,
        requests_per_second: section.requests_per_second,
        tenant_ops_per_second: section.tenant_ops_per_second,
        tenant_requests_per_second: section.tenant_requests_per_second,
        rooms_per_session: section.rooms_per_session,
        max_connections: sessions,
    }
}
