//! What the encoder writes, the decoder reads.

use bytestring::ByteString;
use kyo_collaboration::engineio::{Batch, Message};
use kyo_collaboration::socketio::decode::{Body, Decoder, Packet};
use kyo_collaboration::socketio::{Limits, encode};
use proptest::prelude::*;

use super::samples::{Sample, sample, text_of};

/// Decodes a text and what follows it.
fn read(batch: &Batch, sample: &Sample) -> Packet {
    let mut decoder = Decoder::new(Limits::default());
    let mut messages = vec![Message::Text(text_of(batch).into())];
    messages.extend(sample.attachments.iter().cloned().map(Message::Binary));
    let last = messages.pop().expect("a text");
    for message in messages {
        assert_eq!(decoder.push(message), Ok(None));
    }
    decoder.push(last).expect("what we wrote").expect("all of it")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_event_is_read_as_it_was_written(sample in sample()) {
        let batch = encode::event(&sample.namespace, &sample.name, &sample.args, &sample.attachments);
        prop_assert_eq!(batch.packets(), 1 + sample.attachments.len());
        let Packet { namespace, body } = read(&batch, &sample);
        prop_assert_eq!(&*namespace, &*sample.namespace);
        let args: Vec<ByteString> = sample.args.iter().map(|arg| arg.as_str().into()).collect();
        let (name, attachments) = (sample.name.into(), sample.attachments);
        prop_assert_eq!(body, Body::Event { name, args, attachments, id: None });
    }

    #[test]
    fn so_is_an_answer(sample in sample()) {
        let id = sample.id.unwrap_or_default();
        let batch = encode::ack(&sample.namespace, id, &sample.args, &sample.attachments);
        let Packet { namespace, body } = read(&batch, &sample);
        prop_assert_eq!(&*namespace, &*sample.namespace);
        let args: Vec<ByteString> = sample.args.iter().map(|arg| arg.as_str().into()).collect();
        prop_assert_eq!(body, Body::Ack { id: Some(id), args, attachments: sample.attachments });
    }
}
