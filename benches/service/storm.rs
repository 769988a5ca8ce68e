//! What happens when a replica dies without a word: all of its sessions come to another one at once
//! and resume. Timed from the death to the last reply, and counted how often the log was read.

use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::ack;
use crate::backing::Backing;
use crate::report::{Options, Report, quantile};
use crate::server::{self, Server};
use crate::socket::{Socket, token};

/// Threads that bring clients back; a crowd of phones would be as many as there are clients.
const THREADS: usize = 32;

/// Where a client was when its replica died.
struct Visitor {
    token: String,
    room: String,
    epoch: Value,
    seq: Value,
}

/// Sessions in rooms of 20, all on one replica, which is then killed.
pub fn run(options: &Options, report: &mut Report) {
    let sessions = options.number("sessions", 5_000) as usize;
    let members = options.number("in-room", 20) as usize;
    let backing = Backing::whole();
    let settings = backing.settings();
    let (dying, _dying_home) = server::fresh_on(&settings);
    let (living, _living_home) = server::fresh_on(&settings);
    let rooms: Vec<_> = (0..sessions.div_ceil(members)).map(|_| dying.room()).collect();
    for room in &rooms {
        drop(ack::author(&dying, room));
    }
    let visitors: Vec<_> = (0..sessions).map(|n| (n, rooms[n / members].clone())).collect();
    let (held, visitors): (Vec<_>, Vec<_>) = spread(visitors, |(n, room)| visit(&dying, n, room));
    let before = living.metric("kyo_room_loads_total");
    let death = Instant::now();
    drop(dying);
    drop(held);
    let mut back = spread(visitors, |visitor| {
        let socket = resume(&living, &visitor);
        (socket, death.elapsed().as_secs_f64())
    });
    let loads = living.metric("kyo_room_loads_total") - before;
    let last = quantile(&mut back.1, 1.0);
    let details = format!(
        "{sessions} sessions in {} rooms; half were back after {:.2} s",
        rooms.len(),
        quantile(&mut back.1, 0.5)
    );
    report.row("a replica dies: all sessions resumed", "s", 5.0, last, &details);
    let each = loads / rooms.len() as f64;
    report.row("reads of a room's log meanwhile", "a room", 1.0, each, "of the same run");
}

fn visit(server: &Server, n: usize, room: String) -> (Socket, Visitor) {
    let token = token(&format!("visitor-{n}"));
    let mut socket = Socket::connect(server.port, &token);
    let joined = socket.request("joined", &json!({"type": "join", "id": 1, "room": room}));
    let (epoch, seq) = (joined["epoch"].clone(), joined["seq"].clone());
    (socket, Visitor { token, room, epoch, seq })
}

fn resume(server: &Server, visitor: &Visitor) -> Socket {
    let mut socket = Socket::connect(server.port, &visitor.token);
    let since = json!({"epoch": visitor.epoch, "seq": visitor.seq});
    let join = json!({"type": "join", "id": 1, "room": visitor.room, "since": since});
    let joined = socket.request("joined", &join);
    assert_eq!(joined["sync"], "current", "nothing happened meanwhile: {joined}");
    socket
}

/// Works on all items with some threads, in no particular order.
fn spread<T: Send, A: Send, B: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> (A, B) + Sync,
) -> (Vec<A>, Vec<B>) {
    let mut shares: Vec<Vec<T>> = (0..THREADS).map(|_| Vec::new()).collect();
    items.into_iter().enumerate().for_each(|(n, item)| shares[n % THREADS].push(item));
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("it worked")).unzip()
    })
}
