//! The operator API: live figures of one tenant on this replica, a few actions, and the log of them.
//! `docs/CONSOLE.md` is its contract. Everything is of the operator's tenant alone, except what acts on
//! the process, which is for the operators' tenant.

pub mod audit;
pub mod disconnect;
pub mod follow;
pub mod overview;
pub mod process;
pub mod rooms;
pub mod sessions;

use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::{ApiError, State};
use crate::actors::oversight::Oversight;
use crate::auth::{Principal, TenantRole};
use crate::domain::TenantId;
use crate::telemetry::LogFilter;

/// What the operator API works with.
pub struct Operators {
    /// The way to what is alive.
    pub oversight: Oversight,
    /// Whose operators may act on the process.
    pub tenant: Option<TenantId>,
    /// What is logged.
    pub log_filter: LogFilter,
    /// This replica.
    pub node: String,
    /// When it began.
    pub began: Instant,
    /// How long a drain may take.
    pub drain_deadline_ms: u64,
}

/// An operator, who was let in and took one request of the share.
pub struct Operator(pub Principal);

impl FromRequest for Operator {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(admit(request, payload))
    }
}

fn admit(request: &HttpRequest, payload: &mut Payload) -> Result<Operator, ApiError> {
    let who = Principal::from_request(request, payload).into_inner()?;
    if who.role != TenantRole::Operator {
        return Err(ApiError::forbidden("only operators may do this"));
    }
    let state = request
        .app_data::<Data<State>>()
        .ok_or_else(|| ApiError::Internal("the server runs without its state".to_owned()))?;
    state.operators.oversight.admit(&who.tenant)?;
    Ok(Operator(who))
}

impl Operators {
    /// Whether somebody may act on the process.
    #[must_use]
    pub fn may_act(&self, who: &Principal) -> bool {
        self.tenant.as_ref() == Some(&who.tenant)
    }
}

/// Words of an operator for the audit: 1 to 500 characters.
fn reason(text: &str) -> Result<&str, ApiError> {
    let text = text.trim();
    if (1..=500).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(ApiError::invalid("reason", "must be 1 to 500 characters"))
}
