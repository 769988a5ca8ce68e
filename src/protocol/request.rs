//! The bodies of what clients send, and their rules beyond the types.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

use super::op;
use super::op_body::Override;
use super::op_schema::Operation;
use super::presence::SelectionBody;
use super::text::{Color, CourseRef, OpRef};
use super::typed;
use crate::domain::{Command, Invalid};

/// The longest life of a lock, in milliseconds; a longer wish is cut to it, as `expiresAt` tells.
pub const MAX_LOCK_TTL_MS: u64 = 300_000;
/// The most events in one page of history.
pub const MAX_HISTORY: usize = 500;
/// Events in a page of history when the client names no limit.
pub const DEFAULT_HISTORY: usize = 100;
/// The longest address of a picture, in characters.
pub const MAX_AVATAR: usize = 500;
/// The longest name or kind of a component in a presence message, in characters.
pub const MAX_COMPONENT: usize = 128;
/// The most courses in a selection.
pub const MAX_SELECTED: usize = 100;

/// `authenticate` and `refresh`
#[derive(Clone, Deserialize, ToSchema)]
pub struct TokenBody {
    /// A signed token.
    pub token: String,
}

/// Messages without fields.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Nothing {}

/// `leave`; also the address of every message to a room. Text that is no UUID names no room.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct RoomBody {
    /// Which room.
    pub room: String,
}

/// `join`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct JoinBody {
    /// Which room.
    pub room: String,
    /// What the client already has.
    #[schema(value_type = Option<Since>)]
    pub since: Option<Since>,
    /// How others see the member.
    pub profile: Option<Profile>,
}

/// A place in a room's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Since {
    /// Of which log.
    pub epoch: i64,
    /// The newest event that the client has.
    pub seq: u64,
}

/// How others see a member.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Profile {
    /// Cursor colour.
    pub color: Option<Color>,
    /// Address of a picture.
    #[schema(max_length = 500)]
    pub avatar: Option<String>,
}

/// `op` without its room; also the REST body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpBody {
    /// Client's name for the operation.
    pub op_id: OpRef,
    /// What is asked; one of the operation schemas, with an optional `override`.
    #[schema(value_type = Operation)]
    pub op: Value,
    /// Version of the touched entity as the client knew it.
    #[schema(minimum = 1)]
    pub base_version: Option<u32>,
    /// Only say what would happen.
    pub dry_run: Option<bool>,
}

/// `cursor_move`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CursorMoveBody {
    /// Which room.
    pub room: String,
    /// In units of the client's own choice.
    pub x: f64,
    /// In units of the client's own choice.
    pub y: f64,
    /// Which part of the screen.
    #[schema(max_length = 128)]
    pub component_id: Option<String>,
    /// What kind of part.
    #[schema(max_length = 128)]
    pub component_type: Option<String>,
}

/// `selection_change`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SelectionChangeBody {
    /// Which room.
    pub room: String,
    /// What is selected now.
    pub selection: SelectionBody,
}

/// `lock`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LockBody {
    /// Which room.
    pub room: String,
    /// Which course.
    pub course_id: CourseRef,
    /// How long.
    #[schema(minimum = 1)]
    pub ttl_ms: Option<u64>,
}

/// `unlock`
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnlockBody {
    /// Which room.
    pub room: String,
    /// Which course.
    pub course_id: CourseRef,
    /// As `locked` gave it; its decimal digits in a string are accepted as well.
    #[serde(deserialize_with = "number_or_digits")]
    #[schema(schema_with = lock_token)]
    pub token: u64,
}

/// `history`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct HistoryRequestBody {
    /// Which room.
    pub room: String,
    /// Events older than this one.
    pub before: Option<u64>,
    /// Events newer than this one.
    pub after: Option<u64>,
    /// The most events; 100 when absent.
    #[schema(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

/// `snapshot`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SnapshotRequestBody {
    /// Which room.
    pub room: String,
    /// The state after which event; the newest when absent.
    pub seq: Option<u64>,
}

impl std::fmt::Debug for TokenBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenBody(hidden)")
    }
}

impl OpBody {
    /// The command, within its bounds, and whether it is only tried.
    pub(super) fn into_command(self) -> Result<(Command, bool), Invalid> {
        let command = Command {
            op_id: self.op_id.0,
            override_reason: override_reason(&self.op)?,
            op: op::read(self.op, "op")?,
            base_version: self.base_version,
        };
        if command.base_version == Some(0) {
            return Err(Invalid::new("baseVersion", "must be at least 1"));
        }
        command.validate().map_err(|invalid| invalid.under("op"))?;
        Ok((command, self.dry_run.unwrap_or_default()))
    }
}

fn override_reason(op: &Value) -> Result<Option<String>, Invalid> {
    match op.get("override") {
        None | Some(Value::Null) => Ok(None),
        Some(tree) => {
            typed::read::<Override>(tree.clone(), "op.override").map(|body| Some(body.reason))
        }
    }
}

/// Text of at most `most` characters.
pub(super) fn at_most(field: &str, text: Option<&str>, most: usize) -> Result<(), Invalid> {
    if text.is_some_and(|text| text.chars().count() > most) {
        return Err(Invalid::new(field, format!("must be at most {most} characters")));
    }
    Ok(())
}

fn number_or_digits<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<u64, D::Error> {
    match Value::deserialize(reader)? {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| serde::de::Error::custom("must be the number that locked gave"))
}

fn lock_token() -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let digits = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]+$"));
    Schema::OneOf(OneOfBuilder::new().item(number).item(digits).build())
}
