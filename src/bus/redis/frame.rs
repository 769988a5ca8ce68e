//! What nodes say on a channel, as bytes: one byte of version, one of kind, the node's id, then the
//! payload of a message. Pure.

use bytes::Bytes;
use uuid::Uuid;

use crate::bus::NodeId;

/// Grows with every change that older nodes would misread; they pass over what they don't know.
const VERSION: u8 = 1;
const HEAD: usize = 18;

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub from: NodeId,
    pub said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Message(Bytes),
    Alive,
    Left,
}

impl Frame {
    pub(super) fn encode(&self) -> Vec<u8> {
        let (kind, payload): (u8, &[u8]) = match &self.said {
            Said::Message(payload) => (0, payload),
            Said::Alive => (1, &[]),
            Said::Left => (2, &[]),
        };
        let mut bytes = Vec::with_capacity(HEAD + payload.len());
        bytes.extend([VERSION, kind]);
        bytes.extend(self.from.0.as_bytes());
        bytes.extend(payload);
        bytes
    }

    /// None when it is of another version or kind, or no frame at all.
    pub(super) fn decode(bytes: Bytes) -> Option<Self> {
        if bytes.len() < HEAD || bytes[0] != VERSION {
            return None;
        }
        let from = NodeId(Uuid::from_slice(&bytes[2..HEAD]).ok()?);
        let said = match bytes[1] {
            0 => Said::Message(bytes.slice(HEAD..)),
            1 => Said::Alive,
            2 => Said::Left,
            _ => return None,
        };
        Some(Self { from, said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were() {
        let from = NodeId(Uuid::now_v7());
        for said in [Said::Message(Bytes::from_static(b"\0x")), Said::Alive, Said::Left] {
            let frame = Frame { from, said };
            assert_eq!(Frame::decode(frame.encode().into()), Some(frame));
        }
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let frame = Frame { from: NodeId(Uuid::nil()), said: Said::Alive };
        let known = frame.encode();
        for (place, value) in [(0, 2), (1, 3)] {
            let mut other = known.clone();
            other[place] = value;
            assert_eq!(Frame::decode(other.into()), None);
        }
        assert_eq!(Frame::decode(known[..17].to_vec().into()), None);
        assert_eq!(Frame::decode(Bytes::new()), None);
    }
}
