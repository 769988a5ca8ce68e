//! One socket: opened without waiting, read in whole frames, written as far as the kernel takes it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, Protocol, Socket, Type};

use crate::systems::Dialect;
use crate::websocket::{self, Frame};

/// Bytes that may wait for a server that does not read.
const MAX_UNWRITTEN: usize = 1 << 20;

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// TCP's handshake is under way.
    Connecting,
    /// The upgrade was asked for.
    Upgrading,
    /// WebSocket stands; the room is not joined.
    Greeting,
    /// In the room.
    Live,
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Somebody's who stays: place among the worker's own seats.
    Seat(usize),
    /// A visitor's, by number.
    Visitor(u64),
}

/// A connection.
pub struct Connection {
    stream: TcpStream,
    /// What is spoken on it.
    pub dialect: Box<dyn Dialect>,
    /// How far it has come.
    pub stage: Stage,
    /// Whose it is.
    pub purpose: Purpose,
    /// When it was to be opened, in microseconds of the run.
    pub due: u64,
    /// How often it was tried before.
    pub tries: u32,
    /// The begin of a frame, or of the upgrade's answer.
    rest: Vec<u8>,
    /// What the kernel has not taken yet.
    unwritten: Vec<u8>,
}

impl Connection {
    /// Begins to connect.
    ///
    /// # Errors
    /// When the kernel has no socket or no port left, or does not know the source.
    pub fn open(
        target: SocketAddr,
        source: Option<IpAddr>,
        dialect: Box<dyn Dialect>,
        purpose: Purpose,
        due: u64,
    ) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if let Some(source) = source {
            socket.bind(&SocketAddr::new(source, 0).into())?;
        }
        match socket.connect(&target.into()) {
            Ok(()) => {}
            Err(error) if is_under_way(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(Self {
            stream: socket.into(),
            dialect,
            stage: Stage::Connecting,
            purpose,
            due,
            tries: 0,
            rest: Vec::new(),
            unwritten: Vec::new(),
        })
    }

    /// TCP's handshake is over: asks for the upgrade.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connected(&mut self) -> io::Result<()> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        let host = self.stream.peer_addr()?.to_string();
        let (path, headers) = self.dialect.request();
        self.stage = Stage::Upgrading;
        self.write(&websocket::request(&host, &path, &headers)).map(|_| ())
    }

    /// Reads what has arrived into a buffer shared by all.
    ///
    /// # Errors
    /// As of the socket; an end is [`ErrorKind::UnexpectedEof`].
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (&self.stream).read(buffer)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }

    /// What came before and is not complete, to be laid before what is read next.
    pub fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rest)
    }

    /// Keeps what is not complete.
    pub fn keep_rest(&mut self, rest: Vec<u8>) {
        self.rest = rest;
    }

    /// Sends a message; whether there was room for it.
    ///
    /// # Errors
    /// As of the socket.
    pub fn say(&mut self, message: &[u8]) -> io::Result<bool> {
        let opcode = if self.dialect.is_binary() {
            websocket::opcode::BINARY
        } else {
            websocket::opcode::TEXT
        };
        self.send(opcode, message)
    }

    /// Sends a frame; whether there was room for it.
    ///
    /// # Errors
    /// As of the socket.
    pub fn send(&mut self, opcode: u8, payload: &[u8]) -> io::Result<bool> {
        let mut frame = Vec::with_capacity(payload.len() + 14);
        websocket::write(opcode, payload, &mut frame);
        self.write(&frame)
    }

    /// Writes what the kernel did not take before.
    ///
    /// # Errors
    /// As of the socket.
    pub fn flush(&mut self) -> io::Result<()> {
        while !self.unwritten.is_empty() {
            match (&self.stream).write(&self.unwritten) {
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether something waits to be written.
    pub fn is_behind(&self) -> bool {
        !self.unwritten.is_empty()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<bool> {
        if self.unwritten.len() + bytes.len() > MAX_UNWRITTEN {
            return Ok(false);
        }
        self.unwritten.extend(bytes);
        self.flush()?;
        Ok(true)
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Why a close frame says that the connection ends.
pub fn close_reason(frame: Frame<'_>) -> String {
    match frame.payload {
        [high, low, ..] => format!("close {}", u16::from_be_bytes([*high, *low])),
        _ => "close".to_owned(),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    const EINPROGRESS: i32 = 115;
    error.raw_os_error() == Some(EINPROGRESS) || error.kind() == ErrorKind::WouldBlock
}
