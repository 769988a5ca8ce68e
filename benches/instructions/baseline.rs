//! The counts that are committed, and what made them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fmt, fs};

use serde::Deserialize;

/// What stands above the counts.
const HEAD: &str = "\
# Instructions of one turn of each hot path (benches/hot), by `make instructions-renew`.
# `make instructions` fails when one has grown by more than 5 %: make it shorter, or renew this file
# and say in the commit what the instructions are for.
";

/// The file.
#[derive(Deserialize)]
pub struct Baseline {
    /// What counts depend on beside the code.
    pub maker: Maker,
    /// By name.
    pub paths: BTreeMap<String, u64>,
}

/// Whose other versions count differently.
#[derive(PartialEq, Deserialize)]
pub struct Maker {
    rustc: String,
    libc: String,
    valgrind: String,
    target: String,
}

impl Maker {
    /// What is installed.
    pub fn here() -> Result<Self, String> {
        let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        Ok(Self {
            rustc: said_by(&rustc, &["--version"])?,
            libc: said_by("getconf", &["GNU_LIBC_VERSION"])?,
            valgrind: said_by("valgrind", &["--version"])?,
            target: env::consts::ARCH.to_owned(),
        })
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}, {}", self.rustc, self.libc, self.valgrind, self.target)
    }
}

impl Baseline {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| at(path, error))?;
        toml::from_str(&text).map_err(|error| at(path, error))
    }
}

/// Writes the file, paths in the order of `counts`.
pub fn write(path: &Path, maker: &Maker, counts: &[(String, u64)]) -> Result<(), String> {
    let Maker { rustc, libc, valgrind, target } = maker;
    let mut text = format!(
        "{HEAD}\n[maker]\nrustc = {rustc:?}\nlibc = {libc:?}\nvalgrind = {valgrind:?}\ntarget = {target:?}\n\n[paths]\n"
    );
    for (name, count) in counts {
        text.push_str(&format!("{name:?} = {count}\n"));
    }
    fs::write(path, text).map_err(|error| at(path, error))
}

fn at(path: &Path, error: impl fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn said_by(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(args).output();
    let output = output.map_err(|error| {
        format!("{program}: {error}; what tests need is installed by scripts/setup-servers.sh")
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
