//! The catalogue of error and close codes: what went wrong, and what the client should do next.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No valid token.
    Unauthenticated,
    /// The token has ended.
    TokenExpired,
    /// The role does not allow it, or the room is not joined.
    Forbidden,
    /// Not there, or not yours.
    NotFound,
    /// Malformed, or outside its bounds.
    Invalid,
    /// No such message type.
    UnknownType,
    /// More bytes than a message may have.
    TooLarge,
    /// Clashes with other bookings.
    Conflict,
    /// Someone changed the same thing since.
    Stale,
    /// Another session holds the course.
    Locked,
    /// Too many messages.
    RateLimited,
    /// This node has no room for it now.
    Busy,
    /// The database did not answer.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 14] = [
        Self::Unauthenticated,
        Self::TokenExpired,
        Self::Forbidden,
        Self::NotFound,
        Self::Invalid,
        Self::UnknownType,
        Self::TooLarge,
        Self::Conflict,
        Self::Stale,
        Self::Locked,
        Self::RateLimited,
        Self::Busy,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::TokenExpired => "token_expired",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::UnknownType => "unknown_type",
            Self::TooLarge => "too_large",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::Locked => "locked",
            Self::RateLimited => "rate_limited",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Whether a program may send the same message again, unchanged. Codes that need a new token or
    /// a person's decision are not retryable in this sense.
    #[must_use]
    pub fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Busy | Self::Unavailable | Self::Internal)
    }

    /// The status of a REST answer with this code.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::Unauthenticated | Self::TokenExpired => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict | Self::Stale | Self::Locked => 409,
            Self::TooLarge => 413,
            Self::Invalid | Self::UnknownType => 422,
            Self::RateLimited => 429,
            Self::Busy | Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// Why a connection is closed. Up to 4399 a reconnect may help; from 4400 on it will not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The server goes away.
    GoingAway,
    /// A frame was larger than a message may be.
    TooLarge,
    /// This node restarts: reconnect and resume.
    Restart,
    /// No valid token in time.
    Unauthenticated,
    /// The token ended and was not refreshed.
    TokenExpired,
    /// Access was withdrawn.
    Forbidden,
    /// Nothing was heard from the client.
    HeartbeatTimeout,
    /// The client did not read: reconnect and resume.
    SlowConsumer,
    /// Wait, then reconnect.
    RateLimited,
    /// The client does not speak this protocol.
    ProtocolError,
}

impl CloseCode {
    /// Every code.
    pub const ALL: [Self; 10] = [
        Self::GoingAway,
        Self::TooLarge,
        Self::Restart,
        Self::Unauthenticated,
        Self::TokenExpired,
        Self::Forbidden,
        Self::HeartbeatTimeout,
        Self::SlowConsumer,
        Self::RateLimited,
        Self::ProtocolError,
    ];

    /// The number in the close frame.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::TooLarge => 1009,
            Self::Restart => 1012,
            Self::Unauthenticated => 4001,
            Self::TokenExpired => 4002,
            Self::Forbidden => 4003,
            Self::HeartbeatTimeout => 4008,
            Self::SlowConsumer => 4009,
            Self::RateLimited => 4029,
            Self::ProtocolError => 4400,
        }
    }

    /// The reason text in the close frame.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::TooLarge => "too_large",
            Self::Restart => "restart",
            Self::Unauthenticated => "unauthenticated",
            Self::TokenExpired => "token_expired",
            Self::Forbidden => "forbidden",
            Self::HeartbeatTimeout => "heartbeat_timeout",
            Self::SlowConsumer => "slow_consumer",
            Self::RateLimited => "rate_limited",
            Self::ProtocolError => "protocol_error",
        }
    }
}
