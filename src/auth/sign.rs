//! Tokens of our own, for the `token` command and for tests. A real installation gets its tokens
//! from the identity service.

use std::time::Duration;

use jsonwebtoken::Header;
use serde::Serialize;

use super::{Algorithm, Authenticator, TenantRole};
use crate::domain::{Instant, TenantId, UserId};

/// What a token is to say.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whose customer.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// For people to read.
    pub name: Option<String>,
    /// Tenant-wide role.
    pub role: TenantRole,
}

/// Why a token could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Only public keys are configured.
    #[error("no secret to sign with: set auth.secret (JWT_SECRET) or auth.keys")]
    NoSecret,
    /// The library refused.
    #[error("the token could not be signed: {0}")]
    Failed(#[from] jsonwebtoken::errors::Error),
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    tenant_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    role: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
}

impl Authenticator {
    /// A token that [`Authenticator::verify`] accepts from `now` on for `ttl`, in whole seconds.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, grant: &Grant, now: Instant, ttl: Duration) -> Result<String, SignError> {
        let key = self.keys.signing.as_ref().ok_or(SignError::NoSecret)?;
        let begin = now.0.div_euclid(1_000);
        let claims = Claims {
            sub: grant.user.as_str(),
            tenant_id: grant.tenant.as_str(),
            name: grant.name.as_deref(),
            role: grant.role.as_str(),
            iat: begin,
            exp: begin.saturating_add_unsigned(ttl.as_secs()),
            iss: self.issuer.as_deref(),
            aud: self.audience.as_deref(),
        };
        let header = Header { kid: key.kid.clone(), ..Header::new(Algorithm::Hs256.jwt()) };
        Ok(jsonwebtoken::encode(&header, &claims, &key.encoding)?)
    }
}
