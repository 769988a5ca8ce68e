//! One encoded message, shared by all who get it.

use std::sync::{Arc, OnceLock};

use actix_http::ws::{OpCode, Parser};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use super::code::CloseCode;
use super::{Framing, msgpack};
use crate::socketio::{Batch, encode};

/// The one namespace that Socket.IO clients are in.
pub const NAMESPACE: &str = "/";

/// A message ready to be sent: cloned by reference count, encoded at most once per framing.
#[derive(Clone, Debug)]
pub struct Frame(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    json: ByteString,
    kind: &'static str,
    /// Where the message's own fields begin in `json`.
    fields: usize,
    text: OnceLock<Bytes>,
    binary: OnceLock<Bytes>,
    event: OnceLock<Batch>,
}

impl Frame {
    /// Wraps the JSON text of a message of type `kind`, whose own fields begin at `fields` and end
    /// with the text. Made by [`super::server::encode`].
    pub(super) fn new(text: String, kind: &'static str, fields: usize) -> Self {
        let json = text.into();
        let (text, binary, event) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(Encoded { json, kind, fields, text, binary, event }))
    }

    /// The message as JSON.
    #[must_use]
    pub fn json(&self) -> ByteString {
        self.0.json.clone()
    }

    /// The message as MessagePack.
    #[must_use]
    pub fn msgpack(&self) -> Vec<u8> {
        msgpack::from_json(&self.0.json)
    }

    /// The whole WebSocket frame, header included: a server does not mask, so the same bytes go to
    /// every client of a framing (RFC 6455, section 5.1). Made when first asked for.
    #[must_use]
    pub fn wire(&self, framing: Framing) -> Bytes {
        match framing {
            Framing::Json => self.0.text.get_or_init(|| whole(OpCode::Text, &self.0.json)),
            Framing::MessagePack => {
                self.0.binary.get_or_init(|| whole(OpCode::Binary, &self.msgpack()))
            }
        }
        .clone()
    }

    /// The message as a Socket.IO event: its type is the event's name, its other fields are the one
    /// argument. Made when first asked for.
    #[must_use]
    pub fn event(&self) -> &Batch {
        let Encoded { json, kind, fields, event, .. } = &*self.0;
        event.get_or_init(|| {
            let argument = format!("{{{}", &json[*fields..]);
            encode::event(NAMESPACE, kind, &[argument], &[])
        })
    }

    /// Bytes of the JSON text: what a queue counts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.json.len()
    }

    /// Whether there are no bytes; never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.json.is_empty()
    }
}

/// What a Socket.IO client is told before its transport is closed: what a native one reads in the
/// close frame.
#[must_use]
pub fn closing(code: CloseCode) -> Batch {
    last_word("closing", code)
}

/// The same under the contract's name, which the parser of JavaScript clients reserves
/// (socket.io-parser, `RESERVED_EVENTS`): they hang up on it, and drop what came in the same read.
#[must_use]
pub fn disconnecting(code: CloseCode) -> Batch {
    last_word("disconnecting", code)
}

fn last_word(name: &str, code: CloseCode) -> Batch {
    let told = serde_json::json!({ "code": code.number(), "reason": code.reason() });
    encode::event(NAMESPACE, name, &[told.to_string()], &[])
}

fn whole(code: OpCode, payload: &(impl AsRef<[u8]> + ?Sized)) -> Bytes {
    let payload = payload.as_ref();
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    Parser::write_message(&mut frame, payload, code, true, false);
    frame.freeze()
}
