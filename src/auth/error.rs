//! Why nobody was let in. A caller learns only what it can act on; the reason goes to the log.

use std::fmt;

/// Why a token was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// There is none.
    #[error("a token is needed")]
    Missing,
    /// It proves nothing: malformed, not signed by a key of ours, for somebody else, incomplete. One
    /// answer for all of these.
    #[error("the token is not valid")]
    Invalid {
        /// For the log. Never holds any part of the token.
        reason: String,
    },
    /// It was valid once. Only said of tokens with a good signature.
    #[error("the token has expired")]
    Expired,
}

impl AuthError {
    /// For the log.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Missing => "no token",
            Self::Invalid { reason } => reason,
            Self::Expired => "expired",
        }
    }

    pub(super) fn invalid(reason: impl fmt::Display) -> Self {
        Self::Invalid { reason: reason.to_string() }
    }
}

/// Something wrong with the configured keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFault {
    /// Field of [`super::Config`].
    pub field: &'static str,
    /// What must be otherwise; holds no secret.
    pub rule: String,
}

impl KeyFault {
    pub(super) fn new(field: &'static str, rule: impl Into<String>) -> Self {
        Self { field, rule: rule.into() }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "auth.{}: {}", self.field, self.rule)
    }
}
