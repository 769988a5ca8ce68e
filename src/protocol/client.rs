//! Everything a client may say: bytes in, proven values out.
//!
//! Two passes: the head (`type`, `id`) first, so that a reply keeps the request's `id` whatever is
//! wrong with the rest; then the message's own fields. Called by the session for each frame and by
//! `http` for the body of an operation. Never panics; every refusal has a code of the catalogue.

use bytestring::ByteString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::error::WireError;
use super::presence::{Cursor, SelectionBody};
use super::request::{
    CursorMoveBody, DEFAULT_HISTORY, HistoryRequestBody, JoinBody, LockBody, MAX_AVATAR,
    MAX_HISTORY, MAX_LOCK_TTL_MS, OpBody, RoomBody, SelectionChangeBody, Since,
    SnapshotRequestBody, TokenBody, UnlockBody, at_most,
};
use super::text::TextForm;
use super::{Framing, msgpack, tree, typed};
use crate::domain::{Command, CourseId, Invalid, RoomId};

/// The room that a message names; `None` for text that is no room's id, which is answered like a
/// room that is not there.
pub type RoomRef = Option<RoomId>;

/// One decoded message.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// To be repeated as `re` of the reply.
    pub id: Option<Number>,
    /// What is asked.
    pub message: ClientMessage,
}

/// A message that was not understood.
#[derive(Clone, Debug, PartialEq)]
pub struct BadRequest {
    /// To be repeated as `re` of the reply, where it could be read.
    pub id: Option<Number>,
    /// What to answer.
    pub error: WireError,
}

/// What clients say.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// The first message when the upgrade carried no token.
    Authenticate {
        /// A signed token.
        token: Token,
    },
    /// A new token before the old one ends.
    Refresh {
        /// A signed token.
        token: Token,
    },
    /// Asks for the time.
    Ping,
    /// Enters a room.
    Join {
        /// Which.
        room: RoomRef,
        /// What the client already has.
        since: Option<Since>,
        /// How others see the member.
        profile: Profile,
    },
    /// Leaves a room.
    Leave {
        /// Which.
        room: RoomRef,
    },
    /// Changes the timetable.
    Op(OpRequest),
    /// Points somewhere.
    CursorMove {
        /// In which room.
        room: RoomRef,
        /// Where.
        cursor: Cursor,
    },
    /// Selects something.
    SelectionChange {
        /// In which room.
        room: RoomRef,
        /// What.
        selection: SelectionBody,
    },
    /// Takes or renews a lock.
    Lock {
        /// In which room.
        room: RoomRef,
        /// On what.
        course_id: CourseId,
        /// How long; the room has a default.
        ttl_ms: Option<u64>,
    },
    /// Gives a lock back.
    Unlock {
        /// In which room.
        room: RoomRef,
        /// On what.
        course_id: CourseId,
        /// As `locked` gave it.
        token: u64,
    },
    /// Reads events.
    History {
        /// Of which room.
        room: RoomRef,
        /// Which ones.
        page: Page,
        /// At most how many.
        limit: usize,
    },
    /// Reads a state.
    Snapshot {
        /// Of which room.
        room: RoomRef,
        /// After which event; the newest when absent.
        seq: Option<u64>,
    },
}

/// A token as text; hidden in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// How others see a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Cursor colour, `#rrggbb` in lower case.
    pub color: Option<String>,
    /// Address of a picture.
    pub avatar: Option<String>,
}

/// An operation for a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpRequest {
    /// In which room.
    pub room: RoomRef,
    /// What is asked.
    pub command: Command,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// Which events of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest that are older than this one.
    Before(u64),
    /// The oldest that are newer than this one.
    After(u64),
    /// The newest.
    Newest,
}

/// The names of all client messages.
pub const CLIENT_TYPES: [&str; 12] = [
    "authenticate",
    "refresh",
    "ping",
    "join",
    "leave",
    "op",
    "cursor_move",
    "selection_change",
    "lock",
    "unlock",
    "history",
    "snapshot",
];

/// Reads one frame.
///
/// # Errors
/// What to answer: `too_large`, `unknown_type`, or `invalid` with the field's path.
pub fn decode(framing: Framing, bytes: &[u8]) -> Result<Request, BadRequest> {
    let fields = tree::read(framing, bytes).and_then(object);
    let fields = fields.map_err(|error| BadRequest { id: None, error })?;
    let id = id(&fields).map_err(|error| BadRequest { id: None, error: error.into() })?;
    match typed_message(fields) {
        Ok(message) => Ok(Request { id, message }),
        Err(error) => Err(BadRequest { id, error }),
    }
}

/// The `id` of a message that is refused for its length: nothing else of it is kept. `None` where there
/// is none, or the bytes are not read that far.
#[must_use]
pub fn id_of(framing: Framing, bytes: &[u8]) -> Option<Number> {
    let head = match framing {
        Framing::Json => serde_json::from_slice::<Head>(bytes).ok(),
        Framing::MessagePack => msgpack::skim::<Head>(bytes),
    };
    head?.id
}

#[derive(Deserialize)]
struct Head {
    id: Option<Number>,
}

/// Reads a Socket.IO event: the message's type is its name, the other fields are its one argument,
/// which a message without fields can do without.
///
/// # Errors
/// As [`decode`].
pub fn decode_event(name: &str, arguments: &[ByteString]) -> Result<ClientMessage, WireError> {
    let fields = match arguments {
        [] => Map::new(),
        [argument] => match tree::read(Framing::Json, argument.as_bytes())? {
            Value::Null => Map::new(),
            tree => object(tree)?,
        },
        _ => return Err(WireError::invalid("", "must be one object")),
    };
    message(name, fields)
}

/// Reads the REST body of an operation: the fields of `op` without `type`, `id` and `room`.
///
/// # Errors
/// `too_large`, or `invalid` with the field's path.
pub fn decode_op(bytes: &[u8]) -> Result<(Command, bool), WireError> {
    let tree = tree::read(Framing::Json, bytes)?;
    Ok(typed::read::<OpBody>(tree, "")?.into_command()?)
}

fn object(tree: Value) -> Result<Map<String, Value>, WireError> {
    match tree {
        Value::Object(fields) => Ok(fields),
        _ => Err(WireError::invalid("", "must be an object")),
    }
}

fn id(fields: &Map<String, Value>) -> Result<Option<Number>, Invalid> {
    match fields.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(id)) => Ok(Some(id.clone())),
        Some(_) => Err(Invalid::new("id", "must be a number")),
    }
}

fn typed_message(mut fields: Map<String, Value>) -> Result<ClientMessage, WireError> {
    match fields.remove("type") {
        Some(Value::String(kind)) => message(&kind, fields),
        Some(_) => Err(WireError::invalid("type", "must be a string")),
        None => Err(WireError::invalid("type", "is required")),
    }
}

fn message(kind: &str, fields: Map<String, Value>) -> Result<ClientMessage, WireError> {
    let tree = Value::Object(fields);
    let message = match kind {
        "authenticate" => ClientMessage::Authenticate { token: token(tree)? },
        "refresh" => ClientMessage::Refresh { token: token(tree)? },
        "ping" => ClientMessage::Ping,
        "join" => join(body(tree)?)?,
        "leave" => ClientMessage::Leave { room: room(&body::<RoomBody>(tree)?.room) },
        "op" => ClientMessage::Op(op(tree)?),
        "cursor_move" => cursor_move(body(tree)?)?,
        "selection_change" => selection_change(body(tree)?)?,
        "lock" => lock(body(tree)?)?,
        "unlock" => unlock(body(tree)?),
        "history" => history(&body(tree)?)?,
        "snapshot" => snapshot(&body(tree)?),
        _ => return Err(WireError::unknown_type()),
    };
    Ok(message)
}

fn body<T: DeserializeOwned>(tree: Value) -> Result<T, Invalid> {
    typed::read(tree, "")
}

fn room(text: &str) -> RoomRef {
    RoomId::parse(text).ok()
}

fn token(tree: Value) -> Result<Token, Invalid> {
    let token = body::<TokenBody>(tree)?.token;
    if token.is_empty() {
        Err(Invalid::new("token", "must not be empty"))
    } else {
        Ok(Token(token))
    }
}

fn join(body: JoinBody) -> Result<ClientMessage, Invalid> {
    let profile = body.profile.map_or_else(Profile::default, |profile| Profile {
        color: profile.color.map(|color| color.0.0),
        avatar: profile.avatar,
    });
    at_most("profile.avatar", profile.avatar.as_deref(), MAX_AVATAR)?;
    Ok(ClientMessage::Join { room: room(&body.room), since: body.since, profile })
}

fn op(tree: Value) -> Result<OpRequest, Invalid> {
    let room = room(&body::<RoomBody>(Value::Object(address(&tree)))?.room);
    let (command, dry_run) = body::<OpBody>(tree)?.into_command()?;
    Ok(OpRequest { room, command, dry_run })
}

/// The `room` field alone: an operation is large, its address is not.
fn address(tree: &Value) -> Map<String, Value> {
    tree.get("room").map(|room| ("room".to_owned(), room.clone())).into_iter().collect()
}

fn cursor_move(body: CursorMoveBody) -> Result<ClientMessage, Invalid> {
    let room = room(&body.room);
    let CursorMoveBody { x, y, component_id, component_type, .. } = body;
    let cursor = Cursor { x, y, component_id, component_type };
    cursor.validate()?;
    Ok(ClientMessage::CursorMove { room, cursor })
}

fn selection_change(body: SelectionChangeBody) -> Result<ClientMessage, Invalid> {
    body.selection.validate()?;
    Ok(ClientMessage::SelectionChange { room: room(&body.room), selection: body.selection })
}

fn lock(body: LockBody) -> Result<ClientMessage, Invalid> {
    if body.ttl_ms == Some(0) {
        return Err(Invalid::new("ttlMs", "must be at least 1"));
    }
    let room = room(&body.room);
    Ok(ClientMessage::Lock {
        room,
        course_id: body.course_id.0,
        ttl_ms: body.ttl_ms.map(|ttl| ttl.min(MAX_LOCK_TTL_MS)),
    })
}

fn unlock(body: UnlockBody) -> ClientMessage {
    let room = room(&body.room);
    ClientMessage::Unlock { room, course_id: body.course_id.0, token: body.token }
}

fn history(body: &HistoryRequestBody) -> Result<ClientMessage, Invalid> {
    let page = match (body.before, body.after) {
        (Some(_), Some(_)) => return Err(Invalid::new("after", "must not be given with before")),
        (Some(seq), None) => Page::Before(seq),
        (None, Some(seq)) => Page::After(seq),
        (None, None) => Page::Newest,
    };
    let limit = match body.limit {
        None => DEFAULT_HISTORY,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX_HISTORY).contains(limit))
            .ok_or_else(|| Invalid::new("limit", format!("must be 1 to {MAX_HISTORY}")))?,
    };
    Ok(ClientMessage::History { room: room(&body.room), page, limit })
}

fn snapshot(body: &SnapshotRequestBody) -> ClientMessage {
    ClientMessage::Snapshot { room: room(&body.room), seq: body.seq }
}
