//! Request bodies: bounded bytes, and JSON whose faults name the field.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest};
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ApiError;
use crate::protocol::MAX_MESSAGE_BYTES;
use crate::protocol::error::WireError;

/// A body of at most [`MAX_MESSAGE_BYTES`], as it came.
pub struct RawBody(pub Bytes);

/// A body of at most [`MAX_MESSAGE_BYTES`], as JSON. The content type is not looked at.
pub struct JsonBody<T>(pub T);

/// The largest file that is taken, as JSON text.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// JSON of at most [`MAX_FILE_BYTES`], for files.
pub struct LargeBody<T>(pub T);

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl FromRequest for RawBody {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Box::pin(bytes(request, payload, MAX_MESSAGE_BYTES).map(|read| read.map(Self)))
    }
}

fn bytes(
    request: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> impl Future<Output = Result<Bytes, ApiError>> + use<> {
    let payload = web::Payload::from_request(request, payload);
    async move {
        let payload = payload.await.map_err(|error| ApiError::Internal(error.to_string()))?;
        match timeout(PATIENCE, payload.to_bytes_limited(most)).await {
            Ok(Ok(Ok(bytes))) => Ok(bytes),
            Ok(Ok(Err(_))) => Err(ApiError::invalid("", "ended early")),
            Ok(Err(_)) => Err(WireError::too_large(most).into()),
            Err(_) => Err(ApiError::invalid("", "must arrive within 10 seconds")),
        }
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for LargeBody<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = bytes(request, payload, MAX_FILE_BYTES);
        Box::pin(async move { parse(&body.await?).map(Self) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = RawBody::from_request(request, payload);
        Box::pin(async move { parse(&body.await?.0).map(Self) })
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let tree: Value = serde_json::from_slice(bytes)
        .map_err(|_| ApiError::invalid("", "must be one JSON value"))?;
    if !tree.is_object() {
        return Err(ApiError::invalid("", "must be an object"));
    }
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let path = error.path().to_string();
        explain(path.trim_start_matches('.'), &error.inner().to_string())
    })
}

/// The parser's words in those of somebody who sends JSON: fields and rules, not Rust types.
fn explain(path: &str, fault: &str) -> ApiError {
    if let Some(name) = fault.strip_prefix("missing field `") {
        let name = name.trim_end_matches('`');
        let field = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        return ApiError::invalid(&field, "is required");
    }
    let rule = match fault.rsplit_once(", expected ").map(|(_, expected)| expected) {
        Some(expected) if expected.starts_with("struct ") => "must be an object".to_owned(),
        Some(expected) => format!("must be {}", expected.replace('`', "")),
        None => "is not as it should be".to_owned(),
    };
    ApiError::invalid(path, &rule)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    use super::*;
    use crate::protocol::code::ErrorCode;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its types matter")]
    struct Wanted {
        name: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its types matter")]
    struct Inner {
        size: u8,
    }

    async fn read(bytes: impl Into<Bytes>) -> Result<JsonBody<Wanted>, ApiError> {
        let (request, mut payload) = TestRequest::default().set_payload(bytes).to_http_parts();
        JsonBody::from_request(&request, &mut payload).await
    }

    async fn refusal(bytes: impl Into<Bytes>) -> (ErrorCode, String, String) {
        match read(bytes).await.err() {
            Some(ApiError::Wire(error)) => {
                let details = error.details.unwrap_or_default();
                (error.code, details["field"].as_str().unwrap_or_default().into(), error.message)
            }
            other => panic!("{other:?}"),
        }
    }

    #[actix_web::test]
    async fn the_field_is_named() {
        assert!(read(r#"{"name":"a","more":1}"#).await.is_ok());
        for (body, field, words) in [
            (r#"{"name":1}"#, "name", "name must be a string"),
            (r#"{}"#, "name", "name is required"),
            (r#"{"name":"a","inner":{}}"#, "inner.size", "inner.size is required"),
            (r#"{"name":"a","inner":1}"#, "inner", "inner must be an object"),
            ("null", "", "the message must be an object"),
            ("{", "", "the message must be one JSON value"),
            (r#"{"name":"a"} x"#, "", "the message must be one JSON value"),
        ] {
            let expected = (ErrorCode::Invalid, field.to_owned(), words.to_owned());
            assert_eq!(refusal(body).await, expected, "{body}");
        }
    }

    #[actix_web::test]
    async fn a_body_has_a_bound() {
        let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(MAX_MESSAGE_BYTES));
        assert_eq!(refusal(body).await.0, ErrorCode::TooLarge);
    }
}
