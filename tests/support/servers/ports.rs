//! Free ports that stay ours while a server is killed and started again.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range that the system hands to outgoing connections and below the ports that
/// `tests/support/service.rs` gives to the service.
const RANGE: Range<u16> = 10_000..12_000;

/// A TCP port of 127.0.0.1 that no other test takes until this is dropped.
///
/// The server binds TCP itself, so what is held is the UDP port of the same number: the system
/// gives it to one process only and takes it back when that process ends in any way.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _held: UdpSocket,
}

impl Port {
    /// Takes one.
    pub fn lease() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let size = RANGE.end - RANGE.start;
        // Test binaries that run side by side start looking at different places.
        let start = (std::process::id() % 97) as u16 * 20;
        for _ in 0..size {
            let number = RANGE.start + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % size;
            if let Some(port) = Self::take(number) {
                return port;
            }
        }
        panic!("no free port in {RANGE:?}");
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }

    fn take(number: u16) -> Option<Self> {
        let held = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        Some(Self { number, _held: held })
    }
}
