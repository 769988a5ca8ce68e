//! The two framings of the native transport: one JSON object a text frame, or the same object as
//! MessagePack in a binary frame.

use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

/// How objects are put into frames; chosen by the subprotocol of the upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Json,
    MsgPack,
}

impl Framing {
    /// The framing that a subprotocol stands for; JSON when none was agreed on.
    pub fn of(subprotocol: Option<&str>) -> Self {
        match subprotocol {
            Some("kyo.v1.msgpack") => Self::MsgPack,
            _ => Self::Json,
        }
    }

    /// The subprotocol's name.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "kyo.v1.json",
            Self::MsgPack => "kyo.v1.msgpack",
        }
    }

    /// One object as one frame.
    pub fn encode(self, object: &Value) -> Message {
        match self {
            Self::Json => Message::text(object.to_string()),
            Self::MsgPack => {
                Message::binary(rmp_serde::to_vec_named(object).expect("JSON fits MessagePack"))
            }
        }
    }

    /// One frame as one object.
    ///
    /// # Panics
    /// If the service used the other framing or sent something that is no object.
    pub fn decode(self, message: &Message) -> Value {
        let value: Value = match (self, message) {
            (Self::Json, Message::Text(text)) => {
                serde_json::from_str(text).expect("a text frame holds JSON")
            }
            (Self::MsgPack, Message::Binary(bytes)) => {
                rmp_serde::from_slice(bytes).expect("a binary frame holds MessagePack")
            }
            (framing, other) => panic!("a {framing:?} client was sent {other:?}"),
        };
        assert!(value.is_object(), "every message is an object: {value}");
        value
    }
}
