//! How many instructions each hot path takes, held against `baseline.toml`: fails when one has grown
//! by more than 5 %. Counts don't depend on what else the machine does, as times do.
//!
//! The program starts itself under callgrind, once a path, and has a marked function counted. A
//! library would do the same by a helper program that is to be installed beside it, in exactly its
//! version (gungraun), or by a build against valgrind's headers (crabgrind): either makes a
//! compilation depend on what only this check needs.
//!
//! An example and not a bench: cargo would build both binaries for a bench, once more, in its profile.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it reports to the terminal")]
#![expect(clippy::disallowed_methods, reason = "it passes the search path on")]

mod baseline;
mod callgrind;
mod comparison;
#[path = "../hot/mod.rs"]
mod hot;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use baseline::{Baseline, Maker};
use callgrind::Counted;
use comparison::compare;

#[derive(Parser)]
struct Args {
    /// Writes the baseline anew instead of comparing with it.
    #[arg(long)]
    renew: bool,
    /// What to compare with.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/baseline.toml"))]
    baseline: PathBuf,
    /// Does one path's work; for callgrind.
    #[arg(long, hide = true)]
    work: Option<String>,
    /// Only paths whose name has one of these in it.
    #[arg(conflicts_with = "renew")]
    only: Vec<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(name) = &args.work {
        return work(name);
    }
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn work(name: &str) -> ExitCode {
    match hot::paths().into_iter().find(|(known, _)| *known == name) {
        Some((_, path)) => {
            path(&mut Counted);
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

/// Counts, and says whether nothing has grown.
fn run(args: &Args) -> Result<bool, String> {
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|o| name.contains(o));
    let maker = Maker::here()?;
    let names = hot::paths::<Counted>().map(|(name, _)| name);
    let names: Vec<_> = names.into_iter().filter(|name| wanted(name)).collect();
    let counts = callgrind::count(&names)?;
    let counts: Vec<_> = names.iter().map(|name| (*name).to_owned()).zip(counts).collect();
    if args.renew {
        baseline::write(&args.baseline, &maker, &counts)?;
        return Ok(true);
    }
    let mut baseline = Baseline::read(&args.baseline)?;
    baseline.paths.retain(|name, _| wanted(name));
    let comparison = compare(&baseline.paths, &counts);
    print!("{comparison}");
    if baseline.maker != maker {
        println!("baseline made by {}, this is {maker}: `make instructions-renew`", baseline.maker);
    }
    Ok(comparison.holds())
}
