//! Which session has which id. Every long-polling request asks here, because it may arrive on any
//! thread; nothing else does.

use std::collections::HashMap;

use actix::prelude::*;

use super::post::post;
use super::session::{Leave, Session};
use super::sid::Sid;

/// Requests that may wait; more callers wait outside.
const MAILBOX: usize = 256;
/// Entries below which nobody looks for dead ones.
const FEW: usize = 1_024;

/// The actor.
#[derive(Default)]
pub(super) struct Registry {
    sessions: HashMap<Sid, Addr<Session>>,
    look_at: usize,
    /// With this status, once the replica goes away.
    leaving: Option<u16>,
}

/// A session has begun.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Began(pub Sid, pub Addr<Session>);

/// A session has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Ended(pub Sid);

/// Who has this id?
#[derive(Message)]
#[rtype(result = "Option<Addr<Session>>")]
pub(super) struct Find(pub Sid);

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Began> for Registry {
    type Result = ();

    /// A session that died of a panic has not said so: they are cleared out whenever their number
    /// could have doubled.
    fn handle(&mut self, Began(sid, session): Began, _: &mut Self::Context) {
        if self.sessions.len() >= self.look_at {
            self.sessions.retain(|_, session| session.connected());
            self.look_at = FEW.max(self.sessions.len() * 2);
        }
        if let Some(status) = self.leaving {
            // Came in through a door that was closing.
            post(&session.clone().recipient(), Leave(status));
        }
        self.sessions.insert(sid, session);
    }
}

impl Handler<Leave> for Registry {
    type Result = ();

    fn handle(&mut self, Leave(status): Leave, _: &mut Self::Context) {
        self.leaving = Some(status);
        for session in self.sessions.values() {
            post(&session.clone().recipient(), Leave(status));
        }
    }
}

impl Handler<Ended> for Registry {
    type Result = ();

    fn handle(&mut self, Ended(sid): Ended, _: &mut Self::Context) {
        self.sessions.remove(&sid);
    }
}

impl Handler<Find> for Registry {
    type Result = Option<Addr<Session>>;

    fn handle(&mut self, Find(sid): Find, _: &mut Self::Context) -> Self::Result {
        self.sessions.get(&sid).filter(|session| session.connected()).cloned()
    }
}
