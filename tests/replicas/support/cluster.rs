//! Replicas of the service in this process: each an own [`App`] with its own connections to one
//! database file, and all on one hub.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use kyo_collaboration::actors::registry::Running;
use kyo_collaboration::app::{App, Parts};
use kyo_collaboration::bus::local::LocalHub;
use kyo_collaboration::bus::{Bus, NodeId};
use kyo_collaboration::config::{Config, Sources};
use kyo_collaboration::domain::RoomId;
use kyo_collaboration::lifecycle::Phase;
use kyo_collaboration::protocol::peer::decode_announcement;
use kyo_collaboration::protocol::text::TextForm;
use kyo_collaboration::store;
use kyo_collaboration::telemetry::LogFilter;
use kyo_collaboration::time::Clock;
use serde_json::json;
use tempfile::TempDir;

use super::{Person, Rest, SECRET, Unruly, Whim, until};

/// One replica.
pub struct Service {
    pub app: App,
    pub clock: Clock,
    pub bus: Arc<Unruly>,
}

/// Replicas over one database.
pub struct Cluster {
    home: TempDir,
    hub: LocalHub,
    config: Config,
    pub replicas: Vec<Service>,
}

impl Cluster {
    /// Replicas with an honest bus and limits that never bind.
    pub async fn start(count: usize) -> Self {
        Self::with(&vec![Whim::Honest; count], |_| {}).await
    }

    /// One replica for each whim, with changed settings.
    pub async fn with(whims: &[Whim], change: impl FnOnce(&mut Config)) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let mut config = configuration(&home);
        change(&mut config);
        let mut cluster = Self { home, hub: LocalHub::new(), config, replicas: Vec::new() };
        store::migrate(&cluster.database()).await.expect("a new database");
        for whim in whims {
            let replica = cluster.replica(*whim, Clock::system()).await;
            cluster.replicas.push(replica);
        }
        cluster
    }

    /// One more replica, which nobody has to keep.
    pub async fn replica(&self, whim: Whim, clock: Clock) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("an ordinary socket");
        let here = format!("http://{}", listener.local_addr().expect("an address"));
        let node = NodeId(uuid::Uuid::now_v7());
        let (bus, bus_events) = Unruly::join(&self.hub, node, whim);
        let bus = Arc::new(bus);
        let parts = Parts {
            clock: clock.clone(),
            node,
            bus: bus.clone(),
            bus_events,
            store: store::connect(&self.database()).await.expect("the database is there"),
            listener,
            log_filter: LogFilter::detached("info").expect("is a filter"),
        };
        let mut config = self.config.clone();
        config.server.advertise_url = Some(here);
        let app = App::start(&config, parts).expect("everything is there");
        // Without a bus it is a moment before it gives up being found.
        app.life.reached(Phase::Ready).await;
        Service { app, clock, bus }
    }

    /// The database's file.
    pub fn file(&self) -> PathBuf {
        self.home.path().join("kyo.db")
    }

    /// A new, empty room of the tenant `north`.
    pub async fn room(&self) -> String {
        let founder = self.replicas[0].rest(&Person::owner("founder"));
        let body = json!({"name": "Main hall", "timezone": "Europe/Berlin"});
        let room = founder.post("/api/collaboration/v1/rooms", &body).await;
        room.expect(201)["room"].as_str().expect("a room has an id").to_owned()
    }

    fn database(&self) -> store::Config {
        store::Config {
            url: format!("sqlite://{}", self.file().display()),
            pool: 2,
            busy_timeout_ms: self.config.database.busy_timeout_ms,
            ..store::Config::default()
        }
    }
}

impl Service {
    /// `host:port`.
    pub fn address(&self) -> String {
        self.app.address.to_string()
    }

    /// REST as a person.
    pub fn rest(&self, person: &Person) -> Rest {
        Rest::new(&format!("http://{}", self.address()), Some(person.token()))
    }

    /// How many rooms its registry knows.
    pub async fn running(&self) -> usize {
        self.app.registry.send(Running).await.expect("the registry lives").len()
    }

    /// One number of `/metrics`, by the beginning of its line.
    pub async fn metric(&self, line: &str) -> f64 {
        let text = self.rest(&Person::owner("ops")).get("/metrics").await.text();
        let found = text.lines().find_map(|row| row.strip_prefix(line));
        let number = found.unwrap_or_else(|| panic!("no metric {line}:\n{text}"));
        number.trim().parse().expect("a number")
    }

    /// Waits until the bus keeps for this replica that a session of another one is in a room.
    pub async fn hears_of(&self, room: &str, session: &str) {
        let room = RoomId::parse(room).expect("a room's id");
        until("the announcement", async || {
            let kept = self.bus.announced(room).await.expect("the bus is up");
            let said = kept.iter().filter_map(|(_, value)| decode_announcement(value));
            let mut people = said.flat_map(|one| one.people);
            people.any(|person| person.who.session_id.0.as_str() == session).then_some(())
        })
        .await;
    }

    /// Who a room lists, by session.
    pub async fn participants(&self, room: &str) -> Vec<String> {
        let path = format!("/api/collaboration/v1/rooms/{room}/participants?limit=500");
        let listed = self.rest(&Person::owner("founder")).get(&path).await.expect(200);
        let items = listed["items"].as_array().expect("a list").clone();
        items.iter().map(|one| one["sessionId"].as_str().expect("an id").to_owned()).collect()
    }
}

fn configuration(home: &TempDir) -> Config {
    let database = format!("sqlite://{}/kyo.db", home.path().display());
    let set = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    let environment = BTreeMap::from([
        set("JWT_SECRET", SECRET),
        set("DATABASE_URL", &database),
        set("KYO__SERVER__WORKERS", "1"),
        set("KYO__LIMITS__OPS_PER_SECOND", "100000"),
        set("KYO__LIMITS__OPS_BURST", "100000"),
        set("KYO__LIMITS__TENANT_OPS_PER_SECOND", "1000000"),
    ]);
    Config::load(&Sources { environment, folder: None }).expect("a sound configuration")
}
