//! A refusal as clients see it, and how the domain's refusals become one.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::code::ErrorCode;
use super::conflict::{ConflictBody, SuggestionBody, conflict_bodies};
use super::course::CourseBody;
use super::resource::ResourceBody;
use super::template::TemplateBody;
use super::text::Text;
use crate::domain::{Entity, Invalid, Refusal};

/// Body of `error`. `details` depends on the code; see `docs/PROTOCOL.md`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
#[error("{message}")]
pub struct WireError {
    /// What clients branch on.
    pub code: ErrorCode,
    /// For people; its wording may change.
    pub message: String,
    /// Whether the same message may be sent again unchanged.
    pub retryable: bool,
    /// When to do so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// More, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<Value>,
}

impl WireError {
    /// An error without details.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message, retryable: code.retryable(), retry_after_ms: None, details: None }
    }

    /// No valid token.
    #[must_use]
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unauthenticated, message)
    }

    /// The token has ended.
    #[must_use]
    pub fn token_expired() -> Self {
        Self::new(ErrorCode::TokenExpired, "the token has expired")
    }

    /// Not there, or not yours: one answer for both.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "not found")
    }

    /// The role does not allow it.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// A field breaks a rule; an empty field is the message as a whole.
    #[must_use]
    pub fn invalid(field: &str, rule: &str) -> Self {
        let subject = if field.is_empty() { "the message" } else { field };
        Self::new(ErrorCode::Invalid, format!("{subject} {rule}"))
            .with_details(json!({ "field": field }))
    }

    /// No such message type.
    #[must_use]
    pub fn unknown_type() -> Self {
        Self::new(ErrorCode::UnknownType, "unknown message type")
            .with_details(json!({ "field": "type" }))
    }

    /// More bytes than a message may have.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(ErrorCode::TooLarge, format!("the message must be at most {limit} bytes"))
            .with_details(json!({ "field": "", "maxBytes": limit }))
    }

    /// Too many messages.
    #[must_use]
    pub fn rate_limited(retry_after_ms: u64) -> Self {
        Self::new(ErrorCode::RateLimited, "too many messages").after(retry_after_ms)
    }

    /// No room for it now; it was not applied.
    #[must_use]
    pub fn busy(retry_after_ms: u64) -> Self {
        Self::new(ErrorCode::Busy, "the service is busy").after(retry_after_ms)
    }

    /// The database did not answer; it may have been applied.
    #[must_use]
    pub fn unavailable(retry_after_ms: u64) -> Self {
        Self::new(ErrorCode::Unavailable, "the outcome is unknown: repeat with the same opId")
            .after(retry_after_ms)
    }

    /// A fault of ours; `incident` is in the log as well.
    #[must_use]
    pub fn internal(incident: &str) -> Self {
        Self::new(ErrorCode::Internal, "internal error")
            .with_details(json!({ "incident": incident }))
    }

    /// The same with details.
    #[must_use]
    pub fn with_details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    fn after(self, millis: u64) -> Self {
        Self { retry_after_ms: Some(millis), ..self }
    }
}

impl From<Invalid> for WireError {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(&invalid.field, &invalid.rule)
    }
}

impl From<Refusal> for WireError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Forbidden(message) => Self::forbidden(message),
            Refusal::Invalid(invalid) => as_written(invalid).into(),
            Refusal::NotFound { field, .. } => {
                let field = as_written(Invalid::new(field, "")).field;
                Self::new(ErrorCode::NotFound, message).with_details(json!({ "field": field }))
            }
            Refusal::Stale(entity) => {
                Self::new(ErrorCode::Stale, message).with_details(stale(&entity))
            }
            Refusal::Conflict { conflicts, suggestions } => {
                let suggestions = suggestions.iter().map(SuggestionBody::from).collect();
                let details =
                    ConflictDetails { conflicts: conflict_bodies(&conflicts), suggestions };
                Self::new(ErrorCode::Conflict, message).with_details(details.value())
            }
            Refusal::Locked { course_id, user_id, session_id, expires_at } => {
                Self::new(ErrorCode::Locked, message).with_details(json!({
                    "courseId": Text(course_id),
                    "userId": Text(user_id),
                    "sessionId": Text(session_id),
                    "expiresAt": Text(expires_at),
                }))
            }
            Refusal::Overtaken { user_id, seq, .. } => {
                let by = json!({ "userId": user_id.map(Text), "seq": seq });
                Self::new(ErrorCode::Stale, message).with_details(json!({ "overtakenBy": by }))
            }
        }
    }
}

/// What a decision names stands below `op` in the message; only the base version stands beside it.
fn as_written(invalid: Invalid) -> Invalid {
    if invalid.field == "baseVersion" { invalid } else { invalid.under("op") }
}

/// `details` of `conflict`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConflictDetails {
    /// With what.
    pub conflicts: Vec<ConflictBody>,
    /// What would work, at most three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<SuggestionBody>,
}

impl ConflictDetails {
    fn value(&self) -> Value {
        json!(self)
    }
}

fn stale(entity: &Entity) -> Value {
    match entity {
        Entity::Course(course) => {
            json!({ "kind": "course", "current": CourseBody::from(&**course) })
        }
        Entity::Resource(resource) => {
            json!({ "kind": "resource", "current": ResourceBody::from(resource) })
        }
        Entity::Template(template) => {
            json!({ "kind": "template", "current": TemplateBody::from(template) })
        }
    }
}
