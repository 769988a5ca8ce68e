//! Who asks: keys that are given, or those of the task's role, which ECS hands out at an address and
//! renews.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use super::client::Client;
use crate::domain::Instant;

/// Milliseconds before their end at which keys are asked for again.
const EARLY: i64 = 5 * 60_000;

/// Where keys come from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// These, which do not end.
    Keys(Keys),
    /// An address inside the task, asked with this header `Authorization`.
    Container {
        /// Where.
        url: String,
        /// How.
        authorization: Option<String>,
    },
}

/// What requests are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Which, for the other side.
    pub id: String,
    /// For nobody.
    pub secret: String,
    /// Of keys that end.
    pub token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys(keys) => keys.fmt(f),
            Self::Container { url, .. } => f.debug_tuple("Container").field(url).finish(),
        }
    }
}

/// As ECS hands them out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Handed {
    access_key_id: String,
    secret_access_key: String,
    token: String,
    expiration: String,
}

/// Keys that are good now.
pub(super) struct Credentials {
    source: Source,
    /// The newest, and when they end.
    kept: Option<(Keys, Instant)>,
}

impl Credentials {
    pub(super) fn new(source: Source) -> Self {
        Self { source, kept: None }
    }

    pub(super) async fn keys(&mut self, client: &Client, now: Instant) -> Result<Keys, String> {
        let (url, authorization) = match &self.source {
            Source::Keys(keys) => return Ok(keys.clone()),
            Source::Container { url, authorization } => (url, authorization.as_deref()),
        };
        if let Some((keys, end)) = &self.kept
            && now.0 < end.0 - EARLY
        {
            return Ok(keys.clone());
        }
        let answer = client.get(url, authorization).await?;
        let handed = read(&answer.text).ok_or_else(|| {
            // The text stays unsaid: it may hold a secret.
            format!("{url}: status {} without credentials", answer.status)
        })?;
        let (keys, _) = self.kept.insert(handed);
        Ok(keys.clone())
    }
}

fn read(text: &str) -> Option<(Keys, Instant)> {
    let handed: Handed = serde_json::from_str(text).ok()?;
    let (id, secret) = (handed.access_key_id, handed.secret_access_key);
    let keys = Keys { id, secret, token: Some(handed.token) };
    let end: Timestamp = handed.expiration.parse().ok()?;
    Some((keys, Instant(end.as_millisecond())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ecs_hands_out_is_read() {
        let text = r#"{"RoleArn": "arn:aws:iam::1:role/kyo", "AccessKeyId": "ASIA", "SecretAccessKey":
            "s3cret", "Token": "t0ken", "Expiration": "2026-11-28T21:00:00Z"}"#;
        let (keys, end) = read(text).unwrap();
        assert_eq!(
            (&*keys.id, &*keys.secret, keys.token.as_deref()),
            ("ASIA", "s3cret", Some("t0ken"))
        );
        assert_eq!(end.0, 1_795_899_600_000);
        assert!(!format!("{keys:?}").contains("s3cret"));
        assert!(read(r#"{"message": "no role"}"#).is_none());
    }
}
