//! How tests wait: for a condition, with a bound that only a failure reaches.

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up. A bound on failure, never an assertion: a
/// healthy service answers in milliseconds.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Waits for `work`, and fails the test naming `what` was awaited if it takes longer than
/// [`PATIENCE`].
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// Asks `attempt` again and again until it gives something, at most [`PATIENCE`] long.
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        loop {
            if let Some(value) = attempt().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}
