//! How a command ends when it did not do what was asked.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use super::complain;
use crate::config::Faults;

/// Something outside is to blame: a port, a database, a service that does not answer.
const FAILED: u8 = 1;
/// What was asked is to blame, as for arguments that clap refuses.
const MISUSED: u8 = 2;

/// Why a command failed, and how the process says so.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something outside is to blame: exit code 1.
    #[must_use]
    pub fn failed(error: impl Display) -> Self {
        Self { message: error.to_string(), code: FAILED }
    }

    /// What was asked is to blame: exit code 2.
    #[must_use]
    pub fn misused(error: impl Display) -> Self {
        Self { message: error.to_string(), code: MISUSED }
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::misused(faults)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(error)
    }
}

/// Tells the person, and gives the exit code.
#[must_use]
pub fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(format_args!("error: {}", failure.message));
            ExitCode::from(failure.code)
        }
    }
}
