//! The wire contract kyo.v1: messages, codes, framings, and the one record of an event.
//!
//! Owns every serde type that a client, the bus or the store's opaque bodies see; domain values are
//! converted here and nowhere else. Never decides anything, never does input or output. Called by
//! `actors` and `http`. Reading order: [`client`] (what clients say), [`op`] (operations),
//! [`server`] (what we say), [`code`] and [`error`] (refusals), [`envelope`] and [`state`] (what is
//! kept), [`asyncapi`] (the description of all this).

pub mod asyncapi;
pub mod change;
pub mod client;
pub mod code;
pub mod conflict;
pub mod course;
pub mod envelope;
pub mod error;
pub mod event;
pub mod frame;
mod marks;
mod msgpack;
pub mod op;
pub mod op_body;
pub mod op_kind;
mod op_schema;
pub mod operator;
pub mod peer;
pub mod policy;
pub mod presence;
pub mod push;
pub mod raw;
pub mod relay;
pub mod reply;
pub mod request;
pub mod resource;
pub mod server;
pub mod state;
pub mod template;
pub mod text;
pub mod time;
mod tree;
mod typed;

/// The subprotocol of JSON text frames; the default when a client offers none.
pub const SUBPROTOCOL_JSON: &str = "kyo.v1.json";
/// The subprotocol of MessagePack binary frames.
pub const SUBPROTOCOL_MSGPACK: &str = "kyo.v1.msgpack";
/// The largest message a client may send, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 65_536;
/// How deep arrays and objects may nest in a client's message.
pub const MAX_DEPTH: usize = 32;

/// How messages are put into frames. Both carry the same objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// JSON in text frames.
    Json,
    /// MessagePack in binary frames.
    MessagePack,
}

impl Framing {
    /// The framing that a subprotocol's name stands for.
    #[must_use]
    pub fn from_subprotocol(name: &str) -> Option<Self> {
        match name {
            SUBPROTOCOL_JSON => Some(Self::Json),
            SUBPROTOCOL_MSGPACK => Some(Self::MessagePack),
            _ => None,
        }
    }

    /// The subprotocol's name.
    #[must_use]
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => SUBPROTOCOL_JSON,
            Self::MessagePack => SUBPROTOCOL_MSGPACK,
        }
    }
}
