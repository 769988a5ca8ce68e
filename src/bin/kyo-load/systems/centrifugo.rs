//! Centrifugo's JSON protocol, a channel a room: commands with an id, replies with the same, several of
//! both in one frame, a line each. The id of a publication is the low half of its due time.

use super::{Dialect, Ear, Edit, Greeting, System, between, cursor_body, edit_body, room_name};
use crate::plan::Seat;

/// Channels need no making.
pub struct Centrifugo {
    /// The run.
    pub run: u32,
}

impl System for Centrifugo {
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String> {
        Ok(Box::new(Member { channel: room_name(self.run, seat.room), last: 0 }))
    }
}

struct Member {
    channel: String,
    /// Due time of the last publication.
    last: u64,
}

impl Member {
    fn publish(&self, id: u64, data: &str, say: &mut Vec<u8>) {
        let channel = &self.channel;
        let publish = format!("{{\"channel\":\"{channel}\",\"data\":{data}}}");
        say.extend(format!("{{\"id\":{id},\"publish\":{publish}}}").into_bytes());
    }

    /// The due time whose low half this is: not later than the last one.
    fn due(&self, id: u64) -> u64 {
        let low = u64::from(u32::MAX);
        let due = self.last & !low | id;
        if due > self.last { due.saturating_sub(low + 1) } else { due }
    }

    fn hear_line(&mut self, line: &[u8], ear: &mut Ear<'_>) {
        if line == b"{}" {
            ear.say(b"{}");
        } else if line.starts_with(b"{\"push\"") {
            ear.delivered(line);
        } else if let Some(code) = between(line, b"\"code\":", b',') {
            ear.refused(code);
        } else if memchr::memmem::find(line, b"\"publish\"").is_some()
            && let Some(id) = between(line, b"{\"id\":", b',')
            && let Ok(id) = id.parse()
            // A pointer's has the bit that a due time's low half is not given.
            && id & 1 == 0
        {
            ear.acked_at(self.due(id));
        }
    }
}

impl Dialect for Member {
    fn request(&self) -> (String, String) {
        ("/connection/websocket".to_owned(), String::new())
    }

    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting {
        let Some(heard) = heard else {
            return Greeting::Say(b"{\"id\":1,\"connect\":{}}".to_vec());
        };
        if memchr::memmem::find(heard, b"\"error\"").is_some() {
            return Greeting::Refused(String::from_utf8_lossy(heard).into_owned());
        }
        if heard.starts_with(b"{\"id\":1,") {
            let channel = &self.channel;
            let subscribe = format!("{{\"channel\":\"{channel}\"}}");
            return Greeting::Say(format!("{{\"id\":2,\"subscribe\":{subscribe}}}").into_bytes());
        }
        if heard.starts_with(b"{\"id\":2,") { Greeting::Ready } else { Greeting::Wait }
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        // Even: a microsecond less is less than the protocol's ids are worth.
        self.last = edit.due & !1;
        let id = self.last & u64::from(u32::MAX);
        self.publish(id, &edit_body(edit), say);
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        self.publish(3, &cursor_body(stamp), say);
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        for line in heard.split(|byte| *byte == b'\n') {
            self.hear_line(line, ear);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_the_whole_due_time() {
        let member = |last| Member { channel: String::new(), last };
        let turn = u64::from(u32::MAX) + 1;
        assert_eq!(member(500).due(500), 500);
        assert_eq!(member(3 * turn + 4).due(2), 3 * turn + 2);
        // Sent before the low half began anew.
        assert_eq!(member(3 * turn + 4).due(turn - 2), 3 * turn - 2);
    }
}
