//! What a token says, and the principal that it proves.

use serde::Deserialize;
use serde_json::Number;

use super::{AuthError, MAX_NAME_CHARS, Principal, TenantRole};
use crate::domain::{Instant, TenantId, UserId};

/// The last second of the year 9999, beyond which times can't be written on the wire.
const LAST_SECOND: i64 = 253_402_300_799;

#[derive(Deserialize)]
pub(super) struct Claims {
    sub: String,
    tenant_id: String,
    name: Option<String>,
    role: Option<String>,
    exp: Number,
    nbf: Option<Number>,
}

impl Claims {
    /// Proves them at a moment: times first, then who it is.
    pub(super) fn prove(self, now: Instant, leeway_ms: i64) -> Result<Principal, AuthError> {
        let expires_at = instant("exp", &self.exp)?;
        let begins_at = self.nbf.as_ref().map(|nbf| instant("nbf", nbf)).transpose()?;
        if begins_at.is_some_and(|begin| now.0.saturating_add(leeway_ms) < begin.0) {
            return Err(AuthError::invalid("nbf: not valid yet"));
        }
        let principal = self.principal(expires_at)?;
        if expires_at.0.saturating_add(leeway_ms) <= now.0 {
            return Err(AuthError::Expired);
        }
        Ok(principal)
    }

    fn principal(self, expires_at: Instant) -> Result<Principal, AuthError> {
        let user = UserId::parse(&self.sub)
            .map_err(|error| AuthError::invalid(format!("sub: {}", error.rule)))?;
        let tenant = TenantId::parse(&self.tenant_id)
            .map_err(|error| AuthError::invalid(format!("tenant_id: {}", error.rule)))?;
        let name = readable(self.name.as_deref().unwrap_or_default());
        Ok(Principal {
            tenant,
            name: if name.is_empty() { user.to_string() } else { name },
            user,
            role: role(self.role.as_deref())?,
            expires_at,
        })
    }
}

/// No role is the least one; a role that we don't know is nobody's wish.
fn role(name: Option<&str>) -> Result<TenantRole, AuthError> {
    match name {
        None => Ok(TenantRole::Member),
        Some(name) => {
            TenantRole::parse(name).ok_or_else(|| AuthError::invalid("role: not one of ours"))
        }
    }
}

fn readable(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect()
}

/// RFC 7519 allows fractions of a second; whole ones are enough for us.
fn instant(claim: &str, seconds: &Number) -> Result<Instant, AuthError> {
    let whole = seconds.as_i64().or_else(|| seconds.as_f64().map(|value| value as i64));
    match whole {
        Some(whole) if whole >= 0 => Ok(Instant(whole.min(LAST_SECOND) * 1_000)),
        _ => Err(AuthError::invalid(format!("{claim}: not a time"))),
    }
}
