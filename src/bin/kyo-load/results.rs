//! What a run came to, in the form in which it is printed as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::tally::{Latencies, Tally, total};

/// The whole run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Results {
    /// What was spoken to.
    pub system: String,
    /// Processors of this machine.
    pub processors: usize,
    /// How everybody came in.
    pub connecting: Connecting,
    /// What happened then.
    pub phases: Vec<PhaseResult>,
    /// What makes these numbers doubtful.
    pub warnings: Vec<String>,
}

/// How everybody came in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connecting {
    /// Connections that were wanted.
    pub asked: usize,
    /// Those that stood in the end.
    pub open: usize,
    /// Tries that failed, by reason.
    pub failed: BTreeMap<String, u64>,
    /// How long it took.
    pub seconds: f64,
    /// Connections a second, each joined to its room.
    pub per_second: f64,
    /// From the begin of a connection until its room is joined.
    pub joins: Spread,
    /// What it cost each process, and what they hold now.
    pub processes: Vec<ProcessResult>,
}

/// A phase.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhaseResult {
    /// Its name.
    pub name: String,
    /// Its length as planned, in seconds.
    pub seconds: f64,
    /// Operations sent.
    pub edits: u64,
    /// Acks of them.
    pub acked: u64,
    /// Refusals, by code.
    pub refused: BTreeMap<String, u64>,
    /// Pointer positions sent.
    pub cursors: u64,
    /// Messages that could not be sent.
    pub unsent: u64,
    /// Operations and pointer positions, counted at each receiver.
    pub deliveries: u64,
    /// Frames that brought them and all else.
    pub frames: u64,
    /// Bytes of a frame, on average, its head left out.
    pub frame_bytes: f64,
    /// Visitors who came in.
    pub joined: u64,
    /// Connections that did not come about, by reason.
    pub failed: BTreeMap<String, u64>,
    /// Connections that were cut, by reason.
    pub lost: BTreeMap<String, u64>,
    /// From an operation's due time to its ack.
    pub ack_ms: Spread,
    /// From an operation's due time to its arrival at each member.
    pub delivery_ms: Spread,
    /// The same of pointer positions.
    pub cursor_ms: Spread,
    /// Visitors, from the due time until the room is joined.
    pub join_ms: Spread,
    /// What was watched.
    pub processes: Vec<ProcessResult>,
    /// What the measuring itself took.
    pub own: Own,
}

/// A distribution of times, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// Half are within this.
    pub p50: f64,
    /// 99 of 100 are.
    pub p99: f64,
    /// 999 of 1000 are.
    pub p999: f64,
    /// All are.
    pub max: f64,
}

impl From<&Latencies> for Spread {
    fn from(times: &Latencies) -> Self {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| times.quantile(share));
        Self { count: times.count(), p50, p99, p999, max: times.max() }
    }
}

/// A watched process with all that it started.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessResult {
    /// As named on the command line.
    pub name: String,
    /// Processor time of the stretch, in seconds.
    pub cpu_seconds: f64,
    /// The same for one delivery, in microseconds; while connecting, for one connection.
    pub cpu_micros_each: Option<f64>,
    /// Resident memory at the end, in bytes.
    pub rss: u64,
    /// While connecting: growth since before the first connection, for each open one, in bytes.
    pub rss_per_connection: Option<f64>,
}

/// What the measuring itself took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Own {
    /// Processor time, in seconds.
    pub cpu_seconds: f64,
    /// The same for one delivery, in microseconds.
    pub cpu_micros_each: Option<f64>,
    /// The busiest thread's share of one processor.
    pub busiest_thread: f64,
    /// From due times to the sending.
    pub lateness_ms: Spread,
    /// The share of all processors' time in which there was nothing to do.
    pub machine_idle: f64,
}

impl PhaseResult {
    /// The counted part of a phase.
    pub fn new(name: &str, seconds: f64, tally: &Tally) -> Self {
        Self {
            name: name.to_owned(),
            seconds,
            edits: tally.edits,
            acked: tally.acks.count(),
            refused: tally.refused.clone(),
            cursors: tally.cursors,
            unsent: tally.unsent,
            deliveries: tally.delivered(),
            frames: tally.frames,
            frame_bytes: each(tally.bytes as f64, tally.frames).unwrap_or(0.0),
            joined: tally.joins.count(),
            failed: tally.failed.clone(),
            lost: tally.lost.clone(),
            ack_ms: (&tally.acks).into(),
            delivery_ms: (&tally.deliveries).into(),
            cursor_ms: (&tally.pointers).into(),
            join_ms: (&tally.joins).into(),
            processes: Vec::new(),
            own: Own::default(),
        }
    }

    /// Why its numbers may say more about this program or the machine than about the service.
    pub fn doubts(&self) -> Vec<String> {
        let Own { busiest_thread, lateness_ms, machine_idle, .. } = self.own;
        let mut doubts = Vec::new();
        if busiest_thread > 0.85 {
            doubts.push(format!(
                "this program was the bottleneck: a thread of it was busy for {:.0} % of the time \
                 (more --threads, or less load)",
                busiest_thread * 100.0
            ));
        }
        if lateness_ms.p99 > 5.0 {
            doubts.push(format!(
                "this program was behind its schedule: p99 {:.1} ms; latencies include that",
                lateness_ms.p99
            ));
        }
        if machine_idle < 0.05 && self.seconds > 0.0 {
            doubts.push("the machine had no time left: its processors were all busy".to_owned());
        }
        if self.unsent > 0 {
            doubts.push(format!("{} messages could not be sent", self.unsent));
        }
        let refused = total(&self.refused);
        if refused > 0 {
            doubts.push(format!("{refused} messages were refused"));
        }
        if self.acked > 0 && self.acked + refused < self.edits {
            let open = self.edits - self.acked - refused;
            doubts.push(format!("{open} operations had no answer within ten seconds"));
        }
        if self.edits + self.cursors > 0 && self.deliveries == 0 {
            doubts.push("nothing was delivered".to_owned());
        }
        let lost = total(&self.lost);
        if lost > 0 {
            doubts.push(format!("{lost} connections were cut"));
        }
        doubts.into_iter().map(|doubt| format!("{}: {doubt}", self.name)).collect()
    }
}

/// A sum for each of so many; nothing for none.
pub fn each(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_run_is_not_doubted_and_a_strained_one_is() {
        let mut phase = PhaseResult::new("rush", 5.0, &Tally::default());
        phase.own.machine_idle = 0.4;
        assert_eq!(phase.doubts(), Vec::<String>::new());
        phase.own = Own {
            busiest_thread: 0.9,
            lateness_ms: Spread { p99: 9.0, ..Spread::default() },
            machine_idle: 0.01,
            ..Own::default()
        };
        (phase.edits, phase.acked, phase.unsent) = (9, 1, 1);
        phase.refused.insert("busy".to_owned(), 3);
        phase.lost.insert("close 4009".to_owned(), 2);
        let doubts = phase.doubts().join("\n");
        for doubt in [
            "bottleneck",
            "behind",
            "no time left",
            "1 messages could",
            "3 messages were",
            "5 op",
            "nothing",
            "2 conn",
        ] {
            assert!(doubts.contains(doubt), "{doubt}: {doubts}");
        }
        assert!(doubts.lines().all(|line| line.starts_with("rush: ")));
    }
}
