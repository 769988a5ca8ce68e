//! Socket.IO servers with the events join, edit and cursor, as in `benches/peers`.

use super::{Dialect, Ear, Edit, Greeting, System, cursor_body, edit_body, room_name};
use crate::plan::Seat;

/// Rooms come about when somebody joins.
pub struct Socketio {
    /// The run.
    pub run: u32,
}

impl System for Socketio {
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String> {
        Ok(Box::new(Member { room: room_name(self.run, seat.room), asked: 1 }))
    }
}

struct Member {
    room: String,
    asked: u64,
}

impl Dialect for Member {
    fn request(&self) -> (String, String) {
        ("/socket.io/?EIO=4&transport=websocket".to_owned(), String::new())
    }

    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting {
        match heard {
            Some([b'0', ..]) => Greeting::Say(b"40".to_vec()),
            Some([b'4', b'0', ..]) => {
                Greeting::Say(format!("421[\"join\",\"{}\"]", self.room).into_bytes())
            }
            Some([b'4', b'3', ..]) => Greeting::Ready,
            Some([b'4', b'4', ..]) => Greeting::Refused("connect_error".to_owned()),
            // The heartbeat may come before anything else.
            Some(b"2") => Greeting::Say(b"3".to_vec()),
            _ => Greeting::Wait,
        }
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        self.asked += 1;
        let (asked, body) = (self.asked, edit_body(edit));
        say.extend(format!("42{asked}[\"edit\",{body}]").into_bytes());
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        let body = cursor_body(stamp);
        say.extend(format!("42[\"cursor\",{body}]").into_bytes());
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        match heard {
            [b'4', b'2', ..] => ear.delivered(heard),
            [b'4', b'3', ..] => ear.acked(heard),
            b"2" => ear.say(b"3"),
            _ => {}
        }
    }
}
