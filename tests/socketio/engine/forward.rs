//! Long-polling requests that reach a replica which does not keep their session.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use futures_util::future::join_all;
use kyo_collaboration::engineio::Closed;
use kyo_collaboration::socketio::{Left, encode};
use socket2::{Domain, Socket, Type};

use crate::support::{Poller, Server, answer, get, head, raw, request, two, until};

const MARK: (&str, &str) = ("x-engineio-forwarded", "1");
/// How long it may take on a busy machine; the heartbeat would notice after 25 s at the earliest.
const NOTICED: Duration = Duration::from_secs(10);

#[actix_web::test]
async fn polls_and_posts_through_another_replica_keep_their_order() {
    let ((owner, _), (other, _)) = two(|_| {}).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    for round in 0..40 {
        let replicas = [&owner, &other];
        let (one, two) = (replicas[round % 2], replicas[round / 2 % 2]);
        let body = format!("4a{round}\x1e4b{round}\x1ebAQID");
        poller.post(one, &body).await;
        let mut heard = poller.poll(two).await;
        while heard.len() < body.len() {
            heard = heard + "\x1e" + &poller.poll(one).await;
        }
        assert_eq!(heard, body);
    }
    assert_eq!(other.engine.sessions(), 0);
}

#[actix_web::test]
async fn a_poll_that_waits_elsewhere_gets_what_comes() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (poller, guest) = Poller::joined(&mut owner).await;
    let waiting = poller.begin(&other).await;
    until("a forwarded poll", async || (other.socket.forwarded() == 1).then_some(())).await;
    let news = encode::event("/", "news", &[format!("\"{}\"", "x".repeat(3_000_000))], &[]);
    guest.socket.send(&news).unwrap();
    let answer = answer(waiting).await;
    assert_eq!((answer.status, answer.body.len()), (200, 3_000_000 + 13));
    until("room", async || (other.socket.forwarded() == 0).then_some(())).await;
}

#[actix_web::test]
async fn answers_carry_the_headers_of_the_replica_that_was_asked() {
    let page = "http://gym.example";
    let ((owner, _), (other, _)) = two(|config| config.allowed_origins = vec![page.into()]).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    let origin = [("origin", page)];
    let posted = request(&other, "POST", &poller.target, &origin, "4hello").await;
    assert_eq!(posted.header("content-type").as_deref(), Some("text/html"));
    let polled = request(&other, "GET", &poller.target, &origin, "").await;
    assert_eq!(polled.header("content-type").as_deref(), Some("text/plain; charset=UTF-8"));
    let unknown = request(&other, "GET", &(poller.target.clone() + "x"), &origin, "").await;
    assert_eq!(unknown.code(), (400, 1));
    for answer in [posted, polled, unknown] {
        assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some(page));
        assert_eq!(answer.header("vary").as_deref(), Some("Origin"));
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    }
}

#[actix_web::test]
async fn the_owners_refusals_are_passed_on() {
    let ((owner, _), (other, _)) = two(|_| {}).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    assert_eq!(poller.try_post(&other, "nonsense").await.code(), (400, 3));
    poller.is_gone(&other).await;
}

#[actix_web::test]
async fn many_polls_wait_elsewhere_at_the_same_time() {
    // More than the HTTP client's own bound of 100, on each of two threads.
    const MANY: usize = 220;
    rlimit::increase_nofile_limit(8_192).expect("room for their connections");
    let ((owner, _), (other, _)) = two(|_| {}).await;
    let mut pollers = Vec::new();
    for _ in 0..MANY {
        let poller = Poller::open(&owner, "/engine.io/").await;
        pollers.push((poller.begin(&other).await, poller));
    }
    until("all of them", async || (other.engine.forwarded() == MANY).then_some(())).await;
    for (_, poller) in &pollers {
        poller.post(&other, &format!("4{}", poller.sid)).await;
    }
    let answers = pollers.into_iter().map(|(waiting, poller)| async move {
        assert_eq!(answer(waiting).await.body, format!("4{}", poller.sid));
    });
    join_all(answers).await;
}

#[actix_web::test]
async fn a_forwarded_poll_that_is_given_up_is_noticed() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (poller, mut guest) = Poller::joined(&mut owner).await;
    let waiting = poller.begin(&other).await;
    until("a forwarded poll", async || (other.socket.forwarded() == 1).then_some(())).await;
    poller.post(&other, "42[\"mark\"]").await;
    assert_eq!(guest.event().await.name, "mark");
    drop(waiting);
    let noticed = tokio::time::timeout(NOTICED, guest.leaves()).await;
    assert_eq!(noticed, Ok(Left::Transport(Closed::TransportError)));
    poller.is_gone(&other).await;
    until("room", async || (other.socket.forwarded() == 0).then_some(())).await;
}

#[actix_web::test]
async fn a_forwarded_poll_that_is_given_up_at_once_is_noticed_too() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    for _ in 0..20 {
        let (poller, mut guest) = Poller::joined(&mut owner).await;
        drop(poller.begin(&other).await);
        assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportError));
    }
}

#[actix_web::test]
async fn a_post_that_is_given_up_is_carried_out() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (poller, mut guest) = Poller::joined(&mut owner).await;
    let post = head("POST", &poller.target, &[("content-length", "13")]) + "42[\"parting\"]";
    drop(raw(&other, &post).await);
    assert_eq!(guest.event().await.name, "parting");
}

#[actix_web::test]
async fn whose_owner_nobody_knows_is_unknown() {
    let ((_owner, _), (other, table)) = two(|_| {}).await;
    for sid in ["nobody.abc", "abc", "there.abc", ".abc", "here.abc"] {
        let target = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
        assert_eq!(get(&other, &target).await.code(), (400, 1), "{sid}");
        assert_eq!(request(&other, "POST", &target, &[], "4x").await.code(), (400, 1), "{sid}");
        let refused = get(&other, &target.replace("polling", "websocket")).await;
        assert_eq!(refused.code(), (400, 1), "{sid}");
    }
    assert_eq!(table.asked(), 2 * 3, "for those that name another replica");
}

#[actix_web::test]
async fn a_dead_owner_is_unknown() {
    let ((_owner, _), (other, table)) = two(|_| {}).await;
    let place = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    table.say("dead", &place.to_string());
    is_unknown(&other, "dead.abc").await;
}

#[actix_web::test]
async fn so_is_one_that_takes_no_connection() {
    let ((_owner, _), (other, table)) = two(|_| {}).await;
    let (place, _full) = full();
    table.say("full", &place.to_string());
    is_unknown(&other, "full.abc").await;
}

/// A listener that takes nothing, and the connections that fill its queue.
fn full() -> (SocketAddr, (Socket, Vec<TcpStream>)) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    listener.listen(0).expect("a listener");
    let place = listener.local_addr().expect("an address").as_socket().expect("of the internet");
    let mut held = Vec::new();
    while held.len() < 8 {
        match TcpStream::connect_timeout(&place, Duration::from_millis(100)) {
            Ok(stream) => held.push(stream),
            Err(_) => return (place, (listener, held)),
        }
    }
    panic!("the queue does not fill");
}

async fn is_unknown(server: &Server, sid: &str) {
    let target = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
    assert_eq!(get(server, &target).await.code(), (400, 1));
    assert_eq!(request(server, "POST", &target, &[], "4x").await.code(), (400, 1));
    assert_eq!(server.engine.forwarded(), 0);
}

#[actix_web::test]
async fn nothing_is_forwarded_twice() {
    let ((owner, here), (other, there)) = two(|_| {}).await;
    there.say("ghost", &owner.address);
    here.say("ghost", &other.address);
    is_unknown(&other, "ghost.abc").await;
    assert_eq!((there.asked(), here.asked()), (2, 0));
}

#[actix_web::test]
async fn a_client_that_sends_the_mark_itself_does_no_harm() {
    let ((owner, _), (other, table)) = two(|_| {}).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    let refused = request(&other, "POST", &poller.target, &[MARK], "4hello").await;
    assert_eq!((refused.code(), table.asked()), ((400, 1), 0));
    let taken = request(&owner, "POST", &poller.target, &[MARK], "4hello").await;
    assert_eq!((taken.status, &*taken.body), (200, "ok"));
    assert_eq!(poller.poll(&other).await, "4hello");
    let opened = request(&other, "GET", "/engine.io/?EIO=4&transport=polling", &[MARK], "").await;
    assert_eq!(opened.status, 200);
}

#[actix_web::test]
async fn a_forwarded_post_that_is_too_large_is_refused_and_the_session_stays() {
    let ((owner, _), (other, table)) = two(|_| {}).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    let fits = format!("4{}", "x".repeat(9_999));
    poller.post(&other, &fits).await;
    assert_eq!(poller.poll(&other).await, fits);
    let asked = table.asked();
    let declared = head("POST", &poller.target, &[("content-length", "10001")]);
    assert_eq!(answer(raw(&other, &declared).await).await.status, 413);
    let chunked = head("POST", &poller.target, &[("transfer-encoding", "chunked")]);
    let chunked = format!("{chunked}2711\r\n4{}\r\n", "x".repeat(10_000));
    assert_eq!(answer(raw(&other, &chunked).await).await.status, 413);
    assert_eq!((table.asked(), other.engine.forwarded()), (asked, 0), "the owner is spared it");
    poller.post(&other, "4hello").await;
    assert_eq!(poller.poll(&other).await, "4hello");
}

#[actix_web::test]
async fn more_than_may_be_forwarded_is_told_to_come_again() {
    let ((owner, _), (other, _)) = two(|config| config.max_forwarded = 1).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    let waiting = poller.begin(&other).await;
    until("a forwarded poll", async || (other.engine.forwarded() == 1).then_some(())).await;
    assert_eq!(poller.try_post(&other, "4one").await.code(), (503, 4));
    let socket = poller.target.replace("polling", "websocket");
    let refused = crate::support::Ws::try_at(&other, &socket, None).await.err();
    assert_eq!(refused.map(|(status, _)| status), Some(503));
    poller.post(&owner, "4two").await;
    assert_eq!(answer(waiting).await.body, "4two");
    until("room", async || (other.engine.forwarded() == 0).then_some(())).await;
    poller.post(&other, "4three").await;
    assert_eq!(poller.poll(&other).await, "4three");
}
