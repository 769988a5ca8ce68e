//! A start that outlives a restart of the database: an orchestrator that starts a replica then would see
//! it fail, and count that against a deployment.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Error;

/// How long it is tried; a wrong address must not look like a slow one for long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Tries until it works, fails for good, or has been tried for long enough. `attempt` must change
/// nothing when it fails.
///
/// # Errors
/// The last attempt's.
pub(super) async fn patiently<T, E: Into<Error>>(
    attempt: impl AsyncFn() -> Result<T, E>,
) -> Result<T, Error> {
    let until = Instant::now() + PATIENCE;
    loop {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) => error.into(),
        };
        if !error.is_passing() || Instant::now() >= until {
            return Err(error);
        }
        tracing::warn!(%error, "can't start yet, trying again");
        sleep(PAUSE).await;
    }
}
