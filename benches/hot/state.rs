//! A whole timetable: checked, copied, written and read. What is made here is freed here too: kept
//! until the end of a batch it would be measured in cold memory.

use jiff::tz::TimeZone;
use kyo_collaboration::protocol::state::{decode_timetable, encode_timetable, state_json};

use super::Bench;
use super::desk::room;

pub fn digest<B: Bench>(bench: &mut B) {
    let state = room();
    bench.whole(|| state.digest());
}

pub fn clone<B: Bench>(bench: &mut B) {
    let state = room();
    bench.whole(|| state.clone().head());
}

pub fn encode_for_clients<B: Bench>(bench: &mut B) {
    let state = room();
    bench.whole(|| state_json(&state).len());
}

pub fn encode_for_store<B: Bench>(bench: &mut B) {
    let state = room();
    bench.whole(|| encode_timetable(&state).len());
}

pub fn decode_of_store<B: Bench>(bench: &mut B) {
    let body = encode_timetable(&room());
    bench.whole(|| decode_timetable(&body, TimeZone::UTC).expect("just written").head());
}
