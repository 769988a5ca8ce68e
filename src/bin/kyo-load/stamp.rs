//! The stamp that every message carries to its receivers and back in its ack: when it was meant to be
//! sent, in the form of a UUID, so that it can be an operation's id. Whoever finds one in a frame knows
//! the latency without reading the rest of the frame and without asking another thread.

use memchr::memmem::Finder;

/// Length of a stamp's text.
pub const LENGTH: usize = 36;

/// What the stamped message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An operation, to be kept.
    Edit,
    /// A pointer's position, to be shown and forgotten.
    Cursor,
}

/// Makes and finds the stamps of one run.
///
/// The form is `RRRRRRRR-6b79-7KSS-8SSS-TTTTTTTTTTTT`: the run, the kind, a serial number and the
/// microseconds since the run began.
#[derive(Clone, Debug)]
pub struct Stamps {
    prefix: String,
    finder: Finder<'static>,
}

impl Stamps {
    /// Of one run among others that may use the same rooms.
    pub fn of_run(run: u32) -> Self {
        let prefix = format!("{run:08x}-6b79-7");
        Self { finder: Finder::new(prefix.as_bytes()).into_owned(), prefix }
    }

    /// The text for a message that is due at so many microseconds; two of one microsecond differ by
    /// their serial number, which counts modulo 2^20.
    pub fn text(&self, kind: Kind, serial: u64, due: u64) -> String {
        let kind = match kind {
            Kind::Edit => 'e',
            Kind::Cursor => 'c',
        };
        let (high, low) = (serial >> 12 & 0xff, serial & 0xfff);
        format!("{}{kind}{high:02x}-8{low:03x}-{:012x}", self.prefix, due & 0xffff_ffff_ffff)
    }

    /// All stamps in a frame, as kind and due time.
    pub fn find<'a>(&'a self, frame: &'a [u8]) -> impl Iterator<Item = (Kind, u64)> + 'a {
        self.finder.find_iter(frame).filter_map(move |at| read(frame.get(at..at + LENGTH)?))
    }
}

fn read(text: &[u8]) -> Option<(Kind, u64)> {
    let kind = match text[15] {
        b'e' => Kind::Edit,
        b'c' => Kind::Cursor,
        _ => return None,
    };
    let digits = std::str::from_utf8(&text[24..]).ok()?;
    Some((kind, u64::from_str_radix(digits, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_a_uuid_and_is_found_again() {
        let stamps = Stamps::of_run(7);
        let edit = stamps.text(Kind::Edit, 5, 1_234_567);
        let cursor = stamps.text(Kind::Cursor, 0xfffff, u64::from(u32::MAX) + 1);
        assert!(uuid::Uuid::parse_str(&edit).is_ok() && uuid::Uuid::parse_str(&cursor).is_ok());
        assert_eq!(edit.len(), LENGTH);
        let frame = format!("{{\"a\":\"{edit}\",\"b\":\"{cursor}\"}}");
        let found: Vec<_> = stamps.find(frame.as_bytes()).collect();
        let expected = [(Kind::Edit, 1_234_567), (Kind::Cursor, u64::from(u32::MAX) + 1)];
        assert_eq!(found, expected);
    }

    #[test]
    fn serials_keep_apart_what_is_due_at_once() {
        let stamps = Stamps::of_run(7);
        let texts: std::collections::HashSet<_> =
            (0..5_000).map(|serial| stamps.text(Kind::Edit, serial, 9)).collect();
        assert_eq!(texts.len(), 5_000);
    }

    #[test]
    fn neither_other_runs_nor_half_stamps_are_taken() {
        let stamps = Stamps::of_run(7);
        let other = Stamps::of_run(8).text(Kind::Edit, 0, 1);
        assert_eq!(stamps.find(other.as_bytes()).count(), 0);
        let own = stamps.text(Kind::Edit, 0, 1);
        assert_eq!(stamps.find(&own.as_bytes()[..LENGTH - 1]).count(), 0);
    }
}
