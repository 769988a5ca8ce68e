//! People with signed tokens, as the gym's identity service would make them.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

/// The signing secret that every started service is given.
pub const SECRET: &str = "a-secret-for-black-box-tests-that-is-long-enough";

/// Somebody of a tenant. The room roles follow from the tenant role unless a member list says else.
#[derive(Clone, Debug)]
pub struct Person {
    pub tenant: String,
    pub user: String,
    pub role: &'static str,
}

impl Person {
    /// Owns every room of the tenant `north`.
    pub fn owner(user: &str) -> Self {
        Self::with_role(user, "owner")
    }

    /// Edits in the tenant `north`.
    pub fn editor(user: &str) -> Self {
        Self::with_role(user, "trainer")
    }

    /// Watches in the tenant `north`.
    pub fn viewer(user: &str) -> Self {
        Self::with_role(user, "member")
    }

    /// A neighbour service of the tenant `north`.
    pub fn service(user: &str) -> Self {
        Self::with_role(user, "service")
    }

    /// Runs the service, in the tenant `north`.
    pub fn operator(user: &str) -> Self {
        Self::with_role(user, "operator")
    }

    /// The same person in another tenant.
    pub fn of(self, tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), ..self }
    }

    /// A token for one hour.
    pub fn token(&self) -> String {
        self.token_for(Duration::from_secs(3600))
    }

    /// A token that ends after `ttl`, rounded down to a whole second.
    pub fn token_for(&self, ttl: Duration) -> String {
        let exp = jiff::Timestamp::now().as_second() + ttl.as_secs() as i64;
        self.signed(exp, SECRET)
    }

    /// A token that ended an hour ago.
    pub fn expired_token(&self) -> String {
        self.signed(jiff::Timestamp::now().as_second() - 3600, SECRET)
    }

    /// A token that looks right but was signed by somebody else.
    pub fn forged_token(&self) -> String {
        let exp = jiff::Timestamp::now().as_second() + 3600;
        self.signed(exp, "not-the-secret-that-the-service-was-started-with")
    }

    fn signed(&self, exp: i64, secret: &str) -> String {
        let claims = json!({
            "sub": self.user,
            "tenant_id": self.tenant,
            "name": format!("{} of {}", self.user, self.tenant),
            "role": self.role,
            "exp": exp,
        });
        let key = EncodingKey::from_secret(secret.as_bytes());
        encode(&Header::default(), &claims, &key).expect("plain claims can be signed")
    }

    fn with_role(user: &str, role: &'static str) -> Self {
        Self { tenant: "north".to_owned(), user: user.to_owned(), role }
    }
}
