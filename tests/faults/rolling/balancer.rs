//! The load balancer of a deploy: HAProxy as the one of `ecs/network.yaml`, least busy replica first, and
//! a cookie for Socket.IO alone. A replica that is taken off gets no request any more, not even one
//! with its cookie; sockets that it has stay until they are cut.

use std::cell::RefCell;

use crate::servers::HaProxy;
use crate::support::{Rest, until};
use crate::world::Seat;

/// For native clients, and for those of Socket.IO, as there are two target groups.
const BACKENDS: [&str; 2] = ["native", "socketio"];

/// HAProxy and which replica has which of its places.
#[derive(Debug)]
pub struct Balancer {
    haproxy: HaProxy,
    /// Port of the replica in each place.
    places: RefCell<Vec<Option<u16>>>,
}

impl Balancer {
    /// Starts one with room for so many replicas and clients; nobody is behind it yet.
    pub async fn start(replicas: usize, clients: usize) -> Self {
        let haproxy = HaProxy::start(|port| configuration(port, replicas, clients)).await;
        let balancer = Self { haproxy, places: RefCell::new(vec![None; replicas]) };
        let rest = Rest::new(&format!("http://{}", balancer.address()), None);
        until("HAProxy to listen", async || {
            balancer.haproxy.assert_runs();
            rest.try_get("/ready").await.ok()
        })
        .await;
        balancer
    }

    /// `host:port` for clients.
    pub fn address(&self) -> String {
        self.haproxy.address()
    }

    /// Lets clients to a replica, once it has been found healthy.
    pub async fn admit(&self, seat: &Seat) {
        let port = seat.number();
        let free = self.places.borrow().iter().position(Option::is_none);
        let place = free.expect("one more place than replicas");
        self.places.borrow_mut()[place] = Some(port);
        for backend in BACKENDS {
            self.set(&format!("{backend}/r{place} addr 127.0.0.1 port {port}")).await;
            self.set(&format!("{backend}/r{place} state ready")).await;
            until("a replica to be found healthy", async || {
                self.is_healthy(backend, place).await.then_some(())
            })
            .await;
        }
    }

    /// Sends nobody to it any more.
    pub async fn take_off(&self, seat: &Seat) {
        let place = self.place(seat);
        for backend in BACKENDS {
            self.set(&format!("{backend}/r{place} state maint")).await;
        }
    }

    /// Cuts what it still has; gives how much that was.
    pub async fn cut(&self, seat: &Seat) -> usize {
        let place = self.place(seat);
        let mut cut = 0;
        for backend in BACKENDS {
            cut += self.sessions(backend, place).await;
            let answer =
                self.haproxy.ask(&format!("shutdown sessions server {backend}/r{place}")).await;
            assert_eq!(answer, "", "HAProxy cuts sessions");
        }
        cut
    }

    /// It is gone: its place is free.
    pub fn forget(&self, seat: &Seat) {
        let place = self.place(seat);
        self.places.borrow_mut()[place] = None;
    }

    fn place(&self, seat: &Seat) -> usize {
        let port = Some(seat.number());
        let found = self.places.borrow().iter().position(|place| *place == port);
        found.expect("it was admitted")
    }

    async fn set(&self, what: &str) {
        let answer = self.haproxy.ask(&format!("set server {what}")).await;
        let said = ["IP changed", "port changed", "no need to change"];
        let well = answer.is_empty() || said.iter().any(|said| answer.starts_with(said));
        assert!(well, "{what}: {answer}");
    }

    /// Whether clients are sent to a place whose replica has passed a check.
    async fn is_healthy(&self, backend: &str, place: usize) -> bool {
        let table = self.haproxy.ask(&format!("show servers state {backend}")).await;
        let name = format!("r{place}");
        let mut rows = table.lines().map(|row| row.split(' ').collect::<Vec<_>>());
        let row = rows.find(|row| row.get(3) == Some(&name.as_str()));
        let row = row.expect("a line for each place");
        // `srv_op_state` and `srv_check_result`: running, passed.
        (row[5], row[11]) == ("2", "3")
    }

    /// Connections to a replica at this moment.
    async fn sessions(&self, backend: &str, place: usize) -> usize {
        let table = self.haproxy.ask("show stat").await;
        let start = format!("{backend},r{place},");
        let row = table.lines().find(|row| row.starts_with(&start)).expect("a line for each place");
        row.split(',').nth(4).and_then(|count| count.parse().ok()).expect("a number")
    }
}

fn configuration(port: u16, replicas: usize, clients: usize) -> String {
    let servers = |cookie: bool| -> String {
        let cookie = |n: usize| if cookie { format!(" cookie r{n}") } else { String::new() };
        let line = |n| format!("    server r{n} 127.0.0.1:1{} disabled\n", cookie(n));
        (0..replicas).map(line).collect()
    };
    include_str!("haproxy.cfg")
        .replace("MAXCONN", &(2 * clients + 200).to_string())
        .replace("PORT", &port.to_string())
        .replace("NATIVE", &servers(false))
        .replace("SOCKETIO", &servers(true))
}
