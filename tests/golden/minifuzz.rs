//! A short fuzz run with every test run: whatever comes in, the answer is a request or a refusal.

use kyo_collaboration::protocol::Framing;
use kyo_collaboration::protocol::client::{decode, decode_op};
use kyo_collaboration::protocol::code::ErrorCode;
use proptest::prelude::*;

use super::client::messages;
use super::file::msgpack;

const REFUSALS: [ErrorCode; 3] = [ErrorCode::Invalid, ErrorCode::UnknownType, ErrorCode::TooLarge];

fn survives(bytes: &[u8]) {
    for framing in [Framing::Json, Framing::MessagePack] {
        if let Err(bad) = decode(framing, bytes) {
            assert!(REFUSALS.contains(&bad.error.code), "{bad:?}");
            assert!(bad.error.details.is_some(), "{bad:?}");
        }
    }
    if let Err(error) = decode_op(bytes) {
        assert!(REFUSALS.contains(&error.code), "{error:?}");
    }
}

/// A valid message in one of its framings.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    let all: Vec<Vec<u8>> = messages()
        .into_iter()
        .flat_map(|(_, message)| [message.to_string().into_bytes(), msgpack(&message)])
        .collect();
    proptest::sample::select(all)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&bytes);
    }

    #[test]
    fn mutated_messages(
        mut bytes in valid(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cutting: bool,
    ) {
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cutting {
            bytes.truncate(cut.index(bytes.len()));
        }
        survives(&bytes);
    }

    #[test]
    fn fields_of_other_types(
        message in proptest::sample::select(messages()),
        field in any::<prop::sample::Index>(),
        value in prop_oneof![
            Just(serde_json::Value::Null),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            ".{0,80}".prop_map(serde_json::Value::from),
            Just(serde_json::json!([])),
            Just(serde_json::json!({ "kind": "batch" })),
        ],
    ) {
        let (_, mut message) = message;
        let names: Vec<String> = message.as_object().unwrap().keys().cloned().collect();
        message[&names[field.index(names.len())]] = value;
        survives(message.to_string().as_bytes());
        survives(&msgpack(&message));
    }
}
