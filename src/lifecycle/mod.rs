//! Phases of the process and the signals that move it.
