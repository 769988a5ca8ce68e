//! Addresses, announcements and leases: what is kept for a while.

use std::time::Duration;

use bytes::Bytes;
use kyo_collaboration::bus::{Claim, Claimed};

use super::{Mesh, Node, PATIENCE, new_room};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(300);
const SHORT: Duration = Duration::from_millis(200);

fn claim(name: &str, holder: &str, ttl: Duration, instead_of: Option<u64>) -> Claim {
    let holder = Bytes::copy_from_slice(holder.as_bytes());
    Claim { name: name.to_owned(), holder, ttl, instead_of }
}

fn granted(claimed: Claimed) -> u64 {
    match claimed {
        Claimed::Granted(token) => token,
        Claimed::Held(lease) => panic!("held: {lease:?}"),
    }
}

/// Waits until something about a bus is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("in time");
}

pub async fn says_where_each_node_is<M: Mesh>() {
    let mesh = M::default();
    let (a, b) = (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    assert_eq!(a.bus.whereabouts(b.id).await.unwrap(), None);
    a.bus.advertise("http://10.0.0.1:3001", LONG).await.unwrap();
    b.bus.advertise("http://old:1", LONG).await.unwrap();
    b.bus.advertise("http://new:2", LONG).await.unwrap();
    assert_eq!(a.bus.whereabouts(b.id).await.unwrap().as_deref(), Some("http://new:2"));
    let own = a.bus.whereabouts(a.id).await.unwrap();
    assert_eq!(own.as_deref(), Some("http://10.0.0.1:3001"));
}

pub async fn forgets_addresses_in_time_and_on_leaving<M: Mesh>() {
    let mesh = M::default();
    let (a, b) = (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    a.bus.advertise("http://soon.gone", SHORT).await.unwrap();
    b.bus.advertise("http://stays", LONG).await.unwrap();
    until(async || b.bus.whereabouts(a.id).await.unwrap().is_none()).await;
    assert!(a.bus.whereabouts(b.id).await.unwrap().is_some());
    b.bus.leave().await.unwrap();
    assert_eq!(a.bus.whereabouts(b.id).await.unwrap(), None);
}

pub async fn keeps_what_each_node_announces<M: Mesh>() {
    let (mesh, room, other) = (M::default(), new_room(), new_room());
    let (a, b, c) =
        (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    a.bus.announce(room, Bytes::from_static(b"old"), LONG).await.unwrap();
    a.bus.announce(room, Bytes::from_static(b"new\0 \nline"), LONG).await.unwrap();
    b.bus.announce(room, Bytes::new(), LONG).await.unwrap();
    assert_eq!(a.bus.announced(room).await.unwrap(), [(b.id, Bytes::new())], "others only");
    let mut both = [(a.id, Bytes::from_static(b"new\0 \nline")), (b.id, Bytes::new())];
    both.sort_unstable();
    assert_eq!(c.bus.announced(room).await.unwrap(), both);
    assert_eq!(c.bus.announced(other).await.unwrap(), []);
    b.bus.withdraw(room).await.unwrap();
    b.bus.withdraw(room).await.unwrap();
    assert_eq!(
        c.bus.announced(room).await.unwrap(),
        [both[usize::from(both[0].0 != a.id)].clone()]
    );
}

pub async fn forgets_announcements_in_time<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let (a, b) = (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    let c = Node::join(&mesh, 8).await;
    a.bus.announce(room, Bytes::from_static(b"soon gone"), SHORT).await.unwrap();
    b.bus.announce(room, Bytes::from_static(b"stays"), LONG).await.unwrap();
    let stays = [(b.id, Bytes::from_static(b"stays"))];
    until(async || c.bus.announced(room).await.unwrap() == stays).await;
}

pub async fn gives_a_lease_to_one_holder<M: Mesh>() {
    let (mesh, room, other) = (M::default(), new_room(), new_room());
    let (a, b) = (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    let first = granted(a.bus.claim(room, claim("x", "a\0 1", LONG, None)).await.unwrap());
    let Claimed::Held(lease) = b.bus.claim(room, claim("x", "b", LONG, None)).await.unwrap() else {
        panic!("it is held");
    };
    assert_eq!((lease.name.as_str(), lease.token), ("x", first));
    assert_eq!(lease.holder, "a\0 1");
    assert!(lease.left > LONG / 2 && lease.left <= LONG);
    let second = granted(b.bus.claim(room, claim("w", "b", LONG, None)).await.unwrap());
    assert!(second > first, "tokens of a room grow");
    let leases = b.bus.leases(room).await.unwrap();
    let names: Vec<_> = leases.iter().map(|lease| (lease.name.as_str(), lease.token)).collect();
    assert_eq!(names, [("w", second), ("x", first)]);
    assert_eq!(b.bus.leases(other).await.unwrap(), []);
    assert!(!a.bus.release(room, "x", second).await.unwrap());
    assert!(a.bus.release(room, "x", first).await.unwrap());
    assert!(!a.bus.release(room, "x", first).await.unwrap());
    let third = granted(b.bus.claim(room, claim("x", "b", LONG, None)).await.unwrap());
    assert!(third > second);
}

pub async fn ends_leases_in_time<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let (a, b) = (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    let first = granted(a.bus.claim(room, claim("x", "a", SHORT, None)).await.unwrap());
    until(async || b.bus.leases(room).await.unwrap().is_empty()).await;
    assert!(!a.bus.release(room, "x", first).await.unwrap());
    let second = granted(b.bus.claim(room, claim("x", "b", LONG, None)).await.unwrap());
    assert!(second > first);
}

pub async fn replaces_a_lease_that_is_named<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let (a, b) = (Node::join(&mesh, 8).await, Node::join(&mesh, 8).await);
    let first = granted(a.bus.claim(room, claim("x", "a", LONG, None)).await.unwrap());
    let renewed = granted(a.bus.claim(room, claim("x", "a", LONG, Some(first))).await.unwrap());
    assert!(renewed > first);
    let late = b.bus.claim(room, claim("x", "b", LONG, Some(first))).await.unwrap();
    assert!(matches!(late, Claimed::Held(lease) if lease.token == renewed));
    let taken = granted(b.bus.claim(room, claim("x", "b", LONG, Some(renewed))).await.unwrap());
    assert!(taken > renewed);
    let free = granted(b.bus.claim(room, claim("y", "b", LONG, Some(first))).await.unwrap());
    assert!(free > taken, "what it names may be gone");
}
