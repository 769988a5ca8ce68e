//! Who is connected, for operators: sessions of one tenant, with what is known of them without asking
//! each.

use std::sync::Arc;

use actix::prelude::*;

use super::Drain;
use crate::actors::lookout::Seen;
use crate::actors::room::Caller;
use crate::actors::session::Session;
use crate::domain::{Instant, SessionId, TenantId, UserId};
use crate::protocol::operator::{Connection, Disconnection, Sight};
use crate::protocol::text::Text;
use crate::telemetry::metrics::{Label, Transport};

/// What is known of a session that has said who it is.
#[derive(Clone)]
pub struct Card {
    /// Who, as of the newest token.
    pub who: Arc<Caller>,
    /// How its messages travel.
    pub transport: Transport,
    /// Since when it is known.
    pub since: Instant,
}

/// A session has said who it is, again with each new token, or travels another way.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Known {
    /// Which.
    pub id: SessionId,
    /// Who, as of the newest token.
    pub who: Arc<Caller>,
    /// How its messages travel.
    pub transport: Transport,
}

/// Sessions of a tenant, all or one person's, by id.
#[derive(Message)]
#[rtype(result = "Vec<(SessionId, Card, Addr<Session>)>")]
pub struct Listing {
    /// Whose.
    pub tenant: TenantId,
    /// Of this person alone.
    pub user: Option<UserId>,
    /// Of this session alone.
    pub session: Option<SessionId>,
}

/// How many sessions a tenant has, by transport.
#[derive(Message)]
#[rtype(result = "Vec<(Transport, usize)>")]
pub struct CountOf(pub TenantId);

impl Drain {
    /// Tells followers that a session has ended.
    pub(super) fn tell_gone(&self, id: &SessionId, card: &Card) {
        let who = &card.who.principal;
        let gone = Disconnection {
            at: Text(self.clock.now()),
            session_id: Text(id.clone()),
            user_id: Text(who.user.clone()),
        };
        self.tell_lookout(who.tenant.clone(), Sight::Disconnected(gone));
    }

    fn tell_here(&self, id: &SessionId, card: &Card) {
        let who = &card.who.principal;
        let here = Connection {
            at: Text(self.clock.now()),
            session_id: Text(id.clone()),
            user_id: Text(who.user.clone()),
            name: who.name.clone(),
            transport: card.transport.as_str(),
        };
        self.tell_lookout(who.tenant.clone(), Sight::Connected(here));
    }

    fn tell_lookout(&self, tenant: TenantId, sight: Sight) {
        self.lookout.try_send(Seen { tenant, sight }).ok();
    }
}

impl Handler<Known> for Drain {
    type Result = ();

    fn handle(&mut self, Known { id, who, transport }: Known, _: &mut Self::Context) {
        let since = self.clock.now();
        let Some(entry) = self.sessions.get_mut(&id) else { return };
        let since = entry.card.as_ref().map_or(since, |card| card.since);
        let card = Card { who, transport, since };
        if entry.card.replace(card.clone()).is_none() {
            self.tell_here(&id, &card);
        }
    }
}

impl Handler<Listing> for Drain {
    type Result = MessageResult<Listing>;

    fn handle(&mut self, of: Listing, _: &mut Self::Context) -> Self::Result {
        let wanted = |id: &SessionId, card: &Card| {
            card.who.principal.tenant == of.tenant
                && of.user.as_ref().is_none_or(|user| card.who.principal.user == *user)
                && of.session.as_ref().is_none_or(|session| id == session)
        };
        let found = self.sessions.iter().filter_map(|(id, entry)| {
            let card = entry.card.as_ref().filter(|card| wanted(id, card))?;
            Some((id.clone(), card.clone(), entry.addr.clone()))
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        MessageResult(found)
    }
}

impl Handler<CountOf> for Drain {
    type Result = MessageResult<CountOf>;

    fn handle(&mut self, CountOf(tenant): CountOf, _: &mut Self::Context) -> Self::Result {
        let cards = || self.sessions.values().filter_map(|entry| entry.card.as_ref());
        let own = |card: &&Card| card.who.principal.tenant == tenant;
        let count = |transport: Transport| {
            cards().filter(own).filter(|card| card.transport == transport).count()
        };
        MessageResult(Transport::ALL.iter().map(|way| (*way, count(*way))).collect())
    }
}
