//! Socket.IO over a WebSocket: events on the main namespace, replies as acknowledgements.

use serde_json::{Value, json};

use super::ops::Author;
use crate::systems::{Dialect, Ear, Edit, Greeting, between};

/// One member of a room.
pub struct Socketio {
    token: String,
    room: String,
    author: Author,
    asked: u64,
}

impl Socketio {
    /// Not yet connected.
    pub fn new(token: String, room: String, author: Author) -> Self {
        Self { token, room, author, asked: 0 }
    }

    fn ask(&mut self, event: &str, body: &Value) -> String {
        self.asked += 1;
        format!("42{}{}", self.asked, json!([event, body]))
    }

    fn join(&mut self) -> Vec<u8> {
        let body = json!({"room": self.room});
        self.ask("join", &body).into_bytes()
    }
}

impl Dialect for Socketio {
    fn request(&self) -> (String, String) {
        ("/socket.io/?EIO=4&transport=websocket".to_owned(), String::new())
    }

    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting {
        let Some(heard) = heard else { return Greeting::Wait };
        if heard.starts_with(b"0") {
            return Greeting::Say(format!("40{}", json!({"token": self.token})).into_bytes());
        }
        if heard.starts_with(b"40") {
            return Greeting::Say(self.join());
        }
        if heard.starts_with(b"44") || heard.starts_with(b"431[{\"type\":\"error\"") {
            let code = between(heard, b"\"code\":\"", b'"').unwrap_or("error");
            return Greeting::Refused(code.to_owned());
        }
        if heard.starts_with(b"43") { Greeting::Ready } else { Greeting::Wait }
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        let op = self.author.op(edit);
        let body = json!({"room": self.room, "opId": edit.stamp, "op": op});
        say.extend(self.ask("op", &body).into_bytes());
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        let body = json!({"room": self.room, "x": 120.5, "y": 340.5, "componentId": stamp});
        say.extend(format!("42{}", json!(["cursor_move", body])).into_bytes());
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        if heard.starts_with(b"42[\"events\"") || heard.starts_with(b"42[\"presence\"") {
            ear.delivered(heard);
        } else if heard.starts_with(b"43") {
            match between(heard, b"\"type\":\"", b'"') {
                Some("ack") => ear.acked(heard),
                Some("error") => {
                    ear.refused(between(heard, b"\"code\":\"", b'"').unwrap_or("error"));
                }
                _ => {}
            }
        } else if heard == b"2" {
            ear.say(b"3");
        } else if heard.starts_with(b"42[\"resync\"") {
            ear.refused("resync");
            let join = self.join();
            ear.say(&join);
        }
    }
}
