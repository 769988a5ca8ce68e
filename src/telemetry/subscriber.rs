//! Where log lines go and how they look: standard output, filtered, for people or for machines.

use std::fmt;
use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::filter::LogFilter;
use super::trace;

/// What is logged and how, and where traces go.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Directives such as `info,kyo_collaboration=debug`. Default `info`. `debug` writes a line a
    /// frame: for one replica and a short time.
    pub filter: String,
    /// Default `pretty`, and `json` in production. Anything that collects logs wants `json`.
    pub format: Format,
    /// Default none: nothing is traced.
    pub trace: Option<trace::Config>,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Coloured lines for a terminal.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Pretty, Self::Json];

    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Config {
    /// What is wrong with the filter, in words.
    ///
    /// # Errors
    /// The parser's own words.
    pub fn check_filter(filter: &str) -> Result<(), String> {
        EnvFilter::try_new(filter).map(drop).map_err(|error| error.to_string())
    }
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The filter can't be read; the configuration's check says so earlier.
    #[error("telemetry.filter: {0}")]
    Filter(String),
    /// The process already has a subscriber.
    #[error("logging was set up twice")]
    Twice,
}

/// Sends log lines to standard output from now on, panics included; the handle changes which.
///
/// # Errors
/// [`InitError`]; nothing is logged then.
pub fn init(config: &Config) -> Result<LogFilter, InitError> {
    let (filter, handle) = LogFilter::layer(&config.filter)?;
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_ansi(io::stdout().is_terminal());
    match config.format {
        Format::Pretty => registry.with(lines).try_init(),
        Format::Json => {
            registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init()
        }
    }
    .map_err(|_| InitError::Twice)?;
    super::panics::log_panics();
    Ok(handle)
}
