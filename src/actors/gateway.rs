//! The way into rooms for REST handlers: one request, one answer, one deadline.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::measure::Measure;
use super::registry::{Open, Registry, RoomChanged, RoomKey};
use super::reply::{Answer, Given, ReplyTo};
use super::room::{Ask, Caller, Want};
use super::session::TenantRates;
use super::session::hand_over;
use crate::auth::Principal;
use crate::domain::{Command, RoomId, TenantId};
use crate::protocol::client::{Page, RoomRef};
use crate::protocol::error::WireError;
use crate::protocol::server::{AckBody, HistoryBody, ParticipantBody, ServerMessage, SnapshotBody};
use crate::telemetry::metrics::{LimitScope, Metrics};
use crate::telemetry::trace::Span;

/// Longer than every retry of the store, shorter than a load balancer's patience.
const DEADLINE: Duration = Duration::from_secs(20);

/// A cheap handle; clones lead to the same registry.
#[derive(Clone)]
pub struct Rooms {
    registry: Addr<Registry>,
    tenants: Arc<TenantRates>,
    metrics: Arc<Metrics>,
}

impl Rooms {
    /// The way through `registry`.
    #[must_use]
    pub fn new(registry: Addr<Registry>, tenants: Arc<TenantRates>, metrics: Arc<Metrics>) -> Self {
        Self { registry, tenants, metrics }
    }

    /// Does an operation that came in so many bytes, which `span` records; the answer is an ack only
    /// after the commit.
    ///
    /// # Errors
    /// The catalogue's errors, as on the socket.
    pub async fn submit(
        &self,
        who: &Principal,
        room: RoomRef,
        command: Command,
        size: usize,
        dry_run: bool,
        span: Span,
    ) -> Result<AckBody, WireError> {
        // Operations have a share of their own: a flood of reads does not keep a tenant from writing.
        self.allowed(self.tenants.operations(&who.tenant, command.op.count(), size))?;
        let want = Want::Op { command: Box::new(command), dry_run, span };
        match self.pass_on(who, room, want).await? {
            Given::Message(ServerMessage::Ack(ack)) => Ok(ack),
            other => Err(unexpected(&other)),
        }
    }

    /// The state now, or at an earlier sequence number.
    ///
    /// # Errors
    /// `not_found`, `invalid` when `seq` is ahead, or the store's.
    pub async fn snapshot(
        &self,
        who: &Principal,
        room: RoomRef,
        seq: Option<u64>,
    ) -> Result<SnapshotBody, WireError> {
        match self.ask(who, room, Want::Snapshot { seq }).await? {
            Given::Message(ServerMessage::Snapshot(body)) => Ok(body),
            other => Err(unexpected(&other)),
        }
    }

    /// A page of events.
    ///
    /// # Errors
    /// `not_found`, or the store's.
    pub async fn history(
        &self,
        who: &Principal,
        room: RoomRef,
        page: Page,
        limit: usize,
    ) -> Result<HistoryBody, WireError> {
        match self.ask(who, room, Want::History { page, limit }).await? {
            Given::Message(ServerMessage::History(body)) => Ok(body),
            other => Err(unexpected(&other)),
        }
    }

    /// Who is in the room.
    ///
    /// # Errors
    /// `not_found`, or the store's.
    pub async fn participants(
        &self,
        who: &Principal,
        room: RoomRef,
    ) -> Result<Vec<ParticipantBody>, WireError> {
        match self.ask(who, room, Want::Participants).await? {
            Given::Participants(people) => Ok(people),
            other => Err(unexpected(&other)),
        }
    }

    /// Name, zone, members or archive were changed in the store: a running room reads them again.
    pub async fn changed(&self, tenant: &TenantId, room: RoomId) {
        let key = RoomKey { tenant: tenant.clone(), room };
        // A registry that has ended has no room that could be out of date.
        self.registry.send(RoomChanged(key)).await.ok();
    }

    /// Takes a read of the tenant's share, for reads that need no room.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn admit(&self, tenant: &TenantId) -> Result<(), WireError> {
        self.allowed(self.tenants.request(tenant))
    }

    /// Takes the decoding of an operation of so many bytes of the tenant's share.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn admit_body(&self, tenant: &TenantId, size: usize) -> Result<(), WireError> {
        self.allowed(self.tenants.decoding(tenant, size))
    }

    /// Takes one look for the link of a calendar program, of all tenants' share.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn admit_key(&self) -> Result<(), WireError> {
        self.allowed(self.tenants.keyed_read())
    }

    fn allowed(&self, share: Result<(), u64>) -> Result<(), WireError> {
        share.map_err(|wait| {
            self.metrics.rate_limited(LimitScope::Tenant);
            WireError::rate_limited(wait)
        })
    }

    async fn ask(&self, who: &Principal, room: RoomRef, want: Want) -> Answer {
        self.admit(&who.tenant)?;
        self.pass_on(who, room, want).await
    }

    async fn pass_on(&self, who: &Principal, room: RoomRef, want: Want) -> Answer {
        let room = room.ok_or_else(WireError::not_found)?;
        let who = Arc::new(Caller { principal: who.clone(), session: None });
        let key = RoomKey { tenant: who.principal.tenant.clone(), room };
        let unavailable = |_| WireError::unavailable(500);
        let addr = self.registry.send(Open(key)).await.map_err(unavailable)?;
        let (reply, answer) = oneshot::channel();
        hand_over(&addr, Ask { who, want, reply: ReplyTo::rest(reply) });
        let answered = actix::clock::timeout(DEADLINE, answer).await;
        answered
            .map_err(|_| WireError::unavailable(500))?
            .map_err(|_| WireError::unavailable(200))?
    }
}

/// A room answered something else than what was asked.
fn unexpected(given: &Given) -> WireError {
    let incident = uuid::Uuid::now_v7().to_string();
    tracing::error!(incident, given = ?given, "a room gave the wrong kind of answer");
    WireError::internal(&incident)
}
