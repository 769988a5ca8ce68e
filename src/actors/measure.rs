//! One-line records of what happened, so that call sites stay readable.

use std::time::Duration;

use crate::auth::AuthError;
use crate::store::StoreError;
use crate::telemetry::metrics::{
    AuthFailure, Label, LimitScope, Metrics, OpKind, Outcome, ResyncReason, StoreFailure,
};

/// What the actors record.
pub trait Measure {
    /// An operation was answered; names that the catalogue does not have are not counted.
    fn operation(&self, kind: &str, outcome: &str);
    /// A frame went to so many members in so long.
    fn fanout(&self, members: usize, took: Duration);
    /// An append ended.
    fn append(&self, rooms: usize, events: usize, took: Duration);
    /// The store did not answer.
    fn store_error(&self, error: &StoreError);
    /// A token was refused.
    fn auth_failure(&self, error: &AuthError);
    /// A rate was passed.
    fn rate_limited(&self, scope: LimitScope);
    /// A member has to join again.
    fn resync(&self, reason: ResyncReason);
}

impl Measure for Metrics {
    fn operation(&self, kind: &str, outcome: &str) {
        if let (Some(kind), Some(outcome)) = (OpKind::parse(kind), Outcome::parse(outcome)) {
            self.operations_total.of(kind, outcome).inc();
        }
    }

    fn fanout(&self, members: usize, took: Duration) {
        self.fanout_frames_total.add(members);
        self.fanout_seconds.observe(took);
    }

    fn append(&self, rooms: usize, events: usize, took: Duration) {
        self.append_batch_rooms.observe(rooms);
        self.append_batch_events.observe(events);
        self.append_seconds.observe(took);
    }

    fn store_error(&self, error: &StoreError) {
        let kind = match error {
            StoreError::Unavailable(_) => StoreFailure::Unavailable,
            StoreError::Failed(_) => StoreFailure::Failed,
        };
        self.store_errors_total.of(kind).inc();
    }

    fn auth_failure(&self, error: &AuthError) {
        let reason = match error {
            AuthError::Missing => AuthFailure::Missing,
            AuthError::Invalid { .. } => AuthFailure::Invalid,
            AuthError::Expired => AuthFailure::Expired,
        };
        self.auth_failures_total.of(reason).inc();
    }

    fn rate_limited(&self, scope: LimitScope) {
        self.rate_limited_total.of(scope).inc();
    }

    fn resync(&self, reason: ResyncReason) {
        self.resyncs_total.of(reason).inc();
    }
}
