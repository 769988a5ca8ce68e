//! Leases: names of a room that one holder has for a while, each with a fencing number that only
//! grows. Soft locks are made of them.

use std::time::Duration;

use bytes::Bytes;

/// The longest name of a lease, in bytes.
pub const MAX_LEASE_NAME: usize = 256;

/// The wish for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What, within the room; at most [`MAX_LEASE_NAME`].
    pub name: String,
    /// Opaque; told to whoever asks.
    pub holder: Bytes,
    /// How long, from now.
    pub ttl: Duration,
    /// The lease that this one replaces, if that is still held: the holder's own at a renewal, or one
    /// whose holder is known to be gone.
    pub instead_of: Option<u64>,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is held under this fencing number: greater than any that the room has given before.
    Granted(u64),
    /// Someone else has it.
    Held(Lease),
}

/// A lease that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What, within the room.
    pub name: String,
    /// Opaque.
    pub holder: Bytes,
    /// Its fencing number.
    pub token: u64,
    /// For how long still.
    pub left: Duration,
}
