//! What a run leaves for people: a line when all is well; the history, the replicas' output and the
//! violations when it is not.

use std::path::PathBuf;

use crate::checker::{Violation, history, judge};
use crate::figures::Figures;
use crate::run::Outcome;
use crate::world::World;

/// Violations that are printed; all of them can be had from the history.
const SHOWN: usize = 20;

/// `KYO_SEED`, or one of the moment.
pub fn seed() -> u64 {
    let moment = jiff::Timestamp::now().as_millisecond() as u64 % 1_000_000;
    number("KYO_SEED").unwrap_or(moment)
}

/// A number from the environment.
pub fn number(name: &str) -> Option<u64> {
    text(name).and_then(|text| text.parse().ok())
}

/// A text from the environment.
#[expect(clippy::disallowed_methods, reason = "a test is told what to do by the environment")]
pub fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Fails the test if a promise was broken, and says where to look; else removes the history, unless
/// `KYO_KEEP` is set.
#[expect(clippy::print_stdout, reason = "a test's output is for people")]
pub fn assert_kept(world: &World, outcome: &Outcome) {
    let mut figures = Figures::default();
    figures.add(outcome);
    println!("seed {}\n{}", outcome.seed, figures.text());
    let path = outcome.recorder.path();
    if outcome.violations.is_empty() {
        if text("KYO_KEEP").is_none() {
            // Whoever has cleared up before us did no harm.
            let _ = std::fs::remove_file(path);
        }
        return;
    }
    world.keep_logs(path);
    let again = format!("again: KYO_SEED={}; history and logs: {}", outcome.seed, path.display());
    panic!("{again}\n{}", summary(&outcome.violations));
}

fn summary(violations: &[Violation]) -> String {
    let shown = violations.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>();
    format!("{} violations:\n{}", violations.len(), shown.join("\n"))
}

/// Judges a kept history again: `KYO_HISTORY=path`.
#[test]
#[ignore = "needs a history"]
fn judge_a_kept_history() {
    let path = PathBuf::from(text("KYO_HISTORY").expect("KYO_HISTORY names a file"));
    let lines = std::fs::read_to_string(&path).expect("it can be read");
    let violations = judge(&history::parse(&lines).expect("it is a history"));
    assert!(violations.is_empty(), "{}", summary(&violations));
}
