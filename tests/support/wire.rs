//! How messages are put into frames. Native: one JSON object a text frame, or the same object as
//! MessagePack in a binary frame. Socket.IO: an event named by the type, a reply by its number.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// How objects are put into frames; the native ones are chosen by the subprotocol of the upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Json,
    MsgPack,
    /// On the WebSocket of a Socket.IO client.
    SocketIo,
}

impl Framing {
    /// The framing that a subprotocol stands for; JSON when none was agreed on.
    pub fn of(subprotocol: Option<&str>) -> Self {
        match subprotocol {
            Some("kyo.v1.msgpack") => Self::MsgPack,
            _ => Self::Json,
        }
    }

    /// What a story's clients speak when it does not say: native JSON, or Socket.IO when
    /// `KYO_CLIENTS=socketio`, so that every story holds for both.
    #[expect(clippy::disallowed_methods, reason = "the run is told by environment")]
    pub fn of_stories() -> Self {
        match std::env::var("KYO_CLIENTS").as_deref() {
            Err(_) | Ok("native") => Self::Json,
            Ok("socketio") => Self::SocketIo,
            Ok(other) => panic!("KYO_CLIENTS must be native or socketio, not {other}"),
        }
    }

    /// The subprotocol's name.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "kyo.v1.json",
            Self::MsgPack => "kyo.v1.msgpack",
            Self::SocketIo => panic!("Socket.IO has no subprotocol"),
        }
    }

    /// Whether a frame carries a message: not an acknowledgement of what has no reply, and not the
    /// last words that a native client reads in the close frame.
    pub fn is_message(self, message: &Message) -> bool {
        let text = message.to_text().unwrap_or_default();
        let said = ["42[\"closing\",", "42[\"disconnecting\","].iter().any(|w| text.starts_with(w));
        self != Self::SocketIo || !(said || text.starts_with("43") && text.ends_with("[]"))
    }

    /// One object as one frame.
    pub fn encode(self, object: &Value) -> Message {
        match self {
            Self::Json => Message::text(object.to_string()),
            Self::MsgPack => {
                Message::binary(rmp_serde::to_vec_named(object).expect("JSON fits MessagePack"))
            }
            Self::SocketIo => Message::text(event(object.clone())),
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
            (Self::SocketIo, Message::Text(text)) => object_of(text),
            (framing, other) => panic!("a {framing:?} client was sent {other:?}"),
        };
        assert!(value.is_object(), "every message is an object: {value}");
        value
    }
}

/// `42`, the number under which an acknowledgement is awaited, name and argument.
fn event(mut object: Value) -> String {
    let fields = object.as_object_mut().expect("every message is an object");
    let id = fields.remove("id").map_or(String::new(), |id| id.to_string());
    let kind = fields.remove("type").expect("every message has a type");
    format!("42{id}{}", json!([kind, object]))
}

/// An event or an acknowledgement, as the native object that means the same.
fn object_of(text: &str) -> Value {
    let (head, arguments) = text.split_at(text.find('[').expect("arguments"));
    let arguments: Vec<Value> = serde_json::from_str(arguments).expect("arguments are JSON");
    match (head.split_at(2), &*arguments) {
        (("42", ""), [kind, fields]) => {
            let mut object = fields.clone();
            assert!(object["type"].is_null(), "the type is the event's name: {text}");
            object["type"] = kind.clone();
            object
        }
        (("43", id), [reply]) => {
            let mut object = reply.clone();
            assert!(object["re"].is_null(), "a reply is found by its number: {text}");
            object["re"] = id.parse::<u64>().expect("a number").into();
            object
        }
        _ => panic!("an event or an acknowledgement was expected: {text}"),
    }
}
