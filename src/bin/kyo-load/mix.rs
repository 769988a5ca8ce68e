//! Which of several kinds the next one is, so that their shares hold from the first few on.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Kinds with their weights, such as `json=2,socketio=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix<T> {
    shares: Vec<(T, u32)>,
}

impl<T: Copy> Mix<T> {
    /// One kind alone.
    pub fn only(kind: T) -> Self {
        Self { shares: vec![(kind, 1)] }
    }

    /// `count` kinds in turn, each as often as its weight says and as evenly as whole numbers allow.
    pub fn deal(&self, count: usize) -> Vec<T> {
        let total: i64 = self.shares.iter().map(|(_, weight)| i64::from(*weight)).sum();
        let mut credit = vec![0_i64; self.shares.len()];
        let turns = (0..count).map(|_| {
            for (credit, (_, weight)) in credit.iter_mut().zip(&self.shares) {
                *credit += i64::from(*weight);
            }
            // The first among equals, so that a run can be repeated.
            let most = credit.iter().copied().max().unwrap_or_default();
            let chosen = credit.iter().position(|credit| *credit == most).unwrap_or_default();
            credit[chosen] -= total;
            self.shares[chosen].0
        });
        turns.collect()
    }
}

impl<T: FromStr<Err: Display> + PartialEq> FromStr for Mix<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut shares = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let weight = weight.trim().parse::<u32>().ok().filter(|weight| *weight <= 1_000);
            let weight = weight
                .ok_or_else(|| format!("\"{part}\": a share must be a whole number up to 1000"))?;
            let kind: T = name.trim().parse().map_err(|error| format!("{error}"))?;
            if shares.iter().any(|(known, _)| *known == kind) {
                return Err(format!("\"{}\" stands twice in \"{text}\"", name.trim()));
            }
            shares.push((kind, weight));
        }
        if shares.iter().all(|(_, weight)| *weight == 0) {
            return Err(format!("\"{text}\" leaves nothing to choose from"));
        }
        Ok(Self { shares })
    }
}

impl<'de, T: FromStr<Err: Display> + PartialEq> Deserialize<'de> for Mix<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(text: &str) -> Result<Mix<char>, String> {
        text.parse()
    }

    #[test]
    fn shares_hold_at_every_point() {
        let dealt = mix("a=3,b=1,c=0").expect("a mix").deal(8);
        assert_eq!(dealt.iter().collect::<String>(), "aabaaaba");
        let many = mix("a=7,b=2,c=1").expect("a mix").deal(1_000);
        assert_eq!(many.iter().filter(|kind| **kind == 'a').count(), 700);
        assert_eq!(many.iter().filter(|kind| **kind == 'c').count(), 100);
    }

    #[test]
    fn a_name_without_a_weight_counts_once() {
        assert_eq!(mix("a").expect("a mix"), Mix::only('a'));
        assert_eq!(mix(" a , b=1 ").expect("a mix").deal(2), ['a', 'b']);
    }

    #[test]
    fn faults_are_named() {
        for (text, fault) in [
            ("a=1,a=2", "stands twice"),
            ("a=x", "whole number"),
            ("a=-1", "whole number"),
            ("a=0", "nothing to choose"),
            ("", "cannot parse char"),
        ] {
            let error = mix(text).expect_err(text);
            assert!(error.contains(fault), "{text}: {error}");
        }
    }
}
