//! Counts beside their baseline, and the verdict.

use std::collections::BTreeMap;
use std::fmt;

/// Growth that is let pass, in per cent: what another memory layout or patch of a compiler does.
const TOLERATED: f64 = 5.0;

/// All paths of a baseline and of a count.
#[derive(Debug)]
pub struct Comparison(Vec<Row>);

#[derive(Debug)]
struct Row {
    name: String,
    baseline: Option<u64>,
    now: Option<u64>,
}

/// Puts `now` beside `baseline`.
pub fn compare(baseline: &BTreeMap<String, u64>, now: &[(String, u64)]) -> Comparison {
    let counted = now.iter().map(|(name, count)| Row {
        name: name.clone(),
        baseline: baseline.get(name).copied(),
        now: Some(*count),
    });
    let gone = baseline.iter().filter(|(name, _)| now.iter().all(|(known, _)| known != *name));
    let gone =
        gone.map(|(name, count)| Row { name: name.clone(), baseline: Some(*count), now: None });
    Comparison(counted.chain(gone).collect())
}

impl Comparison {
    /// Whether there is something, all of it in the baseline, and nothing has grown too much.
    pub fn holds(&self) -> bool {
        !self.0.is_empty() && !self.0.iter().any(Row::fails)
    }
}

impl Row {
    /// In per cent.
    fn change(&self) -> Option<f64> {
        let (baseline, now) = (self.baseline? as f64, self.now? as f64);
        Some((now - baseline) * 100.0 / baseline)
    }

    fn fails(&self) -> bool {
        self.change().is_none_or(|change| change > TOLERATED)
    }

    fn verdict(&self) -> &'static str {
        match (self.change(), self.now) {
            (None, None) => "GONE: renew the baseline",
            (None, Some(_)) => "NEW: renew the baseline",
            (Some(change), _) if change > TOLERATED => "GROWN",
            (Some(change), _) if change < -TOLERATED => "shrunk: renew the baseline",
            (Some(_), _) => "",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34} {:>12} {:>12} {:>8}", "instructions", "baseline", "now", "change")?;
        for row in &self.0 {
            let count =
                |count: Option<u64>| count.map_or("-".to_owned(), |count| count.to_string());
            let change = row.change().map_or("-".to_owned(), |change| format!("{change:+.1} %"));
            let (baseline, now) = (count(row.baseline), count(row.now));
            let line = format!("{:<34} {baseline:>12} {now:>12} {change:>8}", row.name);
            writeln!(f, "{}", format!("{line}  {}", row.verdict()).trim_end())?;
        }
        Ok(())
    }
}
