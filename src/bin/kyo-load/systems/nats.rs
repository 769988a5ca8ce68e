//! nats-server's WebSocket: its text protocol in binary frames, a subject a room. A publisher hears
//! nothing of what became of its message: operations have no acks.

use super::{Dialect, Ear, Edit, Greeting, System, cursor_body, edit_body, room_name};
use crate::plan::Seat;

/// Subjects need no making.
pub struct Nats {
    /// The run.
    pub run: u32,
}

impl System for Nats {
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String> {
        Ok(Box::new(Member { subject: room_name(self.run, seat.room) }))
    }

    fn always_acks(&self) -> bool {
        false
    }
}

struct Member {
    subject: String,
}

impl Member {
    fn publish(&self, body: &str, say: &mut Vec<u8>) {
        let (subject, size) = (&self.subject, body.len());
        say.extend(format!("PUB {subject} {size}\r\n{body}\r\n").into_bytes());
    }
}

impl Dialect for Member {
    fn request(&self) -> (String, String) {
        ("/".to_owned(), String::new())
    }

    fn is_binary(&self) -> bool {
        true
    }

    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting {
        match heard {
            Some(heard) if heard.starts_with(b"INFO ") => {
                let connect = "CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}";
                let subject = &self.subject;
                Greeting::Say(format!("{connect}\r\nSUB {subject} 1\r\nPING\r\n").into_bytes())
            }
            Some(heard) if heard.starts_with(b"PONG") => Greeting::Ready,
            Some(heard) if heard.starts_with(b"-ERR") => {
                Greeting::Refused(String::from_utf8_lossy(heard).trim().to_owned())
            }
            _ => Greeting::Wait,
        }
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        self.publish(&edit_body(edit), say);
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        self.publish(&cursor_body(stamp), say);
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        if heard.starts_with(b"PING") {
            ear.say(b"PONG\r\n");
        } else if heard.starts_with(b"-ERR") {
            ear.refused("-ERR");
        } else {
            ear.delivered(heard);
        }
    }
}
