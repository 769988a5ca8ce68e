//! What a run leaves for people: nothing when all is well; the history, the replicas' output and the
//! violations when it is not.

use crate::run::Outcome;
use crate::world::World;

/// Violations that are printed; all of them can be had from the history.
const SHOWN: usize = 20;

/// `KYO_SEED`, or one of the moment.
pub fn seed() -> u64 {
    environment("KYO_SEED")
        .unwrap_or_else(|| jiff::Timestamp::now().as_millisecond() as u64 % 1_000_000)
}

/// A number from the environment.
#[expect(clippy::disallowed_methods, reason = "a test is told its length by the environment")]
pub fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Fails the test if a promise was broken, and says where to look; else removes the history.
pub fn assert_kept(world: &World, outcome: Outcome) {
    let path = outcome.recorder.path();
    if outcome.violations.is_empty() {
        let _ = std::fs::remove_file(path);
        return;
    }
    world.keep_logs(path);
    let shown: Vec<_> = outcome.violations.iter().take(SHOWN).map(ToString::to_string).collect();
    panic!(
        "{} violations; history and logs: {}\n{}",
        outcome.violations.len(),
        path.display(),
        shown.join("\n")
    );
}
