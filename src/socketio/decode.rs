//! Packets of clients: a text, and the attachments that must follow it before anything else.

use bytes::Bytes;
use bytestring::ByteString;

use super::config::Limits;
use super::json::{elements, is_object, is_shallow, places_fit};
use crate::engineio::Message;

/// Names that mean something to the libraries themselves (socket.io-parser, `RESERVED_EVENTS`).
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
/// The largest number that JavaScript counts to.
const MAX_ID: u64 = (1 << 53) - 1;

/// A packet with all its attachments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The namespace, `/` when none was named.
    pub namespace: ByteString,
    /// What it says.
    pub body: Body,
}

/// What a packet says. Arguments are JSON as it was written; a placeholder's `num` counts
/// attachments from 0 and is known to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Wants into the namespace; with a JSON object, if any.
    Connect(Option<ByteString>),
    /// Leaves it.
    Disconnect,
    /// Something happened.
    Event {
        /// What; for a number, its digits.
        name: ByteString,
        /// With what.
        args: Vec<ByteString>,
        /// The bytes of its placeholders.
        attachments: Vec<Bytes>,
        /// Under which number an answer is awaited.
        id: Option<u64>,
    },
    /// An answer.
    Ack {
        /// To which number. One without answers nothing.
        id: Option<u64>,
        /// With what.
        args: Vec<ByteString>,
        /// The bytes of its placeholders.
        attachments: Vec<Bytes>,
    },
    /// What only servers say.
    ConnectError,
}

/// Not what a client may send; its transport is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The first character is no packet type.
    #[error("unknown packet type")]
    UnknownType,
    /// The number of attachments is missing, 0, or too large.
    #[error("illegal number of attachments")]
    Attachments,
    /// The number of an acknowledgement is beyond 2^53 − 1.
    #[error("illegal acknowledgement id")]
    Id,
    /// What follows is not what this type carries.
    #[error("invalid payload")]
    Payload,
    /// A text came where an attachment was due.
    #[error("text instead of an attachment")]
    Interrupted,
    /// An attachment came that belongs to nothing.
    #[error("unexpected binary data")]
    Unexpected,
    /// The packet is larger than allowed.
    #[error("too large")]
    TooLarge,
}

/// The decoder of one client.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    partial: Option<Partial>,
}

/// A packet whose attachments are still coming.
#[derive(Debug)]
struct Partial {
    packet: Packet,
    missing: usize,
    bytes: usize,
}

impl Decoder {
    /// One that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, partial: None }
    }

    /// Takes a message; gives the packet that it completes.
    ///
    /// # Errors
    /// [`Violation`]; what comes after one means nothing.
    pub fn push(&mut self, message: Message) -> Result<Option<Packet>, Violation> {
        match (message, self.partial.take()) {
            (Message::Text(text), None) => self.begin(&text),
            (Message::Text(_), Some(_)) => Err(Violation::Interrupted),
            (Message::Binary(_), None) => Err(Violation::Unexpected),
            (Message::Binary(bytes), Some(partial)) => self.attach(partial, bytes),
        }
    }

    fn begin(&mut self, text: &ByteString) -> Result<Option<Packet>, Violation> {
        if text.len() > self.limits.bytes {
            return Err(Violation::TooLarge);
        }
        let head = Head::read(text, self.limits.attachments)?;
        if !is_shallow(head.payload, self.limits.depth) {
            return Err(Violation::TooLarge);
        }
        let (missing, bytes) = (head.attachments, text.len());
        let packet = head.packet(text)?;
        if missing == 0 {
            return Ok(Some(packet));
        }
        self.partial = Some(Partial { packet, missing, bytes });
        Ok(None)
    }

    fn attach(&mut self, mut partial: Partial, bytes: Bytes) -> Result<Option<Packet>, Violation> {
        partial.bytes += bytes.len();
        if partial.bytes > self.limits.bytes {
            return Err(Violation::TooLarge);
        }
        if let Body::Event { attachments, .. } | Body::Ack { attachments, .. } =
            &mut partial.packet.body
        {
            attachments.push(bytes);
        }
        partial.missing -= 1;
        if partial.missing == 0 {
            return Ok(Some(partial.packet));
        }
        self.partial = Some(partial);
        Ok(None)
    }
}

/// A text taken apart.
struct Head<'a> {
    kind: u8,
    attachments: usize,
    namespace: &'a str,
    id: Option<u64>,
    payload: &'a str,
}

impl<'a> Head<'a> {
    fn read(text: &'a str, most: usize) -> Result<Self, Violation> {
        let kind = text.bytes().next().filter(|kind| (b'0'..=b'6').contains(kind));
        let kind = kind.ok_or(Violation::UnknownType)?;
        let mut rest = &text[1..];
        let mut attachments = 0;
        if matches!(kind, b'5' | b'6') {
            let (count, after) = rest.split_once('-').ok_or(Violation::Attachments)?;
            attachments = number(count)
                .filter(|count| (1..=most as u64).contains(count))
                .ok_or(Violation::Attachments)? as usize;
            rest = after;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (id, payload) = rest.split_at(digits);
        let id = match id {
            "" => None,
            id => Some(number(id).filter(|id| *id <= MAX_ID).ok_or(Violation::Id)?),
        };
        Ok(Self { kind, attachments, namespace, id, payload })
    }

    fn packet(self, text: &ByteString) -> Result<Packet, Violation> {
        let namespace = match self.namespace {
            "/" => ByteString::from_static("/"),
            other => text.slice_ref(other),
        };
        Ok(Packet { namespace, body: self.body(text)? })
    }

    fn body(&self, text: &ByteString) -> Result<Body, Violation> {
        let Self { payload, id, .. } = *self;
        match self.kind {
            b'0' if payload.is_empty() => Ok(Body::Connect(None)),
            b'0' if is_object(payload) => Ok(Body::Connect(Some(text.slice_ref(payload)))),
            b'1' if payload.is_empty() => Ok(Body::Disconnect),
            b'2' | b'5' => {
                let mut args = self.args(text)?;
                let name = event_name(args.first().ok_or(Violation::Payload)?)?;
                args.remove(0);
                Ok(Body::Event { name, args, attachments: self.room(), id })
            }
            b'3' if payload.is_empty() => {
                Ok(Body::Ack { id, args: Vec::new(), attachments: Vec::new() })
            }
            b'3' | b'6' => Ok(Body::Ack { id, args: self.args(text)?, attachments: self.room() }),
            b'4' => Ok(Body::ConnectError),
            _ => Err(Violation::Payload),
        }
    }

    fn args(&self, text: &ByteString) -> Result<Vec<ByteString>, Violation> {
        let array = text.slice_ref(self.payload);
        let args = elements(&array).ok_or(Violation::Payload)?;
        if self.attachments > 0 && !places_fit(&array, self.attachments) {
            return Err(Violation::Attachments);
        }
        Ok(args)
    }

    fn room(&self) -> Vec<Bytes> {
        Vec::with_capacity(self.attachments)
    }
}

/// Digits alone, few enough to be counted.
fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The name of an event: a string that is not reserved, or a number.
fn event_name(json: &ByteString) -> Result<ByteString, Violation> {
    if json.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Ok(json.clone());
    }
    let name: String = serde_json::from_str(json).map_err(|_| Violation::Payload)?;
    if RESERVED.contains(&name.as_str()) { Err(Violation::Payload) } else { Ok(name.into()) }
}
