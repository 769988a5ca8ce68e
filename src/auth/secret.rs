//! Text that must not be printed.

use std::fmt;
use std::sync::Arc;

/// Signs tokens in development when no key is configured. Public, therefore refused in production.
pub const DEVELOPMENT_SECRET: &str = "kyo-development-secret-do-not-use-in-production";

/// A secret that shows itself only when asked by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text itself. Never for a log, an error or a metric.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}
