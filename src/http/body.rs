//! Request bodies: bounded bytes, and JSON whose faults name the field.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::ApiError;
use crate::protocol::MAX_MESSAGE_BYTES;
use crate::protocol::error::WireError;

/// A body of at most [`MAX_MESSAGE_BYTES`], as it came.
pub struct RawBody(pub Bytes);

/// A body of at most [`MAX_MESSAGE_BYTES`], as JSON. The content type is not looked at.
pub struct JsonBody<T>(pub T);

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl FromRequest for RawBody {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let payload = payload.await.map_err(|error| ApiError::Internal(error.to_string()))?;
            match payload.to_bytes_limited(MAX_MESSAGE_BYTES).await {
                Ok(Ok(bytes)) => Ok(Self(bytes)),
                Ok(Err(_)) => Err(ApiError::invalid("", "ended early")),
                Err(_) => Err(WireError::too_large(MAX_MESSAGE_BYTES).into()),
            }
        })
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
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "" } else { path.as_str() };
        ApiError::invalid(field, &error.inner().to_string())
    })?;
    json.end().map_err(|_| ApiError::invalid("", "must be one JSON value"))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    use super::*;
    use crate::protocol::code::ErrorCode;

    #[derive(Debug, Deserialize)]
    struct Wanted {
        #[expect(dead_code, reason = "only its type matters")]
        name: String,
    }

    async fn read(bytes: impl Into<Bytes>) -> Result<JsonBody<Wanted>, ApiError> {
        let (request, mut payload) = TestRequest::default().set_payload(bytes).to_http_parts();
        JsonBody::from_request(&request, &mut payload).await
    }

    async fn refusal(bytes: impl Into<Bytes>) -> (ErrorCode, Option<String>) {
        match read(bytes).await.err() {
            Some(ApiError::Wire(error)) => {
                let field =
                    error.details.and_then(|details| Some(details["field"].as_str()?.into()));
                (error.code, field)
            }
            other => panic!("{other:?}"),
        }
    }

    #[actix_web::test]
    async fn the_field_is_named() {
        assert!(read(r#"{"name":"a","more":1}"#).await.is_ok());
        assert_eq!(refusal(r#"{"name":1}"#).await, (ErrorCode::Invalid, Some("name".into())));
        assert_eq!(refusal("nonsense").await.0, ErrorCode::Invalid);
        assert_eq!(refusal(r#"{"name":"a"} x"#).await.0, ErrorCode::Invalid);
    }

    #[actix_web::test]
    async fn a_body_has_a_bound() {
        let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(MAX_MESSAGE_BYTES));
        assert_eq!(refusal(body).await.0, ErrorCode::TooLarge);
    }
}
