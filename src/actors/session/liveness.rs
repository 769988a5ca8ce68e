//! Heartbeat: a ping every interval, an end when nothing at all came for the timeout after it. It
//! runs here and not in the socket, which stands still when its client does not read.

use actix::prelude::*;

use super::Session;
use crate::protocol::code::CloseCode;

impl Session {
    /// Waits for the next ping.
    pub(super) fn watch(&mut self, ctx: &mut Context<Self>) {
        ctx.run_later(self.deps.config.ping_interval, Self::ping);
    }

    /// Anything came from the client.
    pub(super) fn hear(&mut self) {
        self.silent = false;
    }

    fn ping(&mut self, ctx: &mut Context<Self>) {
        self.silent = true;
        // A queue too full for a ping is the slow verdict's matter.
        self.outlet.ping().ok();
        ctx.run_later(self.deps.config.ping_timeout, Self::judge);
    }

    fn judge(&mut self, ctx: &mut Context<Self>) {
        if self.silent {
            return self.close(CloseCode::HeartbeatTimeout, ctx);
        }
        let config = &self.deps.config;
        ctx.run_later(config.ping_interval.saturating_sub(config.ping_timeout), Self::ping);
    }
}
