//! Panics as log lines, so that they arrive where every other line does. The catcher (a room's
//! registry, an HTTP worker) decides what happens next; this only tells.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};

use tracing::field::display;

/// Replaces the standard hook, which writes plain text to the standard error stream.
pub(super) fn log_panics() {
    panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("?", 0), |at| (at.file(), at.line()));
        // Only where RUST_BACKTRACE asks for it, as in the standard hook.
        let trace = Backtrace::capture();
        let trace = (trace.status() == BacktraceStatus::Captured).then(|| display(&trace));
        tracing::error!(
            panic.file = file,
            panic.line = line,
            panic.backtrace = trace,
            "panicked: {}",
            message(info)
        );
    }));
}

fn message<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    info.payload_as_str().unwrap_or("no text")
}
