//! What a session does without being told: it looks at the clock, takes a POST's body, fills a waiting
//! poll, and notices that its queue is full or to be closed. One future a session, polled whenever
//! any of that could have changed.

use std::pin::Pin;
use std::task::{self, Poll, ready};
use std::time::Instant;

use actix::prelude::*;
use tokio::time::{Instant as TimerInstant, Sleep, sleep_until};

use super::{Phase, Session, Transport};
use crate::engineio::handler::Closed;
use crate::engineio::heartbeat::Beat;

/// The future.
pub(super) struct Pump {
    timer: Pin<Box<Sleep>>,
    set_for: Option<Instant>,
}

impl Pump {
    pub(super) fn new(first: Instant) -> Self {
        Self { timer: Box::pin(sleep_until(first.into())), set_for: None }
    }

    /// Ready when `deadline` has come by the timer.
    fn poll_timer(
        &mut self,
        deadline: Instant,
        now: Instant,
        cx: &mut task::Context<'_>,
    ) -> Poll<()> {
        if self.set_for != Some(deadline) || self.timer.is_elapsed() {
            // By the distance: the session's clock may be a test's.
            self.timer.as_mut().reset(TimerInstant::now() + deadline.duration_since(now));
            self.set_for = Some(deadline);
        }
        self.timer.as_mut().poll(cx)
    }
}

impl ActorFuture<Session> for Pump {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        session: &mut Session,
        ctx: &mut Context<Session>,
        cx: &mut task::Context<'_>,
    ) -> Poll<()> {
        loop {
            session.look_at_the_queue(cx);
            session.look_at_the_clock();
            session.poll_upload(ctx, cx);
            session.flush(cx);
            if session.phase == Phase::Over {
                ctx.stop();
                return Poll::Ready(());
            }
            let Some(deadline) = session.deadline() else { return Poll::Pending };
            let now = session.now();
            if deadline > now {
                ready!(self.poll_timer(deadline, now, cx));
            }
        }
    }
}

impl Session {
    /// Does what is due. Also called before every message, so that a late timer is never seen.
    pub(super) fn look_at_the_clock(&mut self) {
        let now = self.now();
        match self.phase {
            Phase::Open => {}
            Phase::Closing(until) if now >= until => return self.give_up(),
            Phase::Lingering(until) if now >= until => return self.finish(),
            _ => return,
        }
        match self.heartbeat.beat(now) {
            Beat::Quiet => {}
            Beat::Ping => self.outlet.ping(),
            Beat::End => return self.end(Closed::PingTimeout),
        }
        if let Transport::Polling(polling) = &mut self.transport
            && polling.candidate.as_ref().is_some_and(|candidate| candidate.until <= now)
        {
            polling.dismiss_candidate();
        }
        if self.handler.deadline().is_some_and(|at| at <= now) {
            self.handler.due(now);
        }
    }

    fn look_at_the_queue(&mut self, cx: &task::Context<'_>) {
        self.outlet.watch(cx);
        if self.phase != Phase::Open {
            return;
        }
        if self.outlet.is_full() && !std::mem::replace(&mut self.told_behind, true) {
            self.handler.behind();
        }
        if self.outlet.is_closing() {
            self.wind_down();
        }
    }
}
