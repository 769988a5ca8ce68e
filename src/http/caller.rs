//! Who calls: a handler that takes a [`Principal`] is served only to somebody who proved one.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use super::{ApiError, State};
use crate::actors::measure::Measure;
use crate::auth::{AuthError, Principal};

impl FromRequest for Principal {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(prove(request))
    }
}

/// The token of `Authorization: Bearer`, if there is one.
#[must_use]
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn prove(request: &HttpRequest) -> Result<Principal, ApiError> {
    let state = request
        .app_data::<web::Data<State>>()
        .ok_or_else(|| ApiError::Internal("the server runs without its state".to_owned()))?;
    let token = bearer(request).ok_or(AuthError::Missing);
    let proven = token.and_then(|token| state.authenticator.verify(token, state.clock.now()));
    match proven {
        Ok(who) => {
            let span = tracing::Span::current();
            span.record("tenant", who.tenant.as_str()).record("user", who.user.as_str());
            Ok(who)
        }
        Err(error) => {
            state.metrics.auth_failure(&error);
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_bearer_tokens_count() {
        let token = |value: &'static str| {
            let request = TestRequest::default().insert_header((header::AUTHORIZATION, value));
            bearer(&request.to_http_request()).map(str::to_owned)
        };
        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("bearer  abc ").as_deref(), Some("abc"));
        assert_eq!(token("Basic abc"), None);
        assert_eq!(token("abc"), None);
        assert_eq!(bearer(&TestRequest::default().to_http_request()), None);
    }
}
