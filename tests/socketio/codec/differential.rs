//! Our codec beside socketioxide's, which was written by others from the same documents. It takes
//! more than we do: it leaves the payload unread, so that what the official server closes a client for
//! passes; it takes any number of attachments, and an id beyond its own numbers for none. What we
//! take, it takes, and in the same way.

use std::collections::VecDeque;

use bytes::Bytes;
use kyo_collaboration::engineio::Message;
use kyo_collaboration::socketio::decode::{Body, Decoder, Packet};
use kyo_collaboration::socketio::{Limits, encode};
use proptest::prelude::*;
use socketioxide_core::packet::{Packet as Theirs, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_core::{Str, Value};
use socketioxide_parser_common::CommonParser;

use super::samples::{sample, text_of};

/// One packet as both can say it.
#[derive(Debug, PartialEq)]
struct Neutral {
    kind: &'static str,
    namespace: String,
    id: Option<u64>,
    /// The payload as a value.
    payload: Option<serde_json::Value>,
    attachments: Vec<Bytes>,
}

fn ours(Packet { namespace, body }: Packet) -> Neutral {
    let array = |head: Option<String>, args: &[bytestring::ByteString]| {
        let parts: Vec<_> = head.into_iter().chain(args.iter().map(ToString::to_string)).collect();
        serde_json::from_str(&format!("[{}]", parts.join(","))).ok()
    };
    let namespace = namespace.to_string();
    let (kind, id, payload, attachments) = match body {
        Body::Connect(auth) => {
            ("connect", None, auth.and_then(|auth| serde_json::from_str(&auth).ok()), vec![])
        }
        Body::Disconnect => ("disconnect", None, None, vec![]),
        Body::Event { name, args, attachments, id } => {
            let name = serde_json::to_string(&*name).expect("a string");
            ("event", id, array(Some(name), &args), attachments)
        }
        Body::Ack { id, args, attachments } => ("ack", id, array(None, &args), attachments),
        Body::ConnectError => ("error", None, None, vec![]),
    };
    Neutral { kind, namespace, id, payload, attachments }
}

fn theirs(packet: Theirs) -> Neutral {
    let namespace = packet.ns.to_string();
    let read = |value: Value| match value {
        Value::Str(text, bytes) => {
            (serde_json::from_str(&text).ok(), bytes.unwrap_or_default().into())
        }
        Value::Bytes(_) => panic!("not this parser's"),
    };
    let number = |id: i64| u64::try_from(id).expect("no id is negative");
    let (kind, id, (payload, attachments)) = match packet.inner {
        PacketData::Connect(auth) => ("connect", None, auth.map_or((None, Vec::new()), read)),
        PacketData::Disconnect => ("disconnect", None, (None, Vec::new())),
        PacketData::Event(value, id) | PacketData::BinaryEvent(value, id) => {
            ("event", id.map(number), read(value))
        }
        PacketData::EventAck(value, id) | PacketData::BinaryAck(value, id) => {
            ("ack", Some(number(id)), read(value))
        }
        PacketData::ConnectError(_) => ("error", None, (None, Vec::new())),
    };
    Neutral { kind, namespace, id, payload, attachments }
}

fn by_us(text: &str, attachments: &[Bytes]) -> Option<Neutral> {
    let mut decoder = Decoder::new(Limits::default());
    let mut packet = decoder.push(Message::Text(text.into())).ok()?;
    for bytes in attachments {
        packet = decoder.push(Message::Binary(bytes.clone())).ok()?;
    }
    packet.map(ours)
}

fn by_them(text: &str, attachments: &[Bytes]) -> Option<Neutral> {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let mut packet = CommonParser.decode_str(&config, &state, Str::from(text.to_owned()));
    for bytes in attachments {
        if !matches!(packet, Err(ParseError::NeedsMoreBinaryData)) {
            return None;
        }
        packet = CommonParser.decode_bin(&config, &state, bytes.clone());
    }
    packet.ok().map(theirs)
}

/// What they do differently with what we take: they don't read what only servers send; an answer
/// without a number or without arguments is a fault; a number is an id only when a bracket follows
/// at once; a number is no name.
fn is_known(packet: &Neutral, text: &str) -> bool {
    let (head, payload) = text.split_at(text.find('[').unwrap_or(text.len()));
    let numeric = payload[payload.len().min(1)..].trim_start();
    packet.kind == "error"
        || packet.kind == "ack" && (packet.id.is_none() || payload.is_empty())
        || packet.kind == "event" && numeric.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        || packet.namespace.contains('[')
        || head.contains(char::is_whitespace)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn we_write_what_they_write(sample in sample()) {
        let array = |head: Option<String>| {
            let parts: Vec<_> = head.into_iter().chain(sample.args.clone()).collect();
            let bytes = (!sample.attachments.is_empty())
                .then(|| sample.attachments.iter().cloned().collect::<VecDeque<_>>());
            Value::Str(Str::from(format!("[{}]", parts.join(","))), bytes)
        };
        let namespace = sample.namespace.as_str();
        let Value::Str(event, _) = CommonParser.encode(Theirs::event(
            Str::from(namespace.to_owned()),
            array(Some(serde_json::to_string(&sample.name).unwrap())),
        )) else { panic!("text") };
        let mine = encode::event(namespace, &sample.name, &sample.args, &sample.attachments);
        prop_assert_eq!(text_of(&mine), event.as_str());

        let id = sample.id.unwrap_or_default();
        let Value::Str(ack, _) = CommonParser.encode(Theirs::ack(
            Str::from(namespace.to_owned()),
            array(None),
            i64::try_from(id).unwrap(),
        )) else { panic!("text") };
        let mine = encode::ack(namespace, id, &sample.args, &sample.attachments);
        prop_assert_eq!(text_of(&mine), ack.as_str());
    }

    #[test]
    fn we_read_what_they_read(sample in sample()) {
        let event = encode::event(&sample.namespace, &sample.name, &sample.args, &sample.attachments);
        let ack = encode::ack(&sample.namespace, sample.id.unwrap_or_default(), &sample.args, &sample.attachments);
        for batch in [event, ack] {
            let text = text_of(&batch);
            let mine = by_us(&text, &sample.attachments);
            prop_assert!(mine.is_some(), "{}", text);
            prop_assert_eq!(mine, by_them(&text, &sample.attachments), "{}", text);
        }
    }

    #[test]
    fn what_we_take_they_take(
        sample in sample(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "[0-6/,\\[\\]{}\"a-]"), 0..4),
    ) {
        let batch = encode::event(&sample.namespace, &sample.name, &sample.args, &sample.attachments);
        let mut text: Vec<char> = text_of(&batch).chars().collect();
        for (place, with) in changes {
            let place = place.index(text.len());
            text[place] = with.chars().next().unwrap();
        }
        let text: String = text.into_iter().collect();
        if let Some(mine) = by_us(&text, &sample.attachments)
            && !is_known(&mine, &text)
        {
            prop_assert_eq!(Some(mine), by_them(&text, &sample.attachments), "{}", text);
        }
    }
}

/// What the study of their parser found, so that a version that changes it is noticed.
#[test]
fn what_they_take_and_we_do_not() {
    for text in ["50-[\"a\"]", "1{}", "0[]", "31{}", "2[\"connect\"]", "29007199254740992[\"a\"]"] {
        assert!(by_us(text, &[]).is_none(), "{text}");
        assert!(by_them(text, &[]).is_some(), "{text}");
    }
    let out_of_range = "51-[\"a\",{\"_placeholder\":true,\"num\":1}]";
    assert!(by_us(out_of_range, &["x".into()]).is_none());
    assert!(by_them(out_of_range, &["x".into()]).is_some());
}

#[test]
fn what_we_take_and_they_do_not() {
    let escaped = Value::Str(Str::from("[\"\\u00e9\"]"), None);
    assert!(CommonParser.read_event(&escaped).is_err());
    assert!(by_us("2[\"\\u00e9\"]", &[]).is_some());
    assert!(by_us("3[]", &[]).is_some() && by_them("3[]", &[]).is_none());
}
