//! The floor of a fan-out: a relay that reads a message and writes the same bytes once to each member
//! of the room, and does nothing else. No service can deliver for less. It understands no more of HTTP
//! and WebSocket than that needs, and trusts its clients.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

/// The answer to the one key that the load program sends.
const UPGRADED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Member {
    stream: TcpStream,
    room: Option<String>,
    /// Read, but not a whole frame yet.
    rest: Vec<u8>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::var("PORT")?.parse::<u16>()?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, EventData::new_u64(u64::MAX), EventFlags::IN)?;
    let mut members: HashMap<u64, Member> = HashMap::new();
    let mut rooms: HashMap<String, Vec<u64>> = HashMap::new();
    let mut next = 0;
    let mut events = Vec::with_capacity(1_024);
    loop {
        events.clear();
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in &events {
            let epoll::Event { data, .. } = *event;
            if data.u64() == u64::MAX {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    stream.set_nonblocking(true)?;
                    epoll::add(&epoll, &stream, EventData::new_u64(next), EventFlags::IN)?;
                    members.insert(next, Member { stream, room: None, rest: Vec::new() });
                    next += 1;
                }
            } else if !serve(data.u64(), &mut members, &mut rooms)
                && let Some(Member { room: Some(room), .. }) = members.remove(&data.u64())
                && let Some(room) = rooms.get_mut(&room)
            {
                room.retain(|member| *member != data.u64());
            }
        }
    }
}

/// Whether the member stays.
fn serve(
    at: u64,
    members: &mut HashMap<u64, Member>,
    rooms: &mut HashMap<String, Vec<u64>>,
) -> bool {
    let mut buffer = [0; 65_536];
    let Some(member) = members.get_mut(&at) else { return true };
    match member.stream.read(&mut buffer) {
        Ok(0) => return false,
        Ok(read) => member.rest.extend(&buffer[..read]),
        Err(error) => return error.kind() == ErrorKind::WouldBlock,
    }
    if member.room.is_none() {
        let Some(end) = member.rest.windows(4).position(|four| four == b"\r\n\r\n") else {
            return true;
        };
        let head = String::from_utf8_lossy(&member.rest[..end]).into_owned();
        let room = head.split(' ').nth(1).unwrap_or("/").to_owned();
        member.rest.drain(..end + 4);
        member.room = Some(room.clone());
        rooms.entry(room).or_default().push(at);
        if member.stream.write_all(UPGRADED).is_err() {
            return false;
        }
    }
    let room = member.room.clone().and_then(|room| rooms.get(&room)).map_or(&[][..], Vec::as_slice);
    while let Some(member) = members.get_mut(&at) {
        let Some((opcode, payload, size)) = first(&member.rest) else { return true };
        let frame = served(payload);
        let is_cursor = payload.starts_with(b"{\"cursor\"");
        member.rest.drain(..size);
        if opcode == 8 {
            return false;
        }
        for other in room.iter().filter(|other| !is_cursor || **other != at) {
            if let Some(other) = members.get_mut(other) {
                // Whoever does not read misses it: nothing may be queued here.
                let _ = other.stream.write(&frame);
            }
        }
    }
    true
}

/// Opcode and payload of a frame, masked with zeros, and its size.
fn first(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (head, size) = match bytes.get(1)? & 0x7f {
        126 => (8, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        short => (6, usize::from(short)),
    };
    Some((bytes[0] & 0x0f, bytes.get(head..head + size)?, head + size))
}

fn served(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match payload.len() {
        short @ 0..126 => frame.push(short as u8),
        long => {
            frame.push(126);
            frame.extend((long as u16).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}
