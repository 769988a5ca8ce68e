//! Who can be driven: one file a system. A [`System`] makes rooms, a [`Dialect`] is what one
//! connection says and understands; neither touches a socket or a clock.

mod centrifugo;
mod kyo;
mod nats;
mod pusher;
mod relay;
mod socketio;

use std::sync::Arc;

use crate::names::SystemName;
use crate::plan::{Plan, Seat};
use crate::stamp::Stamps;
use crate::tally::Tally;

/// A kind of server.
pub trait System: Send + Sync {
    /// What a connection with this seat says.
    ///
    /// # Errors
    /// When it can't be let in, such as without a secret to sign its token with.
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String>;

    /// Whether every operation is acked or refused.
    fn always_acks(&self) -> bool {
        true
    }
}

/// One connection's side of the conversation.
pub trait Dialect: Send {
    /// Path and additional header lines of the upgrade, each line with its end.
    fn request(&self) -> (String, String);

    /// Whether messages go in binary frames.
    fn is_binary(&self) -> bool {
        false
    }

    /// What to do until the room is joined: once after the upgrade, then for each message.
    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting;

    /// Writes an operation.
    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>);

    /// Writes a pointer position.
    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>);

    /// Tells what a message of the joined room was.
    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>);
}

/// What follows from a message before the room is joined.
#[derive(Debug, PartialEq, Eq)]
pub enum Greeting {
    /// The next message comes first.
    Wait,
    /// This is said, then the next message awaited.
    Say(Vec<u8>),
    /// The room is joined.
    Ready,
    /// There is no way in.
    Refused(String),
}

/// An operation to write.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// Its id, which must come back in ack and delivery.
    pub stamp: &'a str,
    /// When it is due, in microseconds of the run.
    pub due: u64,
    /// Whether a class moves.
    pub is_move: bool,
    /// The notes to set if none does.
    pub notes: &'a str,
}

/// Takes note of what a message was.
#[derive(Debug)]
pub struct Ear<'a> {
    /// Where it is counted.
    pub tally: &'a mut Tally,
    /// What stamps look like.
    pub stamps: &'a Stamps,
    /// The moment of arrival, in microseconds of the run.
    pub now: u64,
    /// What is to be said in return.
    pub says: Vec<Vec<u8>>,
}

impl Ear<'_> {
    /// Every stamp in it was delivered.
    pub fn delivered(&mut self, part: &[u8]) {
        for (kind, due) in self.stamps.find(part) {
            match kind {
                crate::stamp::Kind::Edit => self.tally.deliveries.record(due, self.now),
                crate::stamp::Kind::Cursor => self.tally.pointers.record(due, self.now),
            }
        }
    }

    /// The operation whose stamp is in it was acked.
    pub fn acked(&mut self, part: &[u8]) {
        if let Some((_, due)) = self.stamps.find(part).next() {
            self.acked_at(due);
        }
    }

    /// The operation that was due then was acked.
    pub fn acked_at(&mut self, due: u64) {
        self.tally.acks.record(due, self.now);
    }

    /// Something was refused.
    pub fn refused(&mut self, code: &str) {
        Tally::count(&mut self.tally.refused, code);
    }

    /// Answers.
    pub fn say(&mut self, message: &[u8]) {
        self.says.push(message.to_vec());
    }
}

/// Makes what the plan's system needs before anybody connects.
///
/// # Errors
/// What went wrong, with the system's own words.
pub fn prepare(plan: &Plan, run: u32) -> Result<Arc<dyn System>, String> {
    Ok(match plan.system {
        SystemName::Kyo => Arc::new(kyo::Kyo::prepare(plan, run)?),
        SystemName::Socketio => Arc::new(socketio::Socketio { run }),
        SystemName::Relay => Arc::new(relay::Relay { run, path: "/" }),
        SystemName::Nchan => Arc::new(relay::Relay { run, path: "/room/" }),
        SystemName::Nats => Arc::new(nats::Nats { run }),
        SystemName::Centrifugo => Arc::new(centrifugo::Centrifugo { run }),
        SystemName::Pusher => Arc::new(pusher::Pusher { run }),
    })
}

/// The name of a room where rooms need no making.
fn room_name(run: u32, room: usize) -> String {
    format!("load-{run:08x}-{room}")
}

/// An operation for systems that don't look into one.
fn edit_body(edit: &Edit<'_>) -> String {
    let Edit { stamp, notes, .. } = edit;
    format!("{{\"edit\":\"{stamp}\",\"notes\":\"{notes}\"}}")
}

/// A pointer position for the same.
fn cursor_body(stamp: &str) -> String {
    format!("{{\"cursor\":\"{stamp}\",\"x\":120.5,\"y\":340.5}}")
}

/// The text between two others, such as an error's code.
fn between<'a>(text: &'a [u8], before: &[u8], after: u8) -> Option<&'a str> {
    let rest = &text[memchr::memmem::find(text, before)? + before.len()..];
    let end = memchr::memchr(after, rest)?;
    std::str::from_utf8(&rest[..end]).ok()
}
