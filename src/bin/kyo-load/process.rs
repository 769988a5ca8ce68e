//! What the kernel says about processes, threads and the machine.

use std::collections::HashMap;
use std::fs::read_to_string;

/// Linux counts processor time in hundredths of a second, whatever its internal clock.
const TICK_SECONDS: f64 = 0.01;

/// What a process and all that it started use of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Processor time so far, in seconds.
    pub cpu: f64,
    /// Resident memory, in bytes; pages that several share are counted for each.
    pub rss: u64,
}

/// Of a process with its descendants; nothing when it is gone.
pub fn usage(pid: u32) -> Option<Usage> {
    let all: HashMap<u32, Stat> = std::fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, Stat::of(pid)?)))
        .collect();
    all.get(&pid)?;
    let mine = all.iter().filter(|(one, _)| descends(**one, pid, &all));
    let sum = mine.fold(Usage::default(), |sum, (one, stat)| {
        // What ended is in the account of who waited for it.
        let waited = if *one == pid { stat.waited } else { 0 };
        let cpu = sum.cpu + (stat.cpu + waited) as f64 * TICK_SECONDS;
        Usage { cpu, rss: sum.rss + rss(*one) }
    });
    Some(sum)
}

fn descends(mut one: u32, ancestor: u32, all: &HashMap<u32, Stat>) -> bool {
    loop {
        if one == ancestor {
            return true;
        }
        match all.get(&one) {
            Some(stat) if stat.parent != one => one = stat.parent,
            _ => return false,
        }
    }
}

/// Processor time of this whole process so far, in seconds.
pub fn own_cpu() -> f64 {
    Stat::of(std::process::id()).map_or(0.0, |stat| stat.cpu as f64 * TICK_SECONDS)
}

/// Processor time of the calling thread so far, in nanoseconds.
pub fn thread_cpu_nanos() -> u64 {
    let text = read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// Time that the machine's processors had nothing to do, and all of their time, in ticks.
pub fn idle_of_machine() -> (u64, u64) {
    let text = read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; guest time is in user.
    let idle = ticks.iter().skip(3).take(2).sum();
    (idle, ticks.iter().take(8).sum())
}

/// What of `/proc/PID/stat` is used, times in ticks.
struct Stat {
    parent: u32,
    cpu: u64,
    waited: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::read(&read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        // The name may hold spaces; it ends with the last parenthesis.
        let (_, fields) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let ticks = |from: usize| -> Option<u64> {
            Some(
                fields.get(from)?.parse::<u64>().ok()?
                    + fields.get(from + 1)?.parse::<u64>().ok()?,
            )
        };
        Some(Self { parent: fields.get(1)?.parse().ok()?, cpu: ticks(11)?, waited: ticks(13)? })
    }
}

fn rss(pid: u32) -> u64 {
    let status = read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_move_the_fields() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194304 10 0 0 0 300 45 6 7 20 0 4 0 100 1 2";
        let stat = Stat::read(line).expect("a line of stat");
        assert_eq!((stat.parent, stat.cpu, stat.waited), (7, 345, 13));
    }

    #[test]
    fn this_process_uses_memory_and_a_missing_one_nothing() {
        let usage = usage(std::process::id()).expect("we run");
        assert!(usage.rss > 100_000);
        assert_eq!(super::usage(u32::MAX), None);
        let (idle, all) = idle_of_machine();
        assert!(idle <= all && all > 0);
    }
}
