//! What to run, and one row for each result.

use std::collections::HashMap;

use serde_json::json;

/// The command line.
pub struct Options {
    names: Vec<String>,
    values: HashMap<String, String>,
    json: bool,
}

impl Options {
    /// Names without dashes choose programs, `--name=value` sets a size, `--json` the form; other
    /// flags, such as cargo's own `--bench`, are ignored.
    pub fn parse(arguments: &[String]) -> Self {
        let names = arguments.iter().filter(|one| !one.starts_with('-')).cloned().collect();
        let values = arguments.iter().filter_map(|one| one.strip_prefix("--")?.split_once('='));
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { names, values, json: arguments.iter().any(|one| one == "--json") }
    }

    /// Whether there is nothing to do: `cargo test --benches` names no program and is no bench.
    pub fn is_idle(arguments: &[String]) -> bool {
        arguments.iter().all(|one| one.starts_with('-') && one != "--bench")
    }

    /// Whether a program was asked for.
    pub fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|one| one == name)
    }

    /// A size, or its default.
    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.values.get(name).map_or(default, |text| text.parse().expect("a whole number"))
    }
}

/// Prints rows as they come.
pub struct Report {
    json: bool,
}

impl Report {
    /// Prints the table's head, unless rows are wanted as JSON.
    pub fn new(options: &Options) -> Self {
        if !options.json {
            println!("| work | target | result | met | details |");
            println!("|---|---|---|---|---|");
        }
        Self { json: options.json }
    }

    /// One result that must not exceed its target.
    pub fn row(&mut self, work: &str, unit: &str, target: f64, result: f64, details: &str) {
        self.print(work, unit, Some(("≤", target)), result, details);
    }

    /// One result that must reach its target.
    pub fn at_least(&mut self, work: &str, unit: &str, target: f64, result: f64, details: &str) {
        self.print(work, unit, Some(("≥", target)), result, details);
    }

    /// One result to know, without a target.
    pub fn fact(&mut self, work: &str, unit: &str, result: f64, details: &str) {
        self.print(work, unit, None, result, details);
    }

    fn print(
        &self,
        work: &str,
        unit: &str,
        target: Option<(&str, f64)>,
        result: f64,
        details: &str,
    ) {
        let met = target.map(|(sign, t)| if sign == "≤" { result <= t } else { result >= t });
        let target = target.map(|(sign, target)| format!("{sign} {target}"));
        if self.json {
            let row = json!({"work": work, "unit": unit, "target": target, "result": result,
                "met": met, "details": details});
            println!("{row}");
            return;
        }
        let target = target.map_or("–".to_owned(), |target| format!("{target} {unit}"));
        let met = met.map_or("–", |met| if met { "yes" } else { "NO" });
        println!("| {work} | {target} | {result:.2} {unit} | {met} | {details} |");
    }
}

/// The value below which `share` of the sorted samples lie.
pub fn quantile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let index = ((samples.len() as f64 * share).ceil() as usize).clamp(1, samples.len());
    samples[index - 1]
}
