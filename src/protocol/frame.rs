//! One encoded message, shared by all who get it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use bytestring::ByteString;

use super::msgpack;

/// A message ready to be sent: cloned by reference count, encoded at most once per framing.
#[derive(Clone, Debug)]
pub struct Frame(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    json: ByteString,
    msgpack: OnceLock<Bytes>,
}

impl Frame {
    /// Wraps the JSON text of a message. `text` is made by [`super::server::encode`].
    pub(super) fn new(text: String) -> Self {
        Self(Arc::new(Encoded { json: text.into(), msgpack: OnceLock::new() }))
    }

    /// For a text frame.
    #[must_use]
    pub fn json(&self) -> ByteString {
        self.0.json.clone()
    }

    /// For a binary frame; encoded when first asked for.
    #[must_use]
    pub fn msgpack(&self) -> Bytes {
        self.0.msgpack.get_or_init(|| msgpack::from_json(&self.0.json).into()).clone()
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
