//! What goes out: packets that belong together, encoded once for everybody who gets them. They are
//! written one after the other with nothing in between, which a Socket.IO event with its attachments
//! depends on.

use std::ops::Range;
use std::sync::Arc;

use actix_http::ws::{OpCode, Parser};
use bytes::{Bytes, BytesMut};

use super::packet::{SEPARATOR, encode_base64};

/// Packets ready to be sent; a clone is a reference.
#[derive(Clone, Debug)]
pub struct Batch(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    /// Whole WebSocket frames: a server does not mask, so the same bytes go to every client
    /// (RFC 6455, section 5.1).
    wire: Bytes,
    parts: Box<[Part]>,
}

/// Where a packet is in the frames, their headers left out.
#[derive(Debug)]
enum Part {
    /// With its type in front.
    Text(Range<usize>),
    Binary(Range<usize>),
}

impl Batch {
    /// One text message.
    #[must_use]
    pub fn text(message: &str) -> Self {
        Self::group(message, &[])
    }

    /// One binary message.
    #[must_use]
    pub fn binary(message: &[u8]) -> Self {
        let mut encoder = Encoder::default();
        encoder.binary(message);
        encoder.finish()
    }

    /// A text message and the binary messages that follow it.
    #[must_use]
    pub fn group(message: &str, attachments: &[Bytes]) -> Self {
        let mut encoder = Encoder::default();
        encoder.packet(&format!("4{message}"));
        attachments.iter().for_each(|bytes| encoder.binary(bytes));
        encoder.finish()
    }

    /// A packet of another type than message.
    pub(super) fn packet(text: &str) -> Self {
        let mut encoder = Encoder::default();
        encoder.packet(text);
        encoder.finish()
    }

    /// The WebSocket frames.
    #[must_use]
    pub fn wire(&self) -> Bytes {
        self.0.wire.clone()
    }

    /// How many packets these are.
    #[must_use]
    pub fn packets(&self) -> usize {
        self.0.parts.len()
    }

    /// Bytes on a WebSocket: what a queue counts.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.0.wire.len()
    }

    /// Appends the packets to a long-polling payload.
    pub(super) fn append_to(&self, payload: &mut Vec<u8>) {
        for part in &self.0.parts {
            separate(payload);
            match part {
                Part::Text(range) => payload.extend_from_slice(&self.0.wire[range.clone()]),
                Part::Binary(range) => {
                    payload.push(b'b');
                    payload.extend(encode_base64(&self.0.wire[range.clone()]).bytes());
                }
            }
        }
    }
}

/// Makes room for one more packet in a payload.
pub(super) fn separate(payload: &mut Vec<u8>) {
    if !payload.is_empty() {
        payload.push(SEPARATOR as u8);
    }
}

#[derive(Default)]
struct Encoder {
    wire: BytesMut,
    parts: Vec<Part>,
}

impl Encoder {
    fn packet(&mut self, text: &str) {
        let range = self.frame(text.as_bytes(), OpCode::Text);
        self.parts.push(Part::Text(range));
    }

    fn binary(&mut self, bytes: &[u8]) {
        let range = self.frame(bytes, OpCode::Binary);
        self.parts.push(Part::Binary(range));
    }

    fn frame(&mut self, payload: &[u8], code: OpCode) -> Range<usize> {
        Parser::write_message(&mut self.wire, payload, code, true, false);
        self.wire.len() - payload.len()..self.wire.len()
    }

    fn finish(self) -> Batch {
        Batch(Arc::new(Encoded { wire: self.wire.freeze(), parts: self.parts.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(batches: &[Batch]) -> String {
        let mut payload = Vec::new();
        batches.iter().for_each(|batch| batch.append_to(&mut payload));
        String::from_utf8(payload).unwrap()
    }

    #[test]
    fn a_text_is_one_frame_and_one_packet() {
        let batch = Batch::text("hello");
        assert_eq!(&batch.wire()[..], b"\x81\x064hello");
        assert_eq!(payload(&[batch.clone(), batch]), "4hello\x1e4hello");
    }

    #[test]
    fn attachments_follow_their_text_in_both_encodings() {
        let batch = Batch::group("51-[]", &[Bytes::from_static(&[1, 2, 3, 4]), Bytes::new()]);
        assert_eq!(&batch.wire()[..], b"\x81\x06451-[]\x82\x04\x01\x02\x03\x04\x82\x00");
        assert_eq!(payload(std::slice::from_ref(&batch)), "451-[]\x1ebAQIDBA==\x1eb");
        assert_eq!((batch.packets(), batch.weight()), (3, 16));
    }

    #[test]
    fn long_texts_keep_their_place_behind_longer_headers() {
        for length in [125, 126, 65_534, 65_536, 100_000] {
            let text = "x".repeat(length);
            assert_eq!(payload(&[Batch::text(&text)]), format!("4{text}"));
        }
    }
}
