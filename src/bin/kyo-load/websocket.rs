//! WebSocket frames from a client's side, with no more work a frame than its head needs: what reads
//! the deliveries must cost less than what makes them, so no library's buffers and checks here.

/// What a frame is.
pub mod opcode {
    /// UTF-8.
    pub const TEXT: u8 = 1;
    /// Bytes.
    pub const BINARY: u8 = 2;
    /// The other side leaves; its payload begins with the code.
    pub const CLOSE: u8 = 8;
    /// To be answered by a pong with the same payload.
    pub const PING: u8 = 9;
    /// The answer.
    pub const PONG: u8 = 10;
}

/// One frame that has arrived completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// See [`opcode`]; 0 goes on with the frame before.
    pub opcode: u8,
    /// What it carries.
    pub payload: &'a [u8],
}

/// The frame that begins here and its size with its head, once it is complete.
pub fn first(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let (head, size): (usize, usize) = match bytes.get(1)? & 0x7f {
        126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into()),
        127 => {
            let size = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            (10, usize::try_from(size).ok()?)
        }
        short => (2, short.into()),
    };
    let payload = bytes.get(head..head.checked_add(size)?)?;
    Some((Frame { opcode: bytes[0] & 0x0f, payload }, head + size))
}

/// Appends a client's frame. A mask of zeros is a valid mask, and leaves the payload as it is.
pub fn write(opcode: u8, payload: &[u8], into: &mut Vec<u8>) {
    into.push(0x80 | opcode);
    match payload.len() {
        short @ 0..126 => into.push(0x80 | short as u8),
        middle @ 126..65_536 => {
            into.push(0x80 | 126);
            into.extend((middle as u16).to_be_bytes());
        }
        long => {
            into.push(0x80 | 127);
            into.extend((long as u64).to_be_bytes());
        }
    }
    into.extend([0; 4]);
    into.extend(payload);
}

/// The request for an upgrade.
pub fn request(host: &str, path: &str, headers: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
    .into_bytes()
}

/// The size of the answer's head once it has arrived, or the status line of a refusal.
pub fn upgraded(bytes: &[u8]) -> Result<Option<usize>, String> {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    if bytes.starts_with(b"HTTP/1.1 101 ") {
        return Ok(Some(end + 4));
    }
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    Err(String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server would send: the same without a mask.
    fn served(payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        write(opcode::TEXT, payload, &mut frame);
        let mask = frame.len() - payload.len() - 4;
        frame.drain(mask..mask + 4);
        frame[1] &= 0x7f;
        frame
    }

    #[test]
    fn a_frame_is_read_once_it_is_complete() {
        for size in [0, 1, 125, 126, 65_535, 65_536, 300_000] {
            let payload = vec![b'x'; size];
            let frame = served(&payload);
            let read = first(&frame).expect("complete");
            assert_eq!(read, (Frame { opcode: opcode::TEXT, payload: &payload }, frame.len()));
            for cut in [0, 1, frame.len() / 2, frame.len() - 1] {
                assert_eq!(first(&frame[..cut]), None, "{cut} of {size}");
            }
        }
    }

    #[test]
    fn what_follows_a_frame_is_left() {
        let mut bytes = served(b"one");
        let size = bytes.len();
        bytes.extend(served(b"two"));
        assert_eq!(
            first(&bytes).map(|(frame, size)| (frame.payload, size)),
            Some((&b"one"[..], size))
        );
    }

    #[test]
    fn an_upgrade_is_told_from_a_refusal() {
        let yes = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x81\x00";
        assert_eq!(upgraded(yes), Ok(Some(yes.len() - 2)));
        assert_eq!(upgraded(&yes[..20]), Ok(None));
        let no = b"HTTP/1.1 401 Unauthorized\r\n\r\n";
        assert_eq!(upgraded(no), Err("HTTP/1.1 401 Unauthorized".to_owned()));
    }
}
