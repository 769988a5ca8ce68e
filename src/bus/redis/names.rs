//! Names of channels and keys, and the slot of a cluster that each falls into. Pure.
//!
//! Everything of a room has the room's id as its hash tag, so it lies in one slot and a script may
//! touch all of it. The rule is that of the Redis Cluster specification, "Hash tags".

use std::sync::Arc;

use uuid::Uuid;

use crate::bus::NodeId;
use crate::domain::RoomId;

/// Slots of a cluster.
pub(super) const SLOTS: u16 = 16_384;

/// The names of one service; others may use the same servers under another namespace.
#[derive(Clone, Debug)]
pub(super) struct Names(Arc<str>);

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        Self(namespace.into())
    }

    /// The channel of a room.
    pub(super) fn channel(&self, room: RoomId) -> String {
        format!("{}:{{{room}}}", self.0)
    }

    /// The room of a channel, if it is a room's.
    pub(super) fn room_of(&self, channel: &[u8]) -> Option<RoomId> {
        let tag = channel.strip_prefix(self.0.as_bytes())?;
        let tag = tag.strip_prefix(b":{")?.strip_suffix(b"}")?;
        Uuid::try_parse_ascii(tag).ok().map(RoomId)
    }

    /// A key of a room.
    pub(super) fn key(&self, room: RoomId, what: &str) -> String {
        format!("{}:{{{room}}}:{what}", self.0)
    }

    /// The key with a node's address.
    pub(super) fn of_node(&self, node: NodeId) -> String {
        format!("{}:node:{{{node}}}", self.0)
    }

    /// The `n`th channel for signs of life; each falls into another slot.
    pub(super) fn pulse(&self, n: u32) -> String {
        format!("{}:pulse:{{{n}}}", self.0)
    }
}

/// The slot of a key or channel: CRC16 of its hash tag, or of all of it without one.
pub(super) fn slot_of(name: &str) -> u16 {
    let name = name.as_bytes();
    crc16(tag_of(name).unwrap_or(name)) % SLOTS
}

fn tag_of(name: &[u8]) -> Option<&[u8]> {
    let start = name.iter().position(|byte| *byte == b'{')? + 1;
    let length = name[start..].iter().position(|byte| *byte == b'}')?;
    (length > 0).then(|| &name[start..start + length])
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of("foo"), 12_182);
        assert_eq!(slot_of("{user1000}.following"), slot_of("user1000"));
        assert_eq!(slot_of("foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot_of("foo{{bar}}zap"), slot_of("{bar"));
    }

    #[test]
    fn all_of_a_room_lies_in_one_slot() {
        let (names, room) = (Names::new("kyo"), RoomId(Uuid::now_v7()));
        let channel = names.channel(room);
        assert_eq!(channel, format!("kyo:{{{room}}}"));
        assert_eq!(slot_of(&channel), slot_of(&names.key(room, "leases")));
        assert_eq!(names.room_of(channel.as_bytes()), Some(room));
        assert_eq!(names.room_of(names.pulse(3).as_bytes()), None);
        assert_eq!(names.room_of(b"kyo:{}"), None);
        assert_eq!(Names::new("other").room_of(channel.as_bytes()), None);
    }
}
