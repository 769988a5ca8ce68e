//! The one door: a token is verified here or nowhere.

use jsonwebtoken::errors::ErrorKind;

use super::claims::Claims;
use super::keys::{Key, KeySet};
use super::{AuthError, Config, KeyFault, Principal};
use crate::domain::Instant;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Verifies tokens with the configured keys. Share it behind an `Arc`; it never changes.
pub struct Authenticator {
    pub(super) keys: KeySet,
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    leeway_ms: i64,
}

impl Config {
    /// Everything that is wrong with the keys; reads the key files.
    #[must_use]
    pub fn faults(&self) -> Vec<KeyFault> {
        KeySet::load(self).err().unwrap_or_default()
    }
}

impl Authenticator {
    /// Reads the keys.
    ///
    /// # Errors
    /// Everything that is wrong with them, in words, each with its field.
    pub fn new(config: &Config) -> Result<Self, Vec<String>> {
        let keys = KeySet::load(config)
            .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        Ok(Self {
            keys,
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            leeway_ms: i64::try_from(config.leeway_seconds.saturating_mul(1_000))
                .unwrap_or(i64::MAX),
        })
    }

    /// Who holds this token, at `now`.
    ///
    /// # Errors
    /// [`AuthError`]: only `Expired` and `Missing` say more to a caller than no.
    pub fn verify(&self, token: &str, now: Instant) -> Result<Principal, AuthError> {
        if token.is_empty() {
            return Err(AuthError::Missing);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::invalid("too long"));
        }
        let key = self.key_for(token)?;
        let data = jsonwebtoken::decode::<Claims>(token, &key.decoding, &key.validation)
            .map_err(|error| AuthError::invalid(words(error.kind())))?;
        data.claims.prove(now, self.leeway_ms)
    }

    /// The header is not trusted: it only picks a key, and the key says how it is used.
    fn key_for(&self, token: &str) -> Result<&Key, AuthError> {
        // An algorithm that the library does not know ("none") ends here too.
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| AuthError::invalid("malformed"))?;
        if header.crit.is_some() {
            return Err(AuthError::invalid("crit: demands what we don't implement"));
        }
        self.keys
            .find(header.kid.as_deref(), header.alg)
            .ok_or_else(|| AuthError::invalid("no key of ours has that kid and algorithm"))
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator")
    }
}

/// Without the library's details, which may quote the token.
fn words(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::InvalidSignature => "bad signature".to_owned(),
        ErrorKind::InvalidIssuer => "iss: not ours".to_owned(),
        ErrorKind::InvalidAudience => "aud: not ours".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("{claim}: missing"),
        ErrorKind::InvalidAlgorithm => "algorithm does not fit the key".to_owned(),
        ErrorKind::Json(error) if error.is_data() => {
            "claims: missing or of a wrong type".to_owned()
        }
        _ => "malformed".to_owned(),
    }
}
