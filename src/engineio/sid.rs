//! Ids of sessions. Whoever knows one reads and writes its session, so they are long, random, never
//! in a log and never shown to anybody else.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Between the owner's name and the secret.
const SEPARATOR: char = '.';

/// The id of one session: the name of the replica that keeps it, and 122 random bits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sid(Arc<str>);

impl Sid {
    /// A new one, owned by `node`.
    #[must_use]
    pub fn random(node: &str) -> Self {
        let secret = URL_SAFE_NO_PAD.encode(Uuid::new_v4());
        if node.is_empty() { Self(secret.into()) } else { Self(format!("{node}.{secret}").into()) }
    }

    /// One that a client named.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(text.into())
    }

    /// Who keeps the session, if the id says: a hint that the client could have changed.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.0.split_once(SEPARATOR).map(|(owner, _)| owner)
    }

    /// The secret as its client needs it; for nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sid({}.***)", self.owner().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_names_its_owner_and_hides_its_secret() {
        let sid = Sid::random("replica-7");
        assert_eq!(sid.owner(), Some("replica-7"));
        assert_eq!(format!("{sid:?}"), "Sid(replica-7.***)");
        assert_eq!(Sid::named(sid.expose()), sid);
        assert_eq!(Sid::random("").owner(), None);
    }

    #[test]
    fn ids_need_no_escaping_and_do_not_repeat() {
        let ids: HashSet<Sid> = (0..1_000).map(|_| Sid::random("a")).collect();
        assert_eq!(ids.len(), 1_000);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(ids.iter().all(|sid| sid.expose().len() == 24 && sid.expose().chars().all(plain)));
    }
}
