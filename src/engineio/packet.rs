//! Engine.IO packets (protocol 4) as they come in, and the payload of a POST, which is several of
//! them. The payload is decoded one packet at a time: what a hostile body could become never exists
//! at once.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use bytestring::ByteString;

/// Between the packets of one payload: the record separator, which JSON never has unescaped.
pub const SEPARATOR: char = '\x1e';
/// As lenient about padding as the clients' own decoders.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a client says to whoever mounted the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
}

/// One packet of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`, which only servers send.
    Open,
    /// `1`: the client leaves.
    Close,
    /// `2` with what follows: an upgrading WebSocket asks `probe`; anything else is a violation.
    Ping(ByteString),
    /// `3`: the answer to a ping.
    Pong,
    /// `4`, `b`, or a binary frame.
    Message(Message),
    /// `5`: the WebSocket is the transport from here on.
    Upgrade,
    /// `6`: nothing.
    Noop,
}

/// Not a packet; the session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Engine.IO packet")]
pub struct BadPacket;

impl Packet {
    /// The packet in one text frame, or in one piece of a payload.
    ///
    /// # Errors
    /// [`BadPacket`] for an unknown type and for what is not base64 after `b`.
    pub fn decode(text: &ByteString) -> Result<Self, BadPacket> {
        let kind = text.bytes().next().ok_or(BadPacket)?;
        let data = || text.slice_ref(&text[1..]);
        match kind {
            b'0' => Ok(Self::Open),
            b'1' => Ok(Self::Close),
            b'2' => Ok(Self::Ping(data())),
            b'3' => Ok(Self::Pong),
            b'4' => Ok(Self::Message(Message::Text(data()))),
            b'5' => Ok(Self::Upgrade),
            b'6' => Ok(Self::Noop),
            b'b' => {
                let bytes = BASE64.decode(&text[1..]).map_err(|_| BadPacket)?;
                Ok(Self::Message(Message::Binary(bytes.into())))
            }
            _ => Err(BadPacket),
        }
    }
}

/// The packets of one POST, in order; ends after the first that is none.
#[derive(Debug)]
pub struct Payload(Option<ByteString>);

impl Payload {
    /// The packets of a body.
    ///
    /// # Errors
    /// [`BadPacket`] when it is not UTF-8.
    pub fn new(body: Bytes) -> Result<Self, BadPacket> {
        ByteString::try_from(body).map(|text| Self(Some(text))).map_err(|_| BadPacket)
    }
}

impl Iterator for Payload {
    type Item = Result<Packet, BadPacket>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.take()?;
        let (packet, rest) = match text.split_once(SEPARATOR) {
            Some((packet, rest)) => (text.slice_ref(packet), Some(text.slice_ref(rest))),
            None => (text, None),
        };
        let packet = Packet::decode(&packet);
        self.0 = rest.filter(|_| packet.is_ok());
        Some(packet)
    }
}

/// Binary data as one piece of a payload.
pub(super) fn encode_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<Packet, BadPacket> {
        Packet::decode(&text.into())
    }

    #[test]
    fn each_type_is_known_by_its_first_character() {
        assert_eq!(decode("0{}"), Ok(Packet::Open));
        assert_eq!(decode("1"), Ok(Packet::Close));
        assert_eq!(decode("2probe"), Ok(Packet::Ping("probe".into())));
        assert_eq!(decode("3probe"), Ok(Packet::Pong));
        assert_eq!(decode("4hä"), Ok(Packet::Message(Message::Text("hä".into()))));
        assert_eq!(decode("4"), Ok(Packet::Message(Message::Text("".into()))));
        assert_eq!(decode("5"), Ok(Packet::Upgrade));
        assert_eq!(decode("6"), Ok(Packet::Noop));
        for bad in ["", "7", "abc", "ä", " 4", "\u{1e}"] {
            assert_eq!(decode(bad), Err(BadPacket), "{bad:?}");
        }
    }

    #[test]
    fn base64_may_leave_out_its_padding() {
        let bytes = Ok(Packet::Message(Message::Binary(vec![1, 2, 3, 4].into())));
        assert_eq!(decode("bAQIDBA=="), bytes);
        assert_eq!(decode("bAQIDBA"), bytes);
        assert_eq!(decode("b"), Ok(Packet::Message(Message::Binary(Bytes::new()))));
        assert_eq!(decode("b!"), Err(BadPacket));
    }

    #[test]
    fn a_payload_ends_with_its_first_bad_packet() {
        let payload = Payload::new("4a\x1e\x1e4b".into()).unwrap();
        let packets: Vec<_> = payload.collect();
        assert_eq!(packets, [Ok(Packet::Message(Message::Text("a".into()))), Err(BadPacket)]);
        assert_eq!(Payload::new(Bytes::new()).unwrap().collect::<Vec<_>>(), [Err(BadPacket)]);
        assert!(Payload::new(vec![b'4', 0xff].into()).is_err());
    }
}
