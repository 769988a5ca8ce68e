//! Logs, the metric catalogue and traces. [`init`] is called once, by `main`, before anything can fail in a
//! way worth reading; [`Metrics`] is made once by the composition root and handed down.

mod filter;
pub mod metrics;
mod panics;
mod subscriber;
pub mod trace;

pub use filter::{FilterError, LogFilter, Shown};
pub use metrics::Metrics;
pub use subscriber::{Config, Format, InitError, init};
pub use trace::Tracer;
