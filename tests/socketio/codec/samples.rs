//! Packets for properties.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What an event or an answer is made of.
#[derive(Clone, Debug)]
pub struct Sample {
    pub namespace: String,
    pub name: String,
    pub args: Vec<String>,
    pub attachments: Vec<Bytes>,
    pub id: Option<u64>,
}

pub fn sample() -> impl Strategy<Value = Sample> {
    let namespace = prop_oneof![Just("/".to_owned()), "/[a-zé?=/]{0,8}"];
    let attachments = proptest::collection::vec(any::<Vec<u8>>().prop_map(Bytes::from), 0..4);
    let id = proptest::option::of(0..=9_007_199_254_740_991_u64);
    let args = proptest::collection::vec(value(), 0..4);
    (namespace, name(), args, attachments, id).prop_map(
        |(namespace, name, args, attachments, id)| {
            let places =
                (0..attachments.len()).rev().map(|num| json!({"_placeholder": true, "num": num}));
            let args = args.into_iter().chain(places).map(|value| value.to_string()).collect();
            Sample { namespace, name, args, attachments, id }
        },
    )
}

fn name() -> impl Strategy<Value = String> {
    let reserved = ["connect", "connect_error", "disconnect", "disconnecting"];
    any::<String>().prop_filter("a reserved name", move |name| !reserved.contains(&name.as_str()))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{0,6}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The first text of a batch, as a client gets it, without the `4` in front.
pub fn text_of(batch: &kyo_collaboration::engineio::Batch) -> String {
    let wire = batch.wire();
    let (header, length) = match wire[1] {
        126 => (4, usize::from(u16::from_be_bytes([wire[2], wire[3]]))),
        127 => (10, u64::from_be_bytes(wire[2..10].try_into().expect("eight bytes")) as usize),
        length => (2, usize::from(length)),
    };
    let text = std::str::from_utf8(&wire[header..header + length]).expect("text");
    text.strip_prefix('4').expect("a message").to_owned()
}
