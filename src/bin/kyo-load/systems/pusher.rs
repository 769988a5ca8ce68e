//! Pusher's protocol, version 7, a private channel a room: what members tell each other are client
//! events. A server passes one on to everybody but its author and says nothing to him: there are no acks,
//! and no delivery to the author. A member may join who has the app's secret sign that he is meant.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};

use super::{Dialect, Ear, Edit, Greeting, System, between, cursor_body, edit_body, room_name};
use crate::plan::Seat;

/// The app that `benches/peers` makes.
const KEY: &str = "kyo-load";
/// What signs for it.
const SECRET: &str = "the-secret-of-kyo-load";
/// How to answer a server that hears nothing of a member.
const PONG: &[u8] = b"{\"event\":\"pusher:pong\",\"data\":{}}";

/// Channels need no making.
pub struct Pusher {
    /// The run.
    pub run: u32,
}

impl System for Pusher {
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String> {
        // Only private channels have client events.
        Ok(Box::new(Member { channel: format!("private-{}", room_name(self.run, seat.room)) }))
    }

    fn always_acks(&self) -> bool {
        false
    }
}

struct Member {
    channel: String,
}

impl Member {
    fn subscribe(&self, established: &[u8]) -> Greeting {
        // JSON within a text of JSON.
        let Some(socket) = between(established, b"\\\"socket_id\\\":\\\"", b'\\') else {
            return refused(established);
        };
        let channel = &self.channel;
        match signature(SECRET, &format!("{socket}:{channel}")) {
            Ok(signature) => {
                let data = format!("{{\"channel\":\"{channel}\",\"auth\":\"{KEY}:{signature}\"}}");
                let event = "pusher:subscribe";
                Greeting::Say(format!("{{\"event\":\"{event}\",\"data\":{data}}}").into_bytes())
            }
            Err(reason) => Greeting::Refused(reason),
        }
    }

    fn publish(&self, event: &str, data: &str, say: &mut Vec<u8>) {
        let channel = &self.channel;
        let head = format!("\"event\":\"client-{event}\",\"channel\":\"{channel}\"");
        say.extend(format!("{{{head},\"data\":{data}}}").into_bytes());
    }
}

impl Dialect for Member {
    fn request(&self) -> (String, String) {
        (format!("/app/{KEY}?protocol=7&client=kyo-load"), String::new())
    }

    fn greet(&mut self, heard: Option<&[u8]>) -> Greeting {
        let Some(heard) = heard else { return Greeting::Wait };
        match event(heard) {
            Some("pusher:connection_established") => self.subscribe(heard),
            Some("pusher_internal:subscription_succeeded") => Greeting::Ready,
            Some("pusher:error" | "pusher:subscription_error") => refused(heard),
            Some("pusher:ping") => Greeting::Say(PONG.to_vec()),
            _ => Greeting::Wait,
        }
    }

    fn edit(&mut self, edit: &Edit<'_>, say: &mut Vec<u8>) {
        self.publish("edit", &edit_body(edit), say);
    }

    fn cursor(&mut self, stamp: &str, say: &mut Vec<u8>) {
        self.publish("cursor", &cursor_body(stamp), say);
    }

    fn hear(&mut self, heard: &[u8], ear: &mut Ear<'_>) {
        match event(heard) {
            Some("pusher:ping") => ear.say(PONG),
            Some("pusher:error") => ear.refused(code(heard)),
            _ => ear.delivered(heard),
        }
    }
}

/// An event's name, which most servers write first.
fn event(heard: &[u8]) -> Option<&str> {
    between(heard, b"\"event\":\"", b'"')
}

/// The number of an error, or that it has none.
fn code(heard: &[u8]) -> &str {
    let digits = |code: &&str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let code = |after| between(heard, b"\"code\":", after).filter(digits);
    code(b',').or_else(|| code(b'}')).unwrap_or("pusher:error")
}

fn refused(heard: &[u8]) -> Greeting {
    Greeting::Refused(String::from_utf8_lossy(heard).into_owned())
}

/// HMAC-SHA256 in hexadecimal digits.
fn signature(secret: &str, text: &str) -> Result<String, String> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signed = jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::HS256);
    let signed = signed.map_err(|error| error.to_string())?;
    let bytes = URL_SAFE_NO_PAD.decode(signed).map_err(|error| error.to_string())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_pushers_documents() {
        let signed = signature("7ad3773142a6692b25b8", "1234.1234:private-foobar");
        let expected = "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";
        assert_eq!(signed.as_deref(), Ok(expected));
    }

    #[test]
    fn a_member_signs_for_its_socket_and_waits_until_it_is_let_in() {
        let mut member = Member { channel: "private-a".to_owned() };
        assert_eq!(member.greet(None), Greeting::Wait);
        let established = br#"{"event":"pusher:connection_established","data":"{\"activity_timeout\":120,\"socket_id\":\"12.34\"}"}"#;
        let signed = signature(SECRET, "12.34:private-a").expect("a signature");
        let auth = format!("\"channel\":\"private-a\",\"auth\":\"{KEY}:{signed}\"");
        let said = format!("{{\"event\":\"pusher:subscribe\",\"data\":{{{auth}}}}}");
        assert_eq!(member.greet(Some(established)), Greeting::Say(said.into_bytes()));
        let joined = br#"{"event":"pusher_internal:subscription_succeeded","channel":"private-a","data":"{}"}"#;
        assert_eq!(member.greet(Some(joined)), Greeting::Ready);
        let error = br#"{"event":"pusher:error","data":{"code":4009,"message":"no, not you"}}"#;
        assert!(matches!(member.greet(Some(error)), Greeting::Refused(_)));
    }

    #[test]
    fn an_errors_code_is_found_wherever_it_stands() {
        assert_eq!(code(br#"{"data":{"code":4301,"message":"a, b"}}"#), "4301");
        assert_eq!(code(br#"{"data":{"message":"a, b","code":4301}}"#), "4301");
        assert_eq!(code(br#"{"data":{"message":"a, b","code":null}}"#), "pusher:error");
    }
}
