//! The two streams. Results go to standard output, for programs; words for people to standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a result.
pub(super) fn result(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Tells the person at the terminal.
pub fn complain(text: impl Display) {
    // Where standard error is closed there is nobody to tell that either.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
