//! The client decoder on Json frames: any bytes give a request or a refusal, never a panic.
#![no_main]

use kyo_collaboration::protocol::Framing;
use kyo_collaboration::protocol::client::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(bad) = decode(Framing::Json, bytes) {
        assert!(bad.error.details.is_some(), "every refusal names what is wrong");
    }
});
