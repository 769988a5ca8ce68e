//! The one place where errors become HTTP. Handlers return [`ApiError`]; the `finish` middleware
//! asks [`ApiError::answer`] for the response, because only there the request's id is known. What
//! went wrong inside is logged here, once, under the incident that the caller is told.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::AuthError;
use crate::protocol::code::ErrorCode;
use crate::protocol::error::WireError;
use crate::store::StoreError;

/// How long to wait before asking a database again that did not answer.
const STORE_PAUSE_MS: u64 = 1_000;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// In terms of the catalogue already.
    #[error("{}: {}", .0.code.as_str(), .0.message)]
    Wire(WireError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// A fault of ours, in words for the log.
    #[error("{0}")]
    Internal(String),
}

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorObject,
}

/// The error.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorObject {
    /// From the catalogue: `not_found`, `invalid`, `conflict` …
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// What the code's description says; `retryAfterMs` where repeating may help.
    #[schema(value_type = Object)]
    pub details: Value,
    /// Also in the log and in `X-Request-Id`.
    pub request_id: Uuid,
}

impl ApiError {
    /// Not there, or not yours: one answer for both.
    #[must_use]
    pub fn not_found() -> Self {
        Self::Wire(WireError::not_found())
    }

    /// The role does not allow it.
    #[must_use]
    pub fn forbidden(message: &str) -> Self {
        Self::Wire(WireError::forbidden(message))
    }

    /// A field outside its bounds.
    #[must_use]
    pub fn invalid(field: &str, rule: &str) -> Self {
        Self::Wire(WireError::invalid(field, rule))
    }

    /// The response, for a request of this id. Logs what must be logged: call it once.
    #[must_use]
    pub fn answer(&self, request_id: Uuid) -> HttpResponse {
        let error = self.wire();
        let status = status(error.code);
        let mut response = HttpResponse::build(status);
        if let Some(millis) = error.retry_after_ms {
            response.insert_header((header::RETRY_AFTER, millis.div_ceil(1_000).to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        body(&mut response, error, request_id)
    }

    fn wire(&self) -> WireError {
        match self {
            Self::Wire(error) => error.clone(),
            Self::Auth(AuthError::Expired) => WireError::token_expired(),
            Self::Auth(error) => {
                tracing::debug!(auth.reason = error.reason(), "a token was refused");
                WireError::unauthenticated(self.to_string())
            }
            Self::Store(error @ StoreError::Unavailable(_)) => {
                tracing::warn!(%error, "a request was refused because the store did not answer");
                WireError::unavailable(STORE_PAUSE_MS)
            }
            Self::Store(StoreError::Failed(_)) | Self::Internal(_) => {
                let incident = Uuid::now_v7().to_string();
                tracing::error!(incident, error = %self, "a request failed");
                WireError::internal(&incident)
            }
        }
    }
}

impl From<WireError> for ApiError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

/// What actix asks for; the `finish` middleware puts the body in.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Wire(error) => status(error.code),
            Self::Auth(_) => StatusCode::UNAUTHORIZED,
            Self::Store(StoreError::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(StoreError::Failed(_)) | Self::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

fn body(response: &mut HttpResponseBuilder, error: WireError, request_id: Uuid) -> HttpResponse {
    let mut details = error.details.unwrap_or_else(|| json!({}));
    if let (Some(millis), Some(object)) = (error.retry_after_ms, details.as_object_mut()) {
        object.insert("retryAfterMs".to_owned(), json!(millis));
    }
    let error =
        ErrorObject { code: error.code.as_str(), message: error.message, details, request_id };
    response.json(ErrorBody { error })
}

fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.http_status()).expect("the catalogue holds HTTP statuses")
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    async fn answer(error: ApiError) -> (u16, Option<String>, Value) {
        let response = error.answer(Uuid::nil());
        let retry = response.headers().get(header::RETRY_AFTER);
        let retry = retry.map(|value| value.to_str().expect("is a number").to_owned());
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body()).await.expect("is in memory");
        (status, retry, serde_json::from_slice(&bytes).expect("is JSON"))
    }

    #[actix_web::test]
    async fn an_invalid_field_is_named() {
        let (status, _, body) = answer(ApiError::invalid("name", "must not be empty")).await;
        assert_eq!(status, 422);
        assert_eq!(body["error"]["code"], "invalid");
        assert_eq!(body["error"]["details"]["field"], "name");
        assert_eq!(body["error"]["requestId"], Uuid::nil().to_string());
    }

    #[actix_web::test]
    async fn a_store_that_is_away_says_when_to_come_back() {
        let (status, retry, body) = answer(StoreError::Unavailable("locked".into()).into()).await;
        assert_eq!((status, retry.as_deref()), (503, Some("1")));
        assert_eq!(body["error"]["details"]["retryAfterMs"], 1_000);
    }

    #[actix_web::test]
    async fn what_is_inside_stays_inside() {
        let (status, _, body) = answer(StoreError::Failed("secret table".into()).into()).await;
        assert_eq!(status, 500);
        assert!(!body.to_string().contains("secret"));
        assert!(body["error"]["details"]["incident"].is_string());
    }

    #[actix_web::test]
    async fn an_expired_token_is_told_from_a_bad_one() {
        let (status, _, body) = answer(AuthError::Expired.into()).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("token_expired")));
        let (_, _, body) = answer(AuthError::Missing.into()).await;
        assert_eq!(body["error"]["code"], "unauthenticated");
    }
}
