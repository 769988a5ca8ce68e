//! The Socket.IO decoder on a text and what follows it: a packet within its limits, or a refusal.
#![no_main]

use kyo_collaboration::engineio::Message;
use kyo_collaboration::socketio::Limits;
use kyo_collaboration::socketio::decode::{Body, Decoder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|packets: (&str, Vec<&[u8]>)| {
    let (text, attachments) = packets;
    let limits = Limits::default();
    let mut decoder = Decoder::new(limits);
    let mut messages = vec![Message::Text(text.into())];
    messages.extend(attachments.into_iter().map(|bytes| Message::Binary(bytes.to_vec().into())));
    for message in messages {
        match decoder.push(message) {
            Ok(Some(packet)) => {
                if let Body::Event { attachments, .. } | Body::Ack { attachments, .. } = packet.body {
                    assert!(attachments.len() <= limits.attachments);
                }
            }
            Ok(None) => {}
            Err(_) => return,
        }
    }
});
