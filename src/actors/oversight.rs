//! The way of operators to what is alive: asks the directory, the rooms and the sessions of one tenant,
//! many at once and never longer than a moment. Who does not answer is left out.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc;

use super::drain::{Card, CountOf, Drain, Listing};
use super::lookout::{Followers, Lookout, Watch, Went, Whom};
use super::registry::{Registry, RunningOf};
use super::room::{Examine, Inspect, Room};
use super::session::{Close, Describe, Described, Session, TenantRates};
use crate::domain::{RoomId, SessionId, TenantId, UserId};
use crate::protocol::code::CloseCode;
use crate::protocol::error::WireError;
use crate::protocol::operator::{OperationsBody, RoomDetail, RoomFacts, Sight};
use crate::telemetry::metrics::Transport;

/// How long somebody may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many are asked at the same time.
const AT_ONCE: usize = 64;

/// A cheap handle.
#[derive(Clone)]
pub struct Oversight {
    registry: Addr<Registry>,
    drain: Addr<Drain>,
    lookout: Addr<Lookout>,
    rates: Arc<TenantRates>,
}

/// A session as the directory and it itself describe it.
pub struct SessionSeen {
    /// Which.
    pub id: SessionId,
    /// As the directory knows it.
    pub card: Card,
    /// What it said itself, when it did.
    pub said: Option<Described>,
}

impl Oversight {
    /// A handle to these.
    #[must_use]
    pub fn new(
        registry: Addr<Registry>,
        drain: Addr<Drain>,
        lookout: Addr<Lookout>,
        rates: Arc<TenantRates>,
    ) -> Self {
        Self { registry, drain, lookout, rates }
    }

    /// Takes one request of the operators' share.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn admit(&self, tenant: &TenantId) -> Result<(), WireError> {
        self.rates.operator(tenant).map_err(WireError::rate_limited)
    }

    /// Rooms that run, by id.
    ///
    /// # Errors
    /// `unavailable` when the replica ends.
    pub async fn running(&self, tenant: &TenantId) -> Result<Vec<(RoomId, Addr<Room>)>, WireError> {
        let mut rooms = soon(self.registry.send(RunningOf(tenant.clone()))).await?;
        rooms.sort_by_key(|(room, _)| *room);
        Ok(rooms)
    }

    /// What these rooms say of themselves, in order.
    pub async fn inspect(
        &self,
        rooms: Vec<(RoomId, Addr<Room>)>,
    ) -> Vec<(RoomId, Option<RoomFacts>)> {
        let asked = rooms
            .into_iter()
            .map(async |(room, addr)| (room, soon(addr.send(Inspect)).await.ok().flatten()));
        stream::iter(asked).buffered(AT_ONCE).collect().await
    }

    /// One room in full; `None` when it does not run here for this tenant.
    ///
    /// # Errors
    /// `unavailable` when it does not answer.
    pub async fn examine(
        &self,
        tenant: &TenantId,
        room: RoomId,
    ) -> Result<Option<RoomDetail>, WireError> {
        let running = self.running(tenant).await?;
        match running.into_iter().find(|(known, _)| *known == room) {
            Some((_, addr)) => soon(addr.send(Examine)).await,
            None => Ok(None),
        }
    }

    /// Sessions of a tenant by id, as the directory knows them.
    ///
    /// # Errors
    /// `unavailable` when the replica ends.
    pub async fn sessions(
        &self,
        tenant: &TenantId,
        user: Option<UserId>,
    ) -> Result<Vec<(SessionId, Card, Addr<Session>)>, WireError> {
        soon(self.drain.send(Listing { tenant: tenant.clone(), user, session: None })).await
    }

    /// What these sessions say of themselves, in order.
    pub async fn describe(
        &self,
        sessions: Vec<(SessionId, Card, Addr<Session>)>,
    ) -> Vec<SessionSeen> {
        let asked = sessions.into_iter().map(async |(id, card, addr)| {
            let said = soon(addr.send(Describe)).await.ok();
            SessionSeen { id, card, said }
        });
        stream::iter(asked).buffered(AT_ONCE).collect().await
    }

    /// How many sessions there are, by transport.
    ///
    /// # Errors
    /// `unavailable` when the replica ends.
    pub async fn count(&self, tenant: &TenantId) -> Result<Vec<(Transport, usize)>, WireError> {
        soon(self.drain.send(CountOf(tenant.clone()))).await
    }

    /// How operations went.
    ///
    /// # Errors
    /// `unavailable` when the replica ends.
    pub async fn went(&self, tenant: &TenantId) -> Result<OperationsBody, WireError> {
        soon(self.lookout.send(Went(tenant.clone()))).await
    }

    /// How many followers a tenant has.
    ///
    /// # Errors
    /// `unavailable` when the replica ends.
    pub async fn followers(&self, tenant: &TenantId) -> Result<usize, WireError> {
        soon(self.lookout.send(Followers(tenant.clone()))).await
    }

    /// Begins to follow.
    ///
    /// # Errors
    /// `busy` when as many as may follow do.
    pub async fn watch(
        &self,
        tenant: &TenantId,
        whom: Whom,
    ) -> Result<mpsc::Receiver<Arc<Sight>>, WireError> {
        soon(self.lookout.send(Watch { tenant: tenant.clone(), whom })).await?
    }

    /// The session of a tenant with that id.
    ///
    /// # Errors
    /// `unavailable` when the replica ends.
    pub async fn find(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<Addr<Session>>, WireError> {
        let wanted = Listing { tenant: tenant.clone(), user: None, session: Some(id) };
        Ok(soon(self.drain.send(wanted)).await?.pop().map(|(_, _, addr)| addr))
    }

    /// Closes a session. It is told even when it is busy.
    pub fn close(&self, session: &Addr<Session>, code: CloseCode) {
        super::post::post_to(session, Close(code));
    }
}

async fn soon<T>(answer: impl Future<Output = Result<T, MailboxError>>) -> Result<T, WireError> {
    let answered = actix::clock::timeout(PATIENCE, answer).await;
    answered.ok().and_then(Result::ok).ok_or_else(|| WireError::unavailable(500))
}
