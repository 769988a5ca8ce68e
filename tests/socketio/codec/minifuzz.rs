//! A short fuzz run with every test run: whatever comes in, the answer is a packet or a refusal.

use bytes::Bytes;
use kyo_collaboration::engineio::Message;
use kyo_collaboration::engineio::packet::{Packet, Payload};
use kyo_collaboration::socketio::decode::{Body, Decoder};
use kyo_collaboration::socketio::{Limits, encode};
use proptest::prelude::*;

use super::samples::{sample, text_of};

/// As `fuzz/fuzz_targets/engineio_payload.rs`.
fn payload_survives(bytes: &[u8]) {
    let Ok(payload) = Payload::new(Bytes::copy_from_slice(bytes)) else { return };
    let packets: Vec<_> = payload.collect();
    assert!(!packets.is_empty() && packets.len() <= bytes.len() + 1);
    assert!(packets[..packets.len() - 1].iter().all(Result::is_ok), "nothing follows a bad packet");
}

/// As `fuzz/fuzz_targets/socketio_packet.rs`.
fn packet_survives(text: &str, attachments: &[Bytes]) {
    let limits = Limits { bytes: 4_096, ..Limits::default() };
    let mut decoder = Decoder::new(limits);
    let messages = std::iter::once(Message::Text(text.into()));
    for message in messages.chain(attachments.iter().cloned().map(Message::Binary)) {
        match decoder.push(message) {
            Ok(Some(packet)) => {
                if let Body::Event { attachments, .. } | Body::Ack { attachments, .. } = packet.body
                {
                    let bytes: usize = attachments.iter().map(Bytes::len).sum();
                    assert!(attachments.len() <= limits.attachments && bytes <= limits.bytes);
                }
            }
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        payload_survives(&bytes);
        packet_survives(&String::from_utf8_lossy(&bytes), &[]);
    }

    #[test]
    fn random_payloads(text in "([0-7b][a-z0-9+/=\"\\[\\]]{0,9}\x1e?){0,9}") {
        payload_survives(text.as_bytes());
    }

    #[test]
    fn mutated_packets(
        sample in sample(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let batch = encode::event(&sample.namespace, &sample.name, &sample.args, &sample.attachments);
        let mut text: Vec<char> = text_of(&batch).chars().collect();
        for (place, with) in changes {
            let place = place.index(text.len());
            text[place] = with;
        }
        text.truncate(1 + cut.index(text.len()));
        packet_survives(&text.iter().collect::<String>(), &sample.attachments);
    }

    #[test]
    fn a_text_is_one_packet_or_none(text in any::<String>()) {
        let known = text.starts_with(['0', '1', '2', '3', '4', '5', '6']);
        match Packet::decode(&text.as_str().into()) {
            Ok(_) => prop_assert!(known || text.starts_with('b')),
            Err(_) => prop_assert!(!known),
        }
    }
}
