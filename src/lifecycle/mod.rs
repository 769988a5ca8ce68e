//! Phases of the process and the signals that move it. Knows nothing of actors or HTTP: they read
//! the phase, hold latches until they are ready, and end when told.

mod phase;
mod signals;

pub use phase::{Latch, Lifecycle, Phase};
pub use signals::Signals;
