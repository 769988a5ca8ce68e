//! The verdict of the instruction check (`benches/instructions`): what it lets pass and what not.

#[path = "../benches/instructions/comparison.rs"]
mod comparison;

use std::collections::BTreeMap;

use comparison::{Comparison, compare};

fn of(baseline: &[(&str, u64)], now: &[(&str, u64)]) -> Comparison {
    let owned = |(name, count): &(&str, u64)| ((*name).to_owned(), *count);
    let baseline: BTreeMap<_, _> = baseline.iter().map(owned).collect();
    compare(&baseline, &now.iter().map(owned).collect::<Vec<_>>())
}

#[test]
fn up_to_five_per_cent_pass_without_a_word() {
    for now in [950, 1_000, 1_050] {
        let comparison = of(&[("digest", 1_000)], &[("digest", now)]);
        assert!(comparison.holds(), "{comparison}");
        assert!(comparison.to_string().ends_with("%\n"), "{comparison}");
    }
}

#[test]
fn one_path_that_grew_by_more_fails_and_is_named() {
    let comparison =
        of(&[("clone", 1_000), ("digest", 1_000)], &[("clone", 1_000), ("digest", 1_051)]);
    assert!(!comparison.holds());
    let table = comparison.to_string();
    let line = table.lines().find(|line| line.contains("GROWN")).expect("it is said");
    let cells: Vec<_> = line.split_whitespace().collect();
    assert_eq!(cells, ["digest", "1000", "1051", "+5.1", "%", "GROWN"]);
    assert_eq!(table.matches("GROWN").count(), 1);
}

#[test]
fn what_shrank_is_said_and_passes() {
    let comparison = of(&[("digest", 1_000)], &[("digest", 900)]);
    assert!(comparison.holds());
    assert!(comparison.to_string().contains("-10.0 %  shrunk"), "{comparison}");
}

#[test]
fn a_path_that_only_one_side_knows_fails() {
    let new = of(&[("digest", 1_000)], &[("digest", 1_000), ("clone", 1)]);
    assert!(!new.holds() && new.to_string().contains("NEW"), "{new}");
    let gone = of(&[("digest", 1_000), ("clone", 1)], &[("digest", 1_000)]);
    assert!(!gone.holds() && gone.to_string().contains("GONE"), "{gone}");
}

#[test]
fn a_count_of_nothing_fails() {
    assert!(!of(&[], &[]).holds());
}
