//! How many connections the process may hold: each takes two descriptors, one of them to cut it with.

/// Descriptors for everything that is no client: files, the database, listeners, probes.
const OURS: u64 = 256;
/// Descriptors of one client.
const EACH: u64 = 2;

/// Raises the process's limit as far as it may and tells how many of `wanted` connections fit.
/// Beyond that an accepted socket could not be prepared, and its client would wait for nothing: it is
/// refused with `busy` instead.
pub(super) fn connections(wanted: usize) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1_024);
    let fit = usize::try_from(limit.saturating_sub(OURS) / EACH).unwrap_or(usize::MAX);
    if fit < wanted {
        tracing::warn!(
            limits.max_connections = wanted,
            descriptors = limit,
            connections = fit,
            "the limit on open files allows fewer connections than are configured"
        );
    }
    wanted.min(fit)
}
