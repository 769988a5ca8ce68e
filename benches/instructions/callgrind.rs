//! Work under callgrind, and how many instructions it took.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fmt, fs, thread};

use crate::hot::Bench;

/// Turns that are counted together: what differs between them (which course, where its neighbours
/// are in the tree) evens out.
const TURNS: usize = 5;

/// Does work in the marked function.
pub struct Counted;

impl Counted {
    fn turns<I, O>(turns: usize, mut input: impl FnMut() -> I, mut work: impl FnMut(I) -> O) {
        // The first turn fills what is filled once: statics, queues, tables.
        black_box(work(input()));
        let mut inputs: Vec<I> = (0..turns).map(|_| input()).collect();
        let mut outputs = Vec::with_capacity(turns);
        counted_by_callgrind(&mut || outputs.extend(inputs.drain(..).map(&mut work)));
        black_box(outputs);
        println!("{turns}");
    }
}

impl Bench for Counted {
    fn work<I, O>(&mut self, input: impl FnMut() -> I, work: impl FnMut(I) -> O) {
        Self::turns(TURNS, input, work);
    }

    fn whole<O>(&mut self, mut work: impl FnMut() -> O) {
        Self::turns(1, || (), |()| work());
    }
}

/// Known to callgrind by its name, of which there must be no other; whatever it calls is counted.
#[inline(never)]
fn counted_by_callgrind(work: &mut dyn FnMut()) {
    work();
    // Not the last thing: a jump instead of the call would leave this function before it is done.
    black_box(());
}

/// Instructions of one turn of each path, in order; as many paths at a time as there are cores. Each
/// has a process of its own, so that what one leaves in the heap is nothing to the next.
pub fn count(names: &[&str]) -> Result<Vec<u64>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (folder, next) = (folder.path(), &AtomicUsize::new(0));
    let some = move || {
        let mut counts = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(index) else { return counts };
            counts.push((index, one(name, &folder.join(index.to_string()))));
        }
    };
    let mut counts: Vec<_> = thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("it does not panic")).collect()
    });
    counts.sort_by_key(|(index, _)| *index);
    counts.into_iter().map(|(_, count)| count).collect()
}

/// The environment is left out, since its size moves the stack.
fn one(name: &str, profile: &Path) -> Result<u64, String> {
    let at = |error: &dyn fmt::Display| format!("{name}: {error}");
    let program = env::current_exe().map_err(|error| at(&error))?;
    let output = Command::new("valgrind")
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .args(["--tool=callgrind", "--toggle-collect=*counted_by_callgrind*"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args(["--work", name])
        .output()
        .map_err(|error| at(&error))?;
    if !output.status.success() {
        return Err(at(&String::from_utf8_lossy(&output.stderr)));
    }
    let turns: Option<u64> = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    let profile = fs::read_to_string(profile).map_err(|error| at(&error))?;
    match (total(&profile), turns) {
        (Some(total), Some(turns)) if total > 0 => Ok(total / turns),
        _ => Err(at(&"nothing was counted; has the marked function gone?")),
    }
}

fn total(profile: &str) -> Option<u64> {
    profile.lines().find_map(|line| line.strip_prefix("totals: "))?.trim().parse().ok()
}
