//! What arrives: bytes into frames, frames to the dialect. A frame that is whole in what was read is not
//! copied.

use std::io::ErrorKind;

use rustix::event::epoll::EventFlags;

use super::Worker;
use crate::connection::{Connection, Purpose, Stage, close_reason};
use crate::systems::{Ear, Greeting};
use crate::websocket::{self, Frame, opcode};

/// Bytes of a frame that is not complete.
const MAX_FRAME: usize = 64 << 20;

impl Worker {
    /// The kernel says that something can be read or written.
    pub(super) fn serve(&mut self, at: usize, flags: EventFlags) {
        let Some(mut connection) = self.connections.get_mut(at).and_then(Option::take) else {
            return;
        };
        let done = self.progress(&mut connection, flags);
        self.connections[at] = Some(connection);
        match done {
            Ok(()) if flags.contains(EventFlags::OUT) => self.watch(at),
            Ok(()) => {}
            Err(reason) => self.lose(at, &reason),
        }
    }

    fn progress(&mut self, connection: &mut Connection, flags: EventFlags) -> Result<(), String> {
        let told = |error: std::io::Error| error.kind().to_string();
        if connection.stage == Stage::Connecting {
            return connection.connected().map_err(told);
        }
        if flags.contains(EventFlags::OUT) {
            connection.flush().map_err(told)?;
        }
        if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) {
            return self.read(connection);
        }
        Ok(())
    }

    fn read(&mut self, connection: &mut Connection) -> Result<(), String> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let read = connection.read(&mut buffer);
        let done = match read {
            Ok(read) => self.take_in(connection, &buffer[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.kind().to_string()),
        };
        self.buffer = buffer;
        done
    }

    fn take_in(&mut self, connection: &mut Connection, read: &[u8]) -> Result<(), String> {
        let now = self.common.clock.now();
        let mut rest = connection.take_rest();
        let bytes = if rest.is_empty() {
            read
        } else {
            rest.extend(read);
            &rest[..]
        };
        let mut at = 0;
        if connection.stage == Stage::Upgrading {
            match websocket::upgraded(bytes)? {
                Some(size) => at = size,
                None => {
                    connection.keep_rest(bytes.to_vec());
                    return Ok(());
                }
            }
            connection.stage = Stage::Greeting;
            self.greet(connection, None, now)?;
        }
        while let Some((frame, size)) = websocket::first(&bytes[at..]) {
            at += size;
            self.hear(connection, frame, now)?;
        }
        if bytes.len() - at > MAX_FRAME {
            return Err("a frame of more than 64 MiB".to_owned());
        }
        if at < bytes.len() {
            let left = if at == 0 && !rest.is_empty() { rest } else { bytes[at..].to_vec() };
            connection.keep_rest(left);
        }
        Ok(())
    }

    fn hear(
        &mut self,
        connection: &mut Connection,
        frame: Frame<'_>,
        now: u64,
    ) -> Result<(), String> {
        match frame.opcode {
            opcode::PING => drop(connection.send(opcode::PONG, frame.payload)),
            opcode::PONG => {}
            opcode::CLOSE => return Err(close_reason(frame)),
            _ if connection.stage == Stage::Live => {
                self.tally.frames += 1;
                self.tally.bytes += frame.payload.len() as u64;
                let stamps = &self.common.stamps;
                let mut ear = Ear { tally: &mut self.tally, stamps, now, says: Vec::new() };
                connection.dialect.hear(frame.payload, &mut ear);
                for message in ear.says {
                    connection.say(&message).map_err(|error| error.kind().to_string())?;
                }
            }
            _ => self.greet(connection, Some(frame.payload), now)?,
        }
        Ok(())
    }

    fn greet(
        &mut self,
        connection: &mut Connection,
        heard: Option<&[u8]>,
        now: u64,
    ) -> Result<(), String> {
        let (says, is_ready) = match connection.dialect.greet(heard) {
            Greeting::Wait => (None, false),
            Greeting::Say(message) => (Some(message), false),
            Greeting::Ready => (None, true),
            Greeting::Refused(reason) => return Err(reason),
        };
        if let Some(message) = says {
            connection.say(&message).map_err(|error| error.kind().to_string())?;
        }
        if !is_ready {
            return Ok(());
        }
        connection.stage = Stage::Live;
        self.tally.joins.record(connection.due, now);
        self.tally.opened += 1;
        self.tally.last_opened = now;
        match connection.purpose {
            Purpose::Seat(_) => {
                self.opening -= 1;
                connection.tries = 0;
                Ok(())
            }
            // Has seen what there is to see.
            Purpose::Visitor(_) => Err(String::new()),
        }
    }
}
