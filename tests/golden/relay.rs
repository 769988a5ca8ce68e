//! What replicas of different versions tell each other about committed events: its exact text, and that
//! neither side minds what only the other one knows.

use kyo_collaboration::domain::*;
use kyo_collaboration::protocol::envelope::encode_event;
use kyo_collaboration::protocol::relay::{TraceOf, decode_relay, encode_relay};
use serde_json::{Value, json};

use super::file::check;
use super::samples::*;

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn record() -> Vec<u8> {
    encode_event(&event(8, Change::CourseDelete { course_id: id(CourseId::parse, "c-1") })).body
}

fn told(traces: &[TraceOf]) -> String {
    let payload = encode_relay(3, 8, 0x00ab_cdef, NOON, traces, [record().as_slice()].into_iter());
    String::from_utf8(payload.to_vec()).expect("JSON is text")
}

fn traces() -> Vec<TraceOf> {
    vec![TraceOf { seq: 8, traceparent: TRACEPARENT.to_owned() }]
}

#[test]
fn its_text_is_fixed_and_without_traces_that_of_earlier_versions() {
    check("relay.golden", &format!("{}\n{}\n", told(&[]), told(&traces())));
    let record = String::from_utf8(record()).expect("JSON is text");
    let earlier = r#"{"v":1,"epoch":3,"first":8,"digest":11259375,"at":"#;
    assert_eq!(told(&[]), format!(r#"{earlier}{NOON},"records":[{record}]}}"#));
}

#[test]
fn traces_return_and_their_absence_is_none() {
    assert_eq!(decode_relay(told(&traces()).as_bytes()).expect("ours").traces, traces());
    assert_eq!(decode_relay(told(&[]).as_bytes()).expect("ours").traces, []);
}

#[test]
fn traces_that_cannot_be_read_cost_no_event() {
    for strange in [json!(null), json!("00-4bf9"), json!([{"seq": "8"}]), json!([8]), json!({})] {
        let mut message: Value = serde_json::from_str(&told(&traces())).expect("JSON");
        message["traces"] = strange.clone();
        message["of_a_later_version"] = json!([1, 2]);
        let relay = decode_relay(message.to_string().as_bytes()).expect("the events are fine");
        assert_eq!((relay.events.len(), relay.traces.len()), (1, 0), "{strange}");
    }
}
