//! Where a follower of the feed stands, as text that it keeps and gives back. It names the last event
//! that the follower has had, so a cursor tells nothing that its owner does not know. Its form is
//! nobody's business: it may change, as long as old ones are read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::domain::{OpId, RoomId};
use crate::store::FeedMark;

/// The first byte of a cursor.
const VERSION: u8 = 1;
/// Bytes of the sum at the end.
const SUM: usize = 4;
/// Room, sequence number, operation.
const MARK: usize = 16 + 8 + 16;

/// Writes a cursor; `None` is the beginning.
#[must_use]
pub fn write(mark: Option<FeedMark>) -> String {
    let mut bytes = Vec::with_capacity(1 + MARK + SUM);
    bytes.push(VERSION);
    if let Some(mark) = mark {
        bytes.extend(mark.room.0.as_bytes());
        bytes.extend(mark.seq.to_be_bytes());
        bytes.extend(mark.op_id.0.as_bytes());
    }
    let sum = sum(&bytes);
    bytes.extend(sum);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor; `None` for text that [`write()`] did not make. The sum tells a cursor that was cut or
/// mistyped from one whose event is gone: the first is the caller's fault, the second is not.
#[must_use]
pub fn read(text: &str) -> Option<Option<FeedMark>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, given) = bytes.split_last_chunk::<SUM>()?;
    let (version, fields) = body.split_first()?;
    if *version != VERSION || sum(body) != *given {
        return None;
    }
    if fields.is_empty() {
        return Some(None);
    }
    let fields: &[u8; MARK] = fields.try_into().ok()?;
    let (room, rest) = fields.split_first_chunk::<16>()?;
    let (seq, op) = rest.split_first_chunk::<8>()?;
    Some(Some(FeedMark {
        room: RoomId(Uuid::from_bytes(*room)),
        seq: u64::from_be_bytes(*seq),
        op_id: OpId(Uuid::from_slice(op).ok()?),
    }))
}

/// FNV-1a. Whoever wants to make a cursor up may: it leads to events of their own tenant or nowhere.
fn sum(bytes: &[u8]) -> [u8; SUM] {
    let fold = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, fold).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> FeedMark {
        FeedMark {
            room: RoomId(Uuid::from_u128(0x0123_4567_89ab_cdef)),
            seq: u64::MAX - 7,
            op_id: OpId(Uuid::from_u128(u128::MAX - 1)),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        for mark in [None, Some(mark())] {
            let text = write(mark);
            assert_eq!(read(&text), Some(mark), "{text}");
            let safe = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            assert!(text.chars().all(safe), "{text} needs no escapes in a query");
        }
    }

    #[test]
    fn what_was_cut_or_mistyped_is_refused() {
        for text in [write(None), write(Some(mark()))] {
            for end in 0..text.len() {
                assert_eq!(read(&text[..end]), None, "{end} of {text}");
            }
            for at in 0..text.len() {
                let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
                let mistyped = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert_eq!(read(&mistyped), None, "{mistyped}");
            }
            assert_eq!(read(&format!("{text}A")), None);
        }
        for text in ["", "latest", "0", "!", "AAAA", "AQ", &"A".repeat(60)] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_cursor_of_this_release_is_read_for_ever() {
        assert_eq!(write(None), "AQQMW4w");
        let text = "AQAAAAAAAAAAASNFZ4mrze__________-P____________________6bac9u";
        assert_eq!(read(text), Some(Some(mark())));
    }
}
