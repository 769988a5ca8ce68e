//! What the load balancer of AWS says of this replica: asks for the health of its own target, and begins
//! the drain when the target is being taken off. ECS tells a task nothing at that time: its SIGTERM
//! comes when the sockets have been cut. Signs its own requests; knows no sessions.

mod client;
mod credentials;
mod health;
mod place;
mod target_group;

use std::time::Duration;

pub use credentials::{Keys, Source};
pub use place::Place;
pub use target_group::TargetGroup;

use crate::lifecycle::{Lifecycle, Phase};
use crate::telemetry::metrics::Notice;
use crate::time::Clock;
use client::Client;
use credentials::Credentials;
use health::{Health, Watcher};

/// The longest pause after failures.
const MOST: Duration = Duration::from_secs(60);

/// Whom to ask about what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where this replica is a target.
    pub target_group: TargetGroup,
    /// Of the target.
    pub place: Place,
    /// Between two questions while they are answered.
    pub every: Duration,
    /// Instead of the region's own endpoint.
    pub endpoint: Option<String>,
    /// Who asks.
    pub credentials: Source,
}

/// Asks until the target is taken off, and begins the drain then; or until one has begun otherwise.
/// `port` is the target's. Call it on a thread with an actix system.
///
/// # Errors
/// When the system's certificates can't be read.
pub fn watch(config: Config, port: u16, clock: Clock, life: Lifecycle) -> Result<(), String> {
    let client = Client::new()?;
    actix::spawn(async move {
        let draining = life.clone();
        let asking = Asking { config, port, clock, client };
        tokio::select! {
            () = asking.until_taken_off() => life.ask_to_end(Notice::Target),
            () = draining.reached(Phase::Draining) => {}
        }
    });
    Ok(())
}

struct Asking {
    config: Config,
    port: u16,
    clock: Clock,
    client: Client,
}

impl Asking {
    async fn until_taken_off(self) {
        let mut credentials = Credentials::new(self.config.credentials.clone());
        let (mut watcher, mut id, mut failures) = (Watcher::default(), None, 0);
        loop {
            match self.ask(&mut credentials, &mut id).await {
                Ok(health) => {
                    if failures > 0 {
                        tracing::info!(
                            failures,
                            "the load balancer tells the target's health again"
                        );
                    }
                    failures = 0;
                    if watcher.is_taken_off(&health) {
                        tracing::info!(?health, "the load balancer takes this target off");
                        return;
                    }
                }
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::warn!(%error, "the load balancer does not tell the target's health");
                    }
                }
            }
            tokio::time::sleep(pause(self.config.every, failures)).await;
        }
    }

    async fn ask(
        &self,
        credentials: &mut Credentials,
        id: &mut Option<String>,
    ) -> Result<Health, String> {
        let target = match id {
            Some(id) => id.clone(),
            None => id.insert(self.config.place.find(&self.client).await?).clone(),
        };
        let keys = credentials.keys(&self.client, self.clock.now()).await?;
        let question = health::Question {
            group: &self.config.target_group,
            endpoint: self.config.endpoint.as_deref(),
            id: &target,
            port: self.port,
        };
        question.ask(&self.client, &keys, self.clock.now()).await
    }
}

/// Twice as long after each failure.
fn pause(every: Duration, failures: u32) -> Duration {
    every.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(MOST).max(every)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_answered_asks_less_often_but_for_ever() {
        let pauses = [0, 1, 2, 3, 4, 100].map(|failures| pause(Duration::from_secs(5), failures));
        assert_eq!(pauses.map(|pause| pause.as_secs()), [5, 10, 20, 40, 60, 60]);
        assert_eq!(pause(Duration::from_secs(90), 3).as_secs(), 90);
    }
}
