//! The native framings: JSON in text frames, MessagePack in binary ones.

use serde_json::{Value, json};

use super::ops::Author;
use crate::systems::{Dialect, Ear, Edit, Greeting, between};

/// How messages are written, and how the type of one that arrived is told without reading it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Msgpack,
}

/// One member of a room.
pub struct Native {
    form: Form,
    token: String,
    room: String,
    author: Author,
    requests: u64,
}

impl Native {
    /// Speaks JSON.
    pub fn json(token: String, room: String, author: Author) -> Self {
        Self { form: Form::Json, token, room, author, requests: 1 }
    }

    /// Speaks MessagePack.
    pub fn msgpack(token: String, room: String, author: Author) -> Self {
        Self { form: Form::Msgpack, ..Self::json(token, room, author) }
    }

    fn write(&self, message: &Value, into: &mut Vec<u8>) {
        match self.form {
            Form::Json => into.extend(message.to_string().into_bytes()),
            Form::Msgpack => {
                rmp_serde::encode::write(into, message).expect("plain JSON has a MessagePack form");
            }
        }
    }

    fn join(&self) -> Vec<u8> {
        let mut join = Vec::new();
        self.write(&json!({"type": "join", "id": 0, "room": self.room}), &mut join);
        join
    }

    fn is(&self, heard: &[u8], kind: &str) -> bool {
        match self.form {
            // The type is the first field.
            Form::Json => heard.get(9..).is_some_and(|rest| {
                rest.starts_with(kind.as_bytes()) && rest.get(kind.len()) == Some(&b'"')
            }),
            // Fields are in the order of their names; where the type stands depends on the others.
            Form::Msgpack => {
                let mut text = b"\xa4type".to_vec();
                text.push(0xa0 | kind.len() as u8);
                text.extend(kind.as_bytes());
                heard.ends_with(&text) || memchr::memmem::find(heard, &text).is_some()
            }
        }
    }

    fn code<'a>(&self, heard: &'a [u8]) -> &'a str {
        let code = match self.form {
            Form::Json => between(heard, b"\"code\":\"", b'"'),
            // A short text begins with a byte that says its length.
            Form::Msgpack => memchr::memmem::find(heard, b"\xa4code").and_then(|at| {
                let size = usize::from(heard.get(at + 5)? & 0x1f);
                std::str::from_utf8(heard.get(at + 6..at + 6 + size)?).ok()
            }),
        };
        code.unwrap_or("error")
    }
}

impl Dialect for Native {
    fn request(&self) -> (String, String) {
        let subprotocol = match self.form {
            Form::Json => "kyo.v1.json",
            Form::Msgpack => "kyo.v1.msgpack",
        };
        let token = &self.token;
        let headers =
            format!("Authorization: Bearer {token}\r\nSec-WebSocket-Protocol: {subprotocol}\r\n");
        ("/api/collaboration/ws".to_owned(), headers)
    }

    fn is_binary(&self) -> bool {
        self.form == Form::Msgpack
    }

    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting {
        match heard {
            Some(heard) if self.is(heard, "welcome") => Greeting::Say(self.join()),
            Some(heard) if self.is(heard, "joined") => Greeting::Ready,
            Some(heard) if self.is(heard, "error") => {
                Greeting::Refused(self.code(heard).to_owned())
            }
            _ => Greeting::Wait,
        }
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        self.requests += 1;
        let op = self.author.op(edit);
        let message = json!({"type": "op", "id": self.requests, "room": self.room,
            "opId": edit.stamp, "op": op});
        self.write(&message, say);
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        let message = json!({"type": "cursor_move", "room": self.room, "x": 120.5, "y": 340.5,
            "componentId": stamp});
        self.write(&message, say);
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        if self.is(heard, "events") || self.is(heard, "presence") {
            ear.delivered(heard);
        } else if self.is(heard, "ack") {
            ear.acked(heard);
        } else if self.is(heard, "error") {
            ear.refused(self.code(heard));
        } else if self.is(heard, "resync") {
            ear.refused("resync");
            ear.say(&self.join());
        }
    }
}
