//! People to try the board with, on a development installation. Elsewhere there is nobody here, and
//! nothing says that there ever could be.

use std::time::Duration;

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ErrorBody;
use super::query::Page;
use super::state::Environment;
use super::{ApiError, State};
use crate::auth::{Grant, TenantRole};
use crate::domain::{TenantId, UserId};

const TENANT: &str = "demo";
const TOKEN_LIFE: Duration = Duration::from_hours(12);

const PEOPLE: [(&str, &str, TenantRole); 5] = [
    ("mei", "Mei Lin", TenantRole::Owner),
    ("kenji", "Kenji", TenantRole::Manager),
    ("sofia", "Sofia", TenantRole::Trainer),
    ("amir", "Amir", TenantRole::Member),
    ("olga", "Olga", TenantRole::Operator),
];

/// Somebody to be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DemoPerson {
    /// Who.
    user_id: &'static str,
    /// For people.
    name: &'static str,
    /// Tenant-wide.
    role: &'static str,
    /// Good for 12 hours.
    token: String,
}

/// Lists the demo people, each with a fresh token; development only.
#[utoipa::path(get, path = "/api/collaboration/v1/demo/people", tag = "demo",
    responses((status = 200, body = Page<DemoPerson>), (status = 404, body = ErrorBody)))]
pub async fn people(state: Data<State>) -> Result<Json<Page<DemoPerson>>, ApiError> {
    if state.environment != Environment::Development {
        return Err(ApiError::not_found());
    }
    let items = PEOPLE.iter().map(|person| with_token(&state, person)).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next_cursor: None }))
}

fn with_token(
    state: &State,
    (user, name, role): &(&'static str, &'static str, TenantRole),
) -> Result<DemoPerson, ApiError> {
    let grant = Grant {
        tenant: TenantId::parse(TENANT).expect("is a valid id"),
        user: UserId::parse(user).expect("is a valid id"),
        name: Some((*name).to_owned()),
        role: *role,
    };
    let token = state.authenticator.sign(&grant, state.clock.now(), TOKEN_LIFE);
    // Keys of an identity service can't sign for demo people: then there are none.
    let token = token.map_err(|_| ApiError::not_found())?;
    Ok(DemoPerson { user_id: user, name, role: role.as_str(), token })
}
