//! The results for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::results::{Connecting, PhaseResult, ProcessResult, Results, Spread};
use crate::tally::total;

/// All of it, as lines.
pub fn table(results: &Results) -> String {
    let mut text = connecting(&results.connecting);
    for phase in &results.phases {
        text += &self::phase(phase);
    }
    for warning in &results.warnings {
        text += &format!("warning: {warning}\n");
    }
    text
}

fn connecting(connecting: &Connecting) -> String {
    let Connecting { asked, open, seconds, per_second, joins, .. } = connecting;
    let mut text = format!(
        "connecting: {open} of {asked} in {seconds:.2} s, {per_second:.0} a second\n{}",
        spreads(&[("join", joins)])
    );
    reasons(&mut text, "failed", &connecting.failed);
    for process in &connecting.processes {
        text += &self::process(process, "a connection");
    }
    text
}

fn phase(phase: &PhaseResult) -> String {
    let rate = |count: u64| count as f64 / phase.seconds.max(1e-6);
    let mut text = format!("\n{}: {:.1} s\n", phase.name, phase.seconds);
    for (name, count) in [
        ("edits", phase.edits),
        ("acked", phase.acked),
        ("cursors", phase.cursors),
        ("deliveries", phase.deliveries),
        ("frames", phase.frames),
        ("joined", phase.joined),
    ] {
        if count > 0 {
            line(&mut text, name, &format!("{count:>10} {:>12.1} a second", rate(count)));
        }
    }
    if phase.frames > 0 {
        line(&mut text, "bytes a frame", &format!("{:>10.0}", phase.frame_bytes));
    }
    for (name, all) in
        [("refused", &phase.refused), ("failed", &phase.failed), ("lost", &phase.lost)]
    {
        reasons(&mut text, name, all);
    }
    text += &spreads(&[
        ("ack", &phase.ack_ms),
        ("delivery", &phase.delivery_ms),
        ("cursor", &phase.cursor_ms),
        ("join", &phase.join_ms),
        ("own lateness", &phase.own.lateness_ms),
    ]);
    for process in &phase.processes {
        text += &self::process(process, "a delivery");
    }
    let own = &phase.own;
    let each =
        own.cpu_micros_each.map_or(String::new(), |each| format!(", {each:.2} µs a delivery"));
    line(
        &mut text,
        "this program",
        &format!(
            "CPU {:.2} s{each}; its busiest thread {:.0} %, the machine idle {:.0} %",
            own.cpu_seconds,
            own.busiest_thread * 100.0,
            own.machine_idle * 100.0
        ),
    );
    text
}

fn process(process: &ProcessResult, what: &str) -> String {
    let each = process.cpu_micros_each;
    let each = each.map_or(String::new(), |each| format!(", {each:.2} µs {what}"));
    let grown = process.rss_per_connection;
    let grown =
        grown.map_or(String::new(), |grown| format!(", {:.1} kB a connection", grown / 1e3));
    let mut text = String::new();
    let figures = format!(
        "CPU {:.2} s{each}; resident {:.1} MB{grown}",
        process.cpu_seconds,
        process.rss as f64 / 1e6
    );
    line(&mut text, &process.name, &figures);
    text
}

fn spreads(all: &[(&str, &Spread)]) -> String {
    let mut text = String::new();
    for (name, spread) in all.iter().filter(|(_, spread)| spread.count > 0) {
        let Spread { p50, p99, p999, max, .. } = spread;
        let figures =
            format!("p50 {p50:>8.2}  p99 {p99:>8.2}  p99.9 {p999:>8.2}  max {max:>8.2} ms");
        line(&mut text, name, &figures);
    }
    text
}

fn reasons(text: &mut String, name: &str, all: &BTreeMap<String, u64>) {
    if total(all) > 0 {
        let each: Vec<_> = all.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
        line(text, name, &format!("{:>10} ({})", total(all), each.join(", ")));
    }
}

fn line(text: &mut String, name: &str, figures: &str) {
    writeln!(text, "  {name:<14} {figures}").expect("a String takes all");
}
