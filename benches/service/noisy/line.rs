//! One connection of a flood: a raw socket, bytes prepared beforehand, no answer parsed. What can't be
//! written waits, and nothing is added to it: a service that stops reading has stopped this client.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

/// Twelve digits at the end of an operation's id, counted up with each message.
pub const COUNTER: &str = "c0c0c0c0c0c0";
/// Bytes that the kernel keeps for a client that does not read.
const SMALL_WINDOW: usize = 16 * 1024;
/// Rounds until a connection that was ended is made again: a tenth of a second.
const PAUSE: u32 = 10;

/// What a connection says, and whether it listens.
#[derive(Clone)]
pub struct Script {
    /// Said first: a request to become a WebSocket and to join, nearly always.
    pub opening: Vec<u8>,
    /// Said again and again.
    pub message: Vec<u8>,
    /// How often a round, which is a hundredth of a second.
    pub each_round: f64,
    pub reads: bool,
    /// Rounds after which it leaves without a word and comes back.
    pub stays: Option<u32>,
}

/// What a flood came to.
#[derive(Default)]
pub struct Sent {
    pub messages: u64,
    pub bytes: u64,
    pub opened: u64,
    /// Messages that were not sent because earlier ones could not be.
    pub held_back: u64,
}

/// The connection.
pub struct Line {
    script: Script,
    counter: Option<usize>,
    count: u64,
    stream: Option<TcpStream>,
    pending: Vec<u8>,
    due: f64,
    rounds: u32,
    pause: u32,
}

impl Line {
    /// Not connected yet; `number` is different for each.
    pub fn new(script: Script, number: u64) -> Self {
        let counter = script.message.windows(COUNTER.len()).position(|at| at == COUNTER.as_bytes());
        let (pending, count) = (Vec::new(), number << 32);
        Self { script, counter, count, stream: None, pending, due: 0.0, rounds: 0, pause: 0 }
    }

    /// One round.
    pub fn round(&mut self, service: SocketAddr, sent: &mut Sent, scratch: &mut [u8]) {
        if self.pause > 0 {
            self.pause -= 1;
            return;
        }
        self.rounds += 1;
        if self.stream.is_none() {
            self.open(service, sent);
        }
        self.say_more(sent);
        let lives = self.write(sent) && self.read(scratch);
        let stays = self.script.stays.is_none_or(|most| self.rounds < most);
        if !lives || !stays {
            self.stream = None;
            self.pause = if lives { 0 } else { PAUSE };
        }
    }

    fn open(&mut self, service: SocketAddr, sent: &mut Sent) {
        self.stream = connect(service, self.script.reads).ok();
        sent.opened += u64::from(self.stream.is_some());
        self.pending.clear();
        self.pending.extend(&self.script.opening);
        self.rounds = 0;
    }

    fn say_more(&mut self, sent: &mut Sent) {
        self.due += self.script.each_round;
        let count = self.due as u64;
        self.due -= count as f64;
        if !self.pending.is_empty() && self.rounds > 0 {
            sent.held_back += count;
            return;
        }
        for _ in 0..count {
            if let Some(at) = self.counter {
                self.count += 1;
                let digits = format!("{:012x}", self.count);
                self.script.message[at..at + COUNTER.len()].copy_from_slice(digits.as_bytes());
            }
            self.pending.extend(&self.script.message);
        }
        sent.messages += count;
    }

    /// False when the service has ended the connection.
    fn write(&mut self, sent: &mut Sent) -> bool {
        let Some(stream) = &mut self.stream else { return false };
        let mut written = 0;
        let lives = loop {
            match stream.write(&self.pending[written..]) {
                _ if written == self.pending.len() => break true,
                Ok(bytes) => written += bytes,
                Err(error) => break error.kind() == ErrorKind::WouldBlock,
            }
        };
        self.pending.drain(..written);
        sent.bytes += written as u64;
        lives
    }

    fn read(&mut self, scratch: &mut [u8]) -> bool {
        let Some(stream) = self.stream.as_mut().filter(|_| self.script.reads) else { return true };
        loop {
            match stream.read(scratch) {
                Ok(0) => return false,
                Ok(read) if read < scratch.len() => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
    }
}

fn connect(service: SocketAddr, reads: bool) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(service), Type::STREAM, None)?;
    if !reads {
        socket.set_recv_buffer_size(SMALL_WINDOW)?;
    }
    socket.connect(&service.into())?;
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}
