//! How a replica goes away so that nobody notices, step by step under one deadline, and what it tells
//! of its progress meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join;
use tokio::task::spawn_blocking;
use tokio::time::{interval, timeout};

use super::App;
use crate::actors::bridge::Part;
use crate::actors::drain::Empty;
use crate::actors::registry::StopAll;
use crate::protocol::code::CloseCode;
use crate::telemetry::metrics::{DrainStep, Label, Notice};
use crate::telemetry::{Metrics, Tracer};
use crate::time::Clock;

/// The longest time over which reconnects are spread.
const MAX_SPREAD: Duration = Duration::from_secs(20);
/// How long clients that poll have to fetch the end of what they were told.
const LAST_POLLS: Duration = Duration::from_secs(2);
/// How long the collector has at most to take the last spans.
const LAST_SPANS: Duration = Duration::from_secs(2);
/// Between two looks at the clock, and between two lines about the progress.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS_A_LINE: u32 = 5;

impl App {
    /// Not ready, then every session at its own moment, then the rooms with what they have in flight,
    /// then the bus, then the server. Never longer than the deadline.
    pub async fn drain(self, notice: Notice) {
        let progress = Progress::begin(&self, notice);
        let watching = actix::spawn(progress.clone().watch());
        let cut = self.move_sessions(&progress).await;
        let rooms = self.stop_rooms(&progress).await;
        progress.at(DrainStep::Polls);
        let patience = progress.left().min(LAST_POLLS);
        timeout(patience, self.socketio.emptied()).await.ok();
        let took_ms = progress.took().as_millis() as u64;
        tracing::info!(
            notice = notice.as_str(),
            sessions.cut = cut,
            rooms.stopped = rooms,
            took.ms = took_ms,
            "drained"
        );
        self.life.stop();
        // No more connections, and an end to the requests that are under way.
        progress.at(DrainStep::Requests);
        let last_spans = last_spans(&self.tracer, progress.deadline);
        timeout(progress.left().saturating_sub(last_spans), self.server.stop(true)).await.ok();
        finish(self.tracer, progress.left().min(last_spans)).await;
        watching.abort();
    }

    /// Tells how many had to be cut.
    async fn move_sessions(&self, progress: &Progress) -> usize {
        progress.at(DrainStep::Sessions);
        let deadline = progress.deadline.mul_f64(0.8);
        let spread = progress.deadline.mul_f64(0.5).min(MAX_SPREAD);
        let leaving = self.socketio.leave(spread, CloseCode::Restart.number());
        let emptying = self.drain.send(Empty { spread, deadline });
        let (emptied, _) = join(emptying, timeout(deadline, leaving)).await;
        emptied.unwrap_or_default()
    }

    /// Tells how many rooms have finished.
    async fn stop_rooms(&self, progress: &Progress) -> usize {
        progress.at(DrainStep::Rooms);
        let stopping = timeout(progress.deadline.mul_f64(0.1), self.registry.send(StopAll));
        let stopped = stopping.await.ok().and_then(Result::ok);
        // Last of all: whoever is still listed here goes everywhere.
        progress.at(DrainStep::Bus);
        timeout(progress.deadline.mul_f64(0.05), self.bridge.send(Part)).await.ok();
        stopped.unwrap_or_default()
    }
}

/// What of the deadline the last spans may take.
fn last_spans(tracer: &Tracer, deadline: Duration) -> Duration {
    if tracer.is_on() { LAST_SPANS.min(deadline / 20) } else { Duration::ZERO }
}

/// Sends what is left of the traces. The exporter has its own thread, but waiting for it blocks one too.
async fn finish(tracer: Tracer, patience: Duration) {
    if !tracer.is_on() {
        return;
    }
    let sending = spawn_blocking(move || tracer.finish(patience));
    timeout(patience, sending).await.ok();
}

/// Where a drain is, for metrics and the log.
#[derive(Clone)]
struct Progress {
    began: Instant,
    deadline: Duration,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Progress {
    fn begin(app: &App, notice: Notice) -> Self {
        app.life.drain();
        app.metrics.drain_notices_total.of(notice).inc();
        let deadline = app.deadline;
        let deadline_ms = deadline.as_millis() as u64;
        tracing::info!(notice = notice.as_str(), deadline.ms = deadline_ms, "draining");
        let (clock, metrics) = (app.clock.clone(), app.metrics.clone());
        Self { began: clock.monotonic(), deadline, clock, metrics }
    }

    fn at(&self, step: DrainStep) {
        for one in DrainStep::ALL {
            self.metrics.drain_step.of(*one).set(usize::from(*one == step));
        }
    }

    fn step(&self) -> &'static str {
        let now = DrainStep::ALL.iter().find(|step| self.metrics.drain_step.of(**step).get() == 1);
        now.map_or("", |step| step.as_str())
    }

    fn took(&self) -> Duration {
        self.clock.monotonic() - self.began
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.took())
    }

    /// Until it is aborted.
    async fn watch(self) {
        let mut looks = interval(LOOK);
        for look in 0.. {
            looks.tick().await;
            self.metrics.drain_left_seconds.set(self.left());
            if look > 0 && look % LOOKS_A_LINE == 0 {
                let sessions = self.metrics.drain_sessions_remaining.get();
                let left_ms = self.left().as_millis() as u64;
                let step = self.step();
                tracing::info!(step, sessions.left = sessions, left.ms = left_ms, "still draining");
            }
        }
    }
}
