//! Where frames end in a WebSocket's stream of bytes (RFC 6455, section 5.2), for whoever carries bytes
//! that are not its own and wants to put a control frame between two of them.

/// Bytes of a header up to the longest length.
const LENGTHS: usize = 2 + 8;
const MASKED: u8 = 0x80;

/// Follows one direction of a connection, from its first frame on.
#[derive(Debug, Default)]
pub struct Bounds {
    header: [u8; LENGTHS],
    known: usize,
    /// Of the frame whose header is known: bytes that are still to come.
    rest: u64,
}

impl Bounds {
    /// These bytes have passed.
    pub fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let inside = self.rest.min(bytes.len() as u64) as usize;
            self.rest -= inside as u64;
            bytes = &bytes[inside..];
            if self.rest == 0
                && let Some((byte, more)) = bytes.split_first()
            {
                self.learn(*byte);
                bytes = more;
            }
        }
    }

    /// Whether a frame ended with the last byte, or none has begun.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.known == 0 && self.rest == 0
    }

    fn learn(&mut self, byte: u8) {
        self.header[self.known] = byte;
        self.known += 1;
        let [_, first, lengths @ ..] = &self.header;
        let short = u64::from(first & !MASKED);
        let wide = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if self.known < 2 + wide {
            return;
        }
        let long = lengths[..wide].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        let mask = if first & MASKED == 0 { 0 } else { 4 };
        self.rest = if wide == 0 { short } else { long }.saturating_add(mask);
        self.known = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame with so many bytes of payload, as a server or as a client writes it.
    fn frame(payload: usize, masked: bool) -> Vec<u8> {
        let mask = if masked { MASKED } else { 0 };
        let mut frame = vec![0x82];
        match payload {
            0..126 => frame.push(mask | payload as u8),
            126..65_536 => {
                frame.push(mask | 126);
                frame.extend((payload as u16).to_be_bytes());
            }
            _ => {
                frame.push(mask | 127);
                frame.extend((payload as u64).to_be_bytes());
            }
        }
        // Bytes that would be headers of long frames, were they taken for some.
        frame.resize(frame.len() + payload + if masked { 4 } else { 0 }, 0xff);
        frame
    }

    #[test]
    fn the_end_of_each_frame_is_found_however_the_bytes_come() {
        for masked in [false, true] {
            let frames = [0, 1, 125, 126, 65_535, 65_536, 70_000].map(|size| frame(size, masked));
            let mut ends = vec![0];
            frames.iter().for_each(|frame| ends.push(ends.last().unwrap() + frame.len()));
            let all = frames.concat();
            for step in [1, 7, 2_048, all.len()] {
                let (mut bounds, mut at) = (Bounds::default(), 0);
                for piece in all.chunks(step) {
                    assert_eq!(bounds.is_between(), ends.contains(&at), "{at} by {step}");
                    bounds.pass(piece);
                    at += piece.len();
                }
                assert!(bounds.is_between());
            }
        }
    }

    #[test]
    fn a_length_that_no_frame_has_is_only_long() {
        let mut bounds = Bounds::default();
        bounds.pass(&[0x82, 0xff]);
        bounds.pass(&[0xff; 8]);
        bounds.pass(&[0; 100]);
        assert!(!bounds.is_between());
    }
}
