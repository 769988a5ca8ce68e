//! Who the client is, from its first token to the end of the last one.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use serde_json::Number;

use super::Session;
use crate::actors::measure::Measure;
use crate::actors::room::Caller;
use crate::auth::{AuthError, Principal};
use crate::domain::Instant;
use crate::protocol::MAX_MESSAGE_BYTES;
use crate::protocol::code::CloseCode;
use crate::protocol::error::WireError;
use crate::protocol::server::{Expiry, Limits, ServerMessage, Welcome};
use crate::protocol::text::Text;

impl Session {
    /// Ends the session unless it says who it is in time.
    pub(super) fn await_authentication(&mut self, ctx: &mut Context<Self>) {
        ctx.run_later(self.deps.config.auth_deadline, |session, ctx| {
            if session.caller.is_none() {
                session.close(CloseCode::Unauthenticated, ctx);
            }
        });
    }

    /// The client's first token.
    pub(super) fn authenticate(
        &mut self,
        token: &str,
        re: Option<&Number>,
        ctx: &mut Context<Self>,
    ) {
        match self.verify(token) {
            Ok(principal) => {
                self.become_known(principal);
                self.welcome(ctx);
            }
            Err(error) => {
                self.say(re, &ServerMessage::Error(refused(&error)));
                self.close(close_code(&error), ctx);
            }
        }
    }

    /// A new token for the same person.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        ctx: &mut Context<Self>,
    ) -> Result<ServerMessage, WireError> {
        let principal = self.verify(token).map_err(|error| refused(&error))?;
        let same = self.caller.as_ref().is_some_and(|caller| {
            caller.principal.user == principal.user && caller.principal.tenant == principal.tenant
        });
        if !same {
            return Err(WireError::forbidden("a refresh can't change the user or the tenant"));
        }
        let expires_at = Text(principal.expires_at);
        self.become_known(principal);
        self.introduce();
        self.watch_expiry(ctx);
        Ok(ServerMessage::Refreshed(Expiry { expires_at }))
    }

    /// The first message of every session.
    /// A push, also after an `authenticate` with an `id`.
    pub(super) fn welcome(&mut self, ctx: &mut Context<Self>) {
        let Some(caller) = self.caller.clone() else { return };
        let (deps, who) = (&self.deps, &caller.principal);
        let welcome = ServerMessage::Welcome(Welcome {
            session_id: Text(self.id.clone()),
            user_id: Text(who.user.clone()),
            tenant_id: Text(who.tenant.clone()),
            name: who.name.clone(),
            server_time: Text(deps.clock.now()),
            node: deps.node.to_string(),
            version: deps.version.to_string(),
            limits: Limits {
                max_message_bytes: MAX_MESSAGE_BYTES,
                ops_per_second: deps.limits.ops_per_second,
                presence_per_second: deps.limits.presence_per_second,
            },
            presence_tick_ms: deps.config.presence_tick.as_millis() as u64,
        });
        self.push(&welcome);
        self.introduce();
        self.watch_expiry(ctx);
    }

    fn verify(&self, token: &str) -> Result<Principal, AuthError> {
        let verified = self.deps.authenticator.verify(token, self.deps.clock.now());
        verified.inspect_err(|error| self.deps.metrics.auth_failure(error))
    }

    fn become_known(&mut self, principal: Principal) {
        let session = Some(self.id.clone());
        self.caller = Some(Arc::new(Caller { principal, session }));
    }

    /// Warns before the token ends and closes after its grace. A refresh starts this anew.
    fn watch_expiry(&mut self, ctx: &mut Context<Self>) {
        if let Some(old) = self.expiry.take() {
            ctx.cancel_future(old);
        }
        let Some(ends) = self.caller.as_ref().map(|caller| caller.principal.expires_at) else {
            return;
        };
        let warning = self.until(ends).saturating_sub(self.deps.config.token_warning);
        self.expiry = Some(ctx.run_later(warning, move |session, ctx| {
            let expires_at = Text(ends);
            session.push(&ServerMessage::TokenExpiring(Expiry { expires_at }));
            let rest = session.until(ends) + session.deps.config.token_grace;
            session.expiry = Some(ctx.run_later(rest, |session, ctx| {
                session.close(CloseCode::TokenExpired, ctx);
            }));
        }));
    }

    fn until(&self, then: Instant) -> Duration {
        Duration::from_millis((then.0 - self.deps.clock.now().0).max(0) as u64)
    }
}

/// What a client is told whose token is not taken.
pub fn refused(error: &AuthError) -> WireError {
    match error {
        AuthError::Expired => WireError::token_expired(),
        _ => WireError::unauthenticated(error.to_string()),
    }
}

fn close_code(error: &AuthError) -> CloseCode {
    match error {
        AuthError::Expired => CloseCode::TokenExpired,
        _ => CloseCode::Unauthenticated,
    }
}
