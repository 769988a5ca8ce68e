//! A relay of plain texts, a path a room: the floor, the Node service of `benches/peers`, and nginx with
//! nchan. The last answers a publisher with nothing that has an operation's id in it, and the floor with
//! nothing at all: there are no acks then.

use super::{Dialect, Ear, Edit, Greeting, System, cursor_body, edit_body, room_name};
use crate::plan::Seat;

/// Rooms come about when somebody connects.
pub struct Relay {
    /// The run.
    pub run: u32,
    /// What paths begin with.
    pub path: &'static str,
}

impl System for Relay {
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String> {
        Ok(Box::new(Member { path: format!("{}{}", self.path, room_name(self.run, seat.room)) }))
    }

    fn always_acks(&self) -> bool {
        false
    }
}

struct Member {
    path: String,
}

impl Dialect for Member {
    fn request(&self) -> (String, String) {
        (self.path.clone(), String::new())
    }

    fn greet(&mut self, _: Option<&[u8]>) -> Greeting {
        Greeting::Ready
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        say.extend(edit_body(edit).into_bytes());
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        say.extend(cursor_body(stamp).into_bytes());
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        if heard.starts_with(b"{\"ack\"") { ear.acked(heard) } else { ear.delivered(heard) }
    }
}
