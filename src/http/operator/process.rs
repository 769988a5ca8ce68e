//! What acts on the whole process, so on every tenant: for operators of the operators' tenant alone.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::rt::time::sleep;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit::{Deed, record};
use super::{Operator, reason};
use crate::auth::Principal;
use crate::domain::Instant;
use crate::http::body::JsonBody;
use crate::http::error::ErrorBody;
use crate::http::{ApiError, State};
use crate::protocol::text::{Text, Time};
use crate::telemetry::FilterError;
use crate::telemetry::metrics::Notice;

/// The longest filter.
const MAX_FILTER: usize = 1_000;
/// The most minutes after which the configured filter holds again: a day.
const MAX_MINUTES: u64 = 24 * 60;

/// Why to drain.
#[derive(Deserialize, ToSchema)]
pub struct DrainWish {
    /// For the audit, 1 to 500 characters.
    reason: String,
    /// Who asks: a person, when absent.
    #[serde(default)]
    notice: Asker,
}

/// Who asks for a drain, for logs and metrics.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Asker {
    /// A person.
    #[default]
    Operator,
    /// A program that the platform told of the process's end.
    Event,
}

impl From<Asker> for Notice {
    fn from(asker: Asker) -> Self {
        match asker {
            Asker::Operator => Self::Operator,
            Asker::Event => Self::Event,
        }
    }
}

/// What was begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DrainBegun {
    node: String,
    /// When the process ends at the latest, from now.
    deadline_ms: u64,
}

/// Another filter.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterWish {
    /// Directives, such as `info,kyo_collaboration=debug`.
    filter: String,
    /// After which the configured one holds again, 1 to 1,440.
    for_minutes: Option<u64>,
    /// For the audit.
    reason: Option<String>,
}

/// What is logged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterBody {
    filter: String,
    /// What held before; after a change only.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    /// When the configured one holds again.
    #[schema(value_type = Option<String>)]
    until: Option<Time>,
    configured: String,
    node: String,
}

/// Drains this replica, as SIGTERM does; its process ends.
#[utoipa::path(post, path = "/api/collaboration/v1/operator/drain", tag = "operator",
    request_body = DrainWish,
    responses((status = 202, body = DrainBegun), (status = "4XX", body = ErrorBody)))]
pub async fn drain(
    state: Data<State>,
    Operator(who): Operator,
    JsonBody(wish): JsonBody<DrainWish>,
) -> Result<HttpResponse, ApiError> {
    let node = state.operators.node.clone();
    act(
        &state,
        &who,
        Deed { action: "drain", target: &node, reason: reason(&wish.reason)?, granted: true },
    )
    .await?;
    state.lifecycle.ask_to_end(wish.notice.into());
    let deadline_ms = state.operators.drain_deadline_ms;
    Ok(HttpResponse::Accepted().json(DrainBegun { node, deadline_ms }))
}

/// What is logged by this replica.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/log-filter", tag = "operator",
    responses((status = 200, body = FilterBody), (status = "4XX", body = ErrorBody)))]
pub async fn filter(
    state: Data<State>,
    Operator(who): Operator,
) -> Result<Json<FilterBody>, ApiError> {
    permit(&state, &who)?;
    Ok(Json(body(&state, None)))
}

/// Changes what is logged by this replica.
#[utoipa::path(put, path = "/api/collaboration/v1/operator/log-filter", tag = "operator",
    request_body = FilterWish,
    responses((status = 200, body = FilterBody), (status = "4XX", body = ErrorBody)))]
pub async fn set_filter(
    state: Data<State>,
    Operator(who): Operator,
    JsonBody(wish): JsonBody<FilterWish>,
) -> Result<Json<FilterBody>, ApiError> {
    check(&wish)?;
    let why = wish.reason.as_deref().map(reason).transpose()?.unwrap_or_default();
    let deed = Deed { action: "log_filter", target: &wish.filter, reason: why, granted: true };
    act(&state, &who, deed).await?;
    let wait = wish.for_minutes.map(|minutes| Duration::from_secs(minutes * 60));
    let until = wait.map(|wait| Instant(state.clock.now().0 + wait.as_millis() as i64));
    let log = state.operators.log_filter.clone();
    let previous = log.change(&wish.filter, until).map_err(|error| match error {
        FilterError::Unreadable(why) => {
            ApiError::invalid("filter", &format!("can't be read: {why}"))
        }
        FilterError::Detached => ApiError::Internal(error.to_string()),
    })?;
    if let Some(wait) = wait {
        let turn = previous.turn + 1;
        actix_web::rt::spawn(async move {
            sleep(wait).await;
            log.fall_back(turn);
        });
    }
    Ok(Json(body(&state, Some(previous.filter))))
}

fn check(wish: &FilterWish) -> Result<(), ApiError> {
    if wish.filter.trim().is_empty() || wish.filter.len() > MAX_FILTER {
        return Err(ApiError::invalid("filter", "must be 1 to 1,000 characters"));
    }
    crate::telemetry::Config::check_filter(&wish.filter)
        .map_err(|why| ApiError::invalid("filter", &format!("can't be read: {why}")))?;
    if wish.for_minutes.is_some_and(|minutes| !(1..=MAX_MINUTES).contains(&minutes)) {
        return Err(ApiError::invalid("forMinutes", "must be 1 to 1440"));
    }
    Ok(())
}

/// Writes it down as done or as refused, and refuses it then.
async fn act(state: &State, who: &Principal, deed: Deed<'_>) -> Result<(), ApiError> {
    let permitted = permit(state, who);
    record(state, who, Deed { granted: permitted.is_ok(), ..deed }).await?;
    permitted
}

fn permit(state: &State, who: &Principal) -> Result<(), ApiError> {
    if state.operators.may_act(who) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "acts on other tenants too: only operators of the tenant that operator.tenant names may do this",
    ))
}

fn body(state: &State, previous: Option<String>) -> FilterBody {
    let log = &state.operators.log_filter;
    let shown = log.shown();
    FilterBody {
        filter: shown.filter,
        previous,
        until: shown.until.map(Text),
        configured: log.configured().to_owned(),
        node: state.operators.node.clone(),
    }
}
