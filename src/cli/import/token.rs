//! The one thing an import must know about its token: whose rooms it will write to, because the
//! tenant is part of every id. The service proves the token; this only reads it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The `tenant_id` claim; `None` when this is no such token.
#[must_use]
pub fn tenant(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    Some(claims["tenant_id"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_claim_and_nothing_from_nonsense() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"tenant_id":"demo","sub":"mei"}"#);
        assert_eq!(tenant(&format!("h.{payload}.s")).as_deref(), Some("demo"));
        for nonsense in ["", "a.b.c", "a..c", "abc"] {
            assert_eq!(tenant(nonsense), None, "{nonsense}");
        }
    }
}
