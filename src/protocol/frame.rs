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

/// A message ready to be sent: cloned by reference count, encoded at most once per framing and copied at most
/// once per thread.
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
    /// What this is a copy of.
    of: Option<Frame>,
}

impl Frame {
    /// Wraps the JSON text of a message of type `kind`, whose own fields begin at `fields` and end
    /// with the text. Made by [`super::server::encode`].
    pub(super) fn new(text: String, kind: &'static str, fields: usize) -> Self {
        Self::make(text.into(), kind, fields, None)
    }

    fn make(json: ByteString, kind: &'static str, fields: usize, of: Option<Self>) -> Self {
        let (text, binary, event) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(Encoded { json, kind, fields, text, binary, event, of }))
    }

    /// The same message for one thread alone. To count references of what another core counts at the same
    /// time takes longer than a copy, from a few clients on.
    #[must_use]
    pub fn apart(&self) -> Self {
        let Encoded { json, kind, fields, .. } = &*self.0;
        Self::make(json.clone(), kind, *fields, Some(self.clone()))
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
        let Encoded { json, text, binary, of, .. } = &*self.0;
        match (framing, of) {
            (Framing::Json, _) => text.get_or_init(|| whole(OpCode::Text, json)),
            (Framing::MessagePack, None) => {
                binary.get_or_init(|| whole(OpCode::Binary, &self.msgpack()))
            }
            // Encoded for all, and copied.
            (Framing::MessagePack, Some(of)) => {
                binary.get_or_init(|| Bytes::copy_from_slice(&of.wire(framing)))
            }
        }
        .clone()
    }

    /// The message as a Socket.IO event: its type is the event's name, its other fields are the one
    /// argument. Made when first asked for.
    #[must_use]
    pub fn event(&self) -> &Batch {
        let Encoded { json, kind, fields, event, of, .. } = &*self.0;
        if let Some(of) = of {
            return of.event();
        }
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
pub fn disconnecting(code: CloseCode) -> Batch {
    last_words("disconnecting", code)
}

/// The same a moment earlier. The parser of JavaScript clients reserves the name `disconnecting` and
/// hangs up on it with all that it read along with it (socket.io-parser, `RESERVED_EVENTS`).
#[must_use]
pub fn closing(code: CloseCode) -> Batch {
    last_words("closing", code)
}

fn last_words(name: &str, code: CloseCode) -> Batch {
    let told = serde_json::json!({ "code": code.number(), "reason": code.reason() });
    encode::event(NAMESPACE, name, &[told.to_string()], &[])
}

fn whole(code: OpCode, payload: &(impl AsRef<[u8]> + ?Sized)) -> Bytes {
    let payload = payload.as_ref();
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    Parser::write_message(&mut frame, payload, code, true, false);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_says_the_same_with_bytes_of_its_own() {
        let frame = Frame::new(r#"{"type":"pong","at":1}"#.to_owned(), "pong", 15);
        let copy = frame.apart();
        for framing in [Framing::Json, Framing::MessagePack] {
            assert_eq!(copy.wire(framing), frame.wire(framing));
            assert_ne!(copy.wire(framing).as_ptr(), frame.wire(framing).as_ptr());
            assert_eq!(copy.wire(framing).as_ptr(), copy.wire(framing).as_ptr(), "made once");
        }
        assert_eq!(copy.json(), frame.json());
        assert!(
            std::ptr::eq(copy.event(), frame.event()),
            "that is sent by nobody who needs a copy"
        );
    }
}
