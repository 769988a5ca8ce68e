//! How the process shares its descriptors out. Each connection takes one; beyond them an accepted socket could not
//! be served, nor a database or another replica be dialled.

/// For everything that is no connection of a client: files, the database, the bus, listeners.
const OURS: u64 = 256;
/// The most for probes and REST beside sessions.
const BESIDE: u64 = 1_000;
/// The most for the far side of requests and WebSockets that are passed on to another replica.
const FORWARDED: u64 = 5_000;

/// So many of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shares {
    /// Sessions; one more is refused with `busy`.
    pub(super) sessions: usize,
    /// Connections beside them.
    pub(super) beside: usize,
    /// Connections to other replicas.
    pub(super) forwarded: usize,
}

/// Raises the process's limit as far as it may and shares it out, with `wanted` sessions at most.
pub(super) fn share(wanted: usize) -> Shares {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1_024);
    let shares = of(limit, wanted);
    if shares.sessions < wanted {
        tracing::warn!(
            limits.max_connections = wanted,
            descriptors = limit,
            connections = shares.sessions,
            "the limit on open files allows fewer connections than are configured"
        );
    }
    shares
}

fn of(limit: u64, wanted: usize) -> Shares {
    let left = limit.saturating_sub(OURS);
    let (beside, forwarded) = (BESIDE.min(left / 6), FORWARDED.min(left / 6));
    let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
    let sessions = wanted.min(number(left - beside - forwarded));
    Shares { sessions, beside: number(beside), forwarded: number(forwarded) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_fit_the_limit_and_none_is_forgotten() {
        for limit in [1_024, 4_096, 20_000, 65_535, 1_048_576] {
            let Shares { sessions, beside, forwarded } = of(limit, usize::MAX);
            assert!(sessions > beside && beside > 100 && forwarded > 100, "{limit}");
            assert_eq!((sessions + beside + forwarded) as u64 + OURS, limit);
        }
        assert_eq!(of(65_535, 9_000).sessions, 9_000);
        assert_eq!(of(0, 9_000), Shares { sessions: 0, beside: 0, forwarded: 0 });
    }
}
