//! A WebSocket client that is little more than its socket: thousands of them fit beside the
//! service without being what is measured.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::people::Person;

/// One connection, blocking; native with JSON framing unless it says otherwise.
pub struct Socket {
    stream: TcpStream,
    /// Read, but not yet taken.
    buffer: Vec<u8>,
}

impl Socket {
    /// Connects, is welcomed.
    pub fn connect(port: u16, token: &str) -> Self {
        let header = format!("Authorization: Bearer {token}\r\n");
        let mut socket = Self::upgrade(port, NATIVE, &header);
        socket.until("welcome");
        socket
    }

    /// Connects as a Socket.IO client and joins one room.
    pub fn joined_by_socketio(port: u16, token: &str, room: &str) -> Self {
        let mut socket = Self::upgrade(port, "/socket.io/?EIO=4&transport=websocket", "");
        socket.send_text(&format!("40{}", json!({ "token": token })));
        socket.send_text(&format!("421{}", json!(["join", { "room": room }])));
        while !socket.next().starts_with(b"431[{\"type\":\"joined\"") {}
        socket
    }

    fn upgrade(port: u16, target: &str, header: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the service listens");
        stream.set_nodelay(true).expect("a TCP socket");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a TCP socket");
        let request = upgrade_request(target, header);
        stream.write_all(request.as_bytes()).expect("the service reads");
        let mut socket = Self { stream, buffer: Vec::new() };
        socket.skip_head();
        socket
    }

    /// Connects as an editor and joins one room.
    pub fn joined(port: u16, token: &str, room: &str) -> Self {
        let mut socket = Self::connect(port, token);
        socket.join(room);
        socket
    }

    /// Joins a room; gives the size of the reply.
    pub fn join(&mut self, room: &str) -> usize {
        self.send(&json!({"type": "join", "id": 1, "room": room}));
        self.until("joined").len()
    }

    /// Sends a request and gives its reply.
    pub fn request(&mut self, reply: &str, message: &Value) -> Value {
        self.send(message);
        serde_json::from_slice(&self.until(reply)).expect("the service speaks JSON")
    }

    /// Sends one message.
    pub fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    fn send_text(&mut self, text: &str) {
        let frame = frame(text.as_bytes());
        self.stream.write_all(&frame).expect("the service reads");
    }

    /// Reads on to the next message of a type and gives its text.
    pub fn until(&mut self, kind: &str) -> Vec<u8> {
        let wanted = format!("\"type\":\"{kind}\"");
        loop {
            let text = self.next();
            if tells(&text, &wanted) {
                return text;
            }
            let refused = tells(&text, "\"type\":\"error\"");
            assert!(!refused, "instead of {kind}: {}", String::from_utf8_lossy(&text));
        }
    }

    /// The bare connection, which must have been read to the end of a frame.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// A second handle on the connection.
    pub fn reader(&self) -> TcpStream {
        self.stream.try_clone().expect("a second handle")
    }

    fn next(&mut self) -> Vec<u8> {
        loop {
            if let Some((head, size)) = frame_size(&self.buffer)
                && self.buffer.len() >= head + size
            {
                let rest = self.buffer.split_off(head + size);
                let frame = std::mem::replace(&mut self.buffer, rest);
                return frame[head..].to_vec();
            }
            self.fill();
        }
    }

    fn skip_head(&mut self) {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                assert!(head.starts_with("HTTP/1.1 101"), "no upgrade: {head}");
                self.buffer.drain(..end + 4);
                return;
            }
            self.fill();
        }
    }

    fn fill(&mut self) {
        let mut part = [0; 65_536];
        let read = self.stream.read(&mut part).expect("the service writes");
        assert!(read > 0, "the service closed the connection");
        self.buffer.extend_from_slice(&part[..read]);
    }
}

/// A text frame as a client sends it. A mask of zeros is a valid mask, and leaves the payload as it is.
pub fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        long @ 126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend((long as u16).to_be_bytes());
        }
        longer => {
            frame.push(0x80 | 127);
            frame.extend((longer as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// What a client asks for to become a native WebSocket.
pub fn upgrade_request(target: &str, header: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{header}\r\n"
    )
}

/// Where native clients connect.
pub const NATIVE: &str = "/api/collaboration/ws";

/// Whether a message has this at its start or end, where its type stands; the middle may be long.
fn tells(text: &[u8], wanted: &str) -> bool {
    let start = &text[..text.len().min(256)];
    let end = &text[text.len().saturating_sub(256)..];
    let wanted = wanted.as_bytes();
    [start, end].iter().any(|part| part.windows(wanted.len()).any(|at| at == wanted))
}

/// A token for the many: an editor of the tenant.
pub fn token(user: &str) -> String {
    Person::editor(user).token()
}

/// Sizes of the head and the payload of the frame that begins here, once its head is complete.
pub fn frame_size(bytes: &[u8]) -> Option<(usize, usize)> {
    match bytes.get(1)? & 0x7f {
        126 => Some((4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into())),
        127 => {
            let size = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            Some((10, usize::try_from(size).ok()?))
        }
        short => Some((2, short.into())),
    }
}
