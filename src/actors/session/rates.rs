//! How much one client, and one tenant on this replica, may ask for.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Limits;
use crate::domain::TenantId;

/// The shares of a replica's operations; one for all sessions.
pub struct TenantRates {
    clock: DefaultClock,
    ops: DefaultKeyedRateLimiter<TenantId>,
    most_ops: NonZeroU32,
    decoding: DefaultKeyedRateLimiter<TenantId>,
    requests: DefaultKeyedRateLimiter<TenantId>,
    operators: DefaultKeyedRateLimiter<TenantId>,
    keys: DefaultDirectRateLimiter,
}

/// Bytes up to which only a message's operations count: any one change with ordinary notes.
const SHORT: usize = 1_024;
/// Bytes beyond which a message may be refused before it is decoded: no token is so long, no selection,
/// and hardly any single change.
const LONG: usize = 9 * 1_024;
/// As many bytes of a message that is not short count as an operation: about what one has.
const UNIT: usize = 256;

/// Requests a second of one tenant's operators, apart from the tenant's own.
const OPERATOR_REQUESTS: u32 = 50;
/// Calendars read a second by link, of all tenants: whose they are shows only when one was looked for.
const KEYED_READS: u32 = 100;

impl TenantRates {
    /// The shares that `limits` give.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let keyed = |rate| RateLimiter::keyed(quota(rate, rate));
        Self {
            clock: DefaultClock::default(),
            ops: keyed(limits.tenant_ops_per_second),
            most_ops: positive(limits.tenant_ops_per_second),
            decoding: keyed(limits.tenant_ops_per_second.saturating_mul(2)),
            requests: keyed(limits.tenant_requests_per_second),
            operators: keyed(OPERATOR_REQUESTS),
            keys: RateLimiter::direct(quota(KEYED_READS, KEYED_READS)),
        }
    }

    /// Takes so many operations, in a message of so many bytes, of the tenant's share: a long message
    /// counts by its length, for it is decided, kept and sent to every member whole. Of more than the
    /// share ever holds, all that it holds.
    ///
    /// # Errors
    /// Milliseconds after which there are as many again.
    pub fn operations(&self, tenant: &TenantId, count: usize, bytes: usize) -> Result<(), u64> {
        self.take_many(&self.ops, tenant, count.max(self.of_length(bytes)))
    }

    /// Takes the decoding of a message of so many bytes: twice what the tenant's operations may have, so
    /// that a flood of long messages is refused for less than they cost. All others are always decoded.
    ///
    /// # Errors
    /// Milliseconds after which it may be decoded.
    pub fn decoding(&self, tenant: &TenantId, bytes: usize) -> Result<(), u64> {
        if bytes <= LONG {
            return Ok(());
        }
        self.take_many(&self.decoding, tenant, self.of_length(bytes))
    }

    /// As how many operations a message counts for its length alone. At most a quarter of the share: what
    /// needs all of it would find it full only when nobody else does anything.
    fn of_length(&self, bytes: usize) -> usize {
        let most = self.most_ops.get() as usize / 4;
        if bytes > SHORT { (bytes / UNIT).min(most) } else { 0 }
    }

    fn take_many(
        &self,
        share: &DefaultKeyedRateLimiter<TenantId>,
        tenant: &TenantId,
        count: usize,
    ) -> Result<(), u64> {
        let count = positive(u32::try_from(count).unwrap_or(u32::MAX)).min(self.most_ops);
        // It never asks for more than there can be.
        let Ok(taken) = share.check_key_n(tenant, count) else { return Ok(()) };
        taken.map_err(|not_yet| millis(not_yet.wait_time_from(self.clock.now())))
    }

    /// Takes one REST request of the tenant's share.
    ///
    /// # Errors
    /// Milliseconds after which there is one again.
    pub fn request(&self, tenant: &TenantId) -> Result<(), u64> {
        self.take(&self.requests, tenant)
    }

    /// Takes one request of the share of a tenant's operators.
    ///
    /// # Errors
    /// Milliseconds after which there is one again.
    pub fn operator(&self, tenant: &TenantId) -> Result<(), u64> {
        self.take(&self.operators, tenant)
    }

    /// Takes one look for the link that a calendar program names.
    ///
    /// # Errors
    /// Milliseconds after which there is one again.
    pub fn keyed_read(&self) -> Result<(), u64> {
        let checked = self.keys.check();
        checked.map_err(|not_yet| millis(not_yet.wait_time_from(self.clock.now())))
    }

    fn take(
        &self,
        share: &DefaultKeyedRateLimiter<TenantId>,
        tenant: &TenantId,
    ) -> Result<(), u64> {
        share.check_key(tenant).map_err(|not_yet| millis(not_yet.wait_time_from(self.clock.now())))
    }

    /// Forgets tenants that are quiet, so that their number is bounded by those who are not.
    pub fn sweep(&self) {
        self.ops.retain_recent();
        self.decoding.retain_recent();
        self.requests.retain_recent();
        self.operators.retain_recent();
    }
}

/// The rates of one session.
pub(super) struct Rates {
    clock: DefaultClock,
    ops: DefaultDirectRateLimiter,
    presence: DefaultDirectRateLimiter,
    requests: DefaultDirectRateLimiter,
    refused: DefaultDirectRateLimiter,
    conflated: DefaultDirectRateLimiter,
}

impl Rates {
    pub(super) fn new(limits: &Limits) -> Self {
        let presence = limits.presence_per_second;
        let requests = limits.requests_per_second;
        Self {
            clock: DefaultClock::default(),
            ops: RateLimiter::direct(quota(limits.ops_per_second, limits.ops_burst)),
            presence: RateLimiter::direct(quota(presence, presence)),
            requests: RateLimiter::direct(quota(requests, requests.saturating_mul(2))),
            // A client that keeps on after this many refusals does not listen to them.
            refused: RateLimiter::direct(quota(limits.ops_per_second, limits.ops_burst * 10)),
            // A pointer may be read more often than it is passed on, but not without end.
            conflated: RateLimiter::direct(quota(presence * 10, presence * 20)),
        }
    }

    pub(super) fn operation(&self) -> Result<(), u64> {
        self.check(&self.ops)
    }

    pub(super) fn request(&self) -> Result<(), u64> {
        self.check(&self.requests)
    }

    pub(super) fn presence(&self) -> Result<(), u64> {
        self.check(&self.presence)
    }

    /// Counts a presence message that came too early; false when there were so many that no pointer
    /// moves like that.
    pub(super) fn may_conflate(&self) -> bool {
        self.conflated.check().is_ok()
    }

    /// Counts a refusal; false when there were so many that the client has to go.
    pub(super) fn may_go_on(&self) -> bool {
        self.refused.check().is_ok()
    }

    fn check(&self, limiter: &DefaultDirectRateLimiter) -> Result<(), u64> {
        limiter.check().map_err(|not_yet| millis(not_yet.wait_time_from(self.clock.now())))
    }
}

fn quota(per_second: u32, burst: u32) -> Quota {
    Quota::per_second(positive(per_second)).allow_burst(positive(burst))
}

fn positive(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

/// Rounded up, so that a client that waits this long is let through.
fn millis(wait: Duration) -> u64 {
    wait.as_millis() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).expect("a name")
    }

    /// Fifteen long notes in one message cost fifteen times what one costs; as one operation they let a
    /// tenant write fifteen times its share.
    #[test]
    fn each_operation_of_a_batch_counts_in_the_tenants_share() {
        let limits = Limits { tenant_ops_per_second: 100, ..Limits::default() };
        let rates = TenantRates::new(&limits);
        let south = tenant("south");
        assert!(rates.operations(&south, 60, 0).is_ok());
        let wait = rates.operations(&south, 60, 0).expect_err("forty are left");
        assert!((1..=201).contains(&wait), "twenty come in 200 ms: {wait}");
        assert!(rates.operations(&south, 30, 0).is_ok(), "what was refused took nothing");
        assert!(rates.operations(&tenant("north"), 60, 0).is_ok());
    }

    /// A hundred long messages a second are a hundred times what moves cost everybody.
    #[test]
    fn a_long_message_counts_by_its_length_up_to_a_quarter_of_the_share() {
        let limits = Limits { tenant_ops_per_second: 40, ..Limits::default() };
        let rates = TenantRates::new(&limits);
        let prices = [SHORT, 8 * UNIT, 10 * UNIT, 200 * UNIT].map(|bytes| rates.of_length(bytes));
        assert_eq!(prices, [0, 8, 10, 10]);
        for name in ["south", "north"] {
            for bytes in [10 * UNIT, 200 * UNIT, 10 * UNIT, 200 * UNIT] {
                assert!(rates.operations(&tenant(name), 1, bytes).is_ok());
            }
            assert!(rates.operations(&tenant(name), 1, 10 * UNIT).is_err(), "ten come in 250 ms");
        }
    }

    /// Refused only after it was decoded, a flood of long messages cost everybody as much as if it were
    /// let in.
    #[test]
    fn twice_the_share_is_decoded() {
        let limits = Limits { tenant_ops_per_second: 40, ..Limits::default() };
        let rates = TenantRates::new(&limits);
        let south = tenant("south");
        for _ in 0..8 {
            assert!(rates.decoding(&south, LONG + 1).is_ok());
        }
        let wait = rates.decoding(&south, LONG + 1).expect_err("all eighty are taken");
        assert!((1..=126).contains(&wait), "ten come in 125 ms: {wait}");
        assert!(rates.decoding(&south, LONG).is_ok(), "any other is");
        assert!(rates.decoding(&tenant("north"), 1_000_000).is_ok());
    }

    #[test]
    fn a_batch_larger_than_the_share_takes_all_of_it() {
        // One comes back in half a second.
        let limits = Limits { tenant_ops_per_second: 2, ..Limits::default() };
        let rates = TenantRates::new(&limits);
        assert!(rates.operations(&tenant("south"), 100, 0).is_ok());
        assert!(rates.operations(&tenant("south"), 1, 0).is_err());
    }
}
