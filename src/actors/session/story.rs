//! What a session's requests are recorded as part of. Those that come with its beginning belong to the
//! trace of its handshake; a session may last for days and a trace should not, so that later each is
//! the first of a trace of its own.

use std::time::{Duration, Instant};

use crate::telemetry::Tracer;
use crate::telemetry::trace::{Kind, Parent, Span};

/// Requests after which a session is no longer beginning.
const FIRST: u8 = 32;
/// Time after which it isn't either.
const BEGINNING: Duration = Duration::from_secs(60);

/// What it belongs to.
#[derive(Debug)]
pub(super) struct Story {
    tracer: Tracer,
    handshake: Option<Parent>,
    left: u8,
    until: Instant,
}

impl Story {
    /// Of a session that begins `now`; without `handshake` that is not recorded.
    pub(super) fn new(tracer: Tracer, handshake: Option<Parent>, now: Instant) -> Self {
        Self { tracer, handshake, left: FIRST, until: now + BEGINNING }
    }

    /// The span of a request that came `now`.
    pub(super) fn request(&mut self, name: &'static str, now: impl FnOnce() -> Instant) -> Span {
        if !self.tracer.is_on() {
            return Span::none();
        }
        if self.left > 0 && now() < self.until {
            self.left -= 1;
            return self.tracer.child(name, Kind::Server, self.handshake);
        }
        self.left = 0;
        self.tracer.begin(name, Kind::Server, self.handshake)
    }
}
