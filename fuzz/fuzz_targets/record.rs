//! The record decoder: any bytes give an event or an error, and an event writes itself back.
#![no_main]

use kyo_collaboration::protocol::envelope::{decode_event, encode_event};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((event, _)) = decode_event(bytes) {
        let (back, _) = decode_event(&encode_event(&event).body).expect("our own record");
        assert_eq!(back, event);
    }
});
