//! What the kernel says about a process.

use std::fs::read_to_string;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

/// Linux counts processor time in hundredths of a second, whatever its internal clock.
const TICK: Duration = Duration::from_millis(10);

/// Processor time that a process has used so far, in user and kernel mode.
pub fn cpu(pid: u32) -> Duration {
    let stat = Stat::of(pid).expect("the process runs");
    TICK * stat.numbers(11, 2)
}

/// The same of a process and of all that it has started, also of what has ended since.
pub fn cpu_of_family(pid: u32) -> Duration {
    let own = TICK * Stat::of(pid).expect("the process runs").numbers(11, 4);
    let processes = std::fs::read_dir("/proc").expect("Linux has it").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // What ends meanwhile is its parent's from then on, or missed: no more than a moment's work.
    let children = pids.filter_map(Stat::of).filter(|stat| stat.numbers(1, 1) == pid);
    own + children.map(|stat| TICK * stat.numbers(11, 2)).sum::<Duration>()
}

/// A line of numbers.
struct Stat(String);

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        read_to_string(format!("/proc/{pid}/stat")).ok().map(Self)
    }

    /// The sum of `count` fields from the one `skip` fields behind the name.
    fn numbers(&self, skip: usize, count: usize) -> u32 {
        // The name may hold spaces; it ends with the last parenthesis.
        let (_, fields) = self.0.rsplit_once(") ").expect("a name in parentheses");
        let numbers = fields.split(' ').skip(skip).take(count);
        numbers.filter_map(|number| number.parse::<u32>().ok()).sum()
    }
}

/// Resident memory of a process in kilobytes of 1,024 bytes.
pub fn rss_kib(pid: u32) -> u64 {
    let status = read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux says so");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

/// Starts this program again with as many open files as the system allows, unless that is done.
pub fn lift_open_files_limit() {
    const DONE: &str = "KYO_BENCH_FILES_LIFTED";
    if std::env::var_os(DONE).is_some() {
        return;
    }
    let program = std::env::current_exe().expect("this program");
    let failed = Command::new("sh")
        .args(["-c", "ulimit -n $(ulimit -H -n); exec \"$0\" \"$@\""])
        .arg(program)
        .args(std::env::args_os().skip(1))
        .env(DONE, "yes")
        .exec();
    panic!("sh is needed to lift the limit of open files: {failed}");
}

/// How many files this process may have open.
pub fn open_files_limit() -> u64 {
    let limits = read_to_string("/proc/self/limits").expect("Linux says so");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok()).unwrap_or(u64::MAX)
}
