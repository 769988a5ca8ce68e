//! The body of a long-polling POST: any bytes give packets and at most one that is none, the last.
#![no_main]

use kyo_collaboration::engineio::packet::Payload;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(payload) = Payload::new(bytes.to_vec().into()) else { return };
    let packets: Vec<_> = payload.collect();
    assert!(!packets.is_empty() && packets.len() <= bytes.len() + 1);
    assert!(packets[..packets.len() - 1].iter().all(Result::is_ok));
});
