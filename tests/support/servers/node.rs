//! One `redis-server` process: alone, or a member of a cluster.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, FromRedisValue, RedisResult};
use tokio::sync::watch;

use super::cluster::Options;
use super::ports::Port;
use super::process::{Home, Process};
use super::proxy::Proxy;
use super::tls::Certificates;
use super::until;

/// How long a node may take for one administrative command.
const ANSWER: Duration = Duration::from_secs(2);
/// How often a start is tried on other ports.
const ATTEMPTS: usize = 5;

/// A `redis-server` with its ports and its folder.
#[derive(Debug)]
pub struct Node {
    /// Where clients reach it: what it announces to them.
    pub port: u16,
    /// The port that it listens on itself; differs from [`Node::port`] behind a proxy.
    pub own_port: u16,
    name: String,
    folder: PathBuf,
    arguments: Vec<String>,
    process: watch::Sender<Process>,
    frozen: AtomicBool,
    killed: AtomicBool,
    user: Option<(String, String)>,
    line: Option<Line>,
    _ports: [Port; 2],
}

/// The proxies in front of a node and the address it calls the others from.
#[derive(Debug)]
struct Line {
    clients: Proxy,
    bus: Proxy,
    source: IpAddr,
}

/// What a node is started with, beside its ports.
pub(super) struct Plan<'a> {
    pub home: &'a Home,
    pub name: String,
    pub options: &'a Options,
    pub certificates: Option<&'a Certificates>,
    /// The place in the cluster, if it is to be a member of one.
    pub member: Option<u8>,
}

impl Node {
    /// Starts one on free ports.
    pub(super) async fn start(plan: &Plan<'_>) -> Self {
        let folder = plan.home.path().join(&plan.name);
        std::fs::create_dir(&folder).expect("a folder of its own");
        for _ in 0..ATTEMPTS {
            if let Some(node) = Self::try_start(plan, &folder).await {
                return node;
            }
        }
        panic!("redis-server does not start:\n{}", plan.home.log_tail(&log(&plan.name)));
    }

    /// Runs a command on this very node, whatever its proxies do.
    pub async fn command<T: FromRedisValue>(&self, words: &[&str]) -> RedisResult<T> {
        let mut connection = self.connect().await?;
        let mut command = ::redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut connection).await
    }

    /// `kill -9`.
    pub fn kill9(&self) {
        self.process().signal("KILL");
        self.frozen.store(false, Ordering::Relaxed);
        // Its end is noticed a moment later.
        self.killed.store(true, Ordering::Relaxed);
    }

    /// Stops it in its tracks.
    pub fn freeze(&self) {
        self.process().signal("STOP");
        self.frozen.store(true, Ordering::Relaxed);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.process().signal("CONT");
        self.frozen.store(false, Ordering::Relaxed);
    }

    /// Whether it runs, neither killed nor frozen.
    pub fn is_awake(&self) -> bool {
        let stopped = [&self.frozen, &self.killed];
        self.process().status().is_none() && !stopped.iter().any(|one| one.load(Ordering::Relaxed))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process().pid()
    }

    /// Starts it on the same ports and folder after it was killed; answers commands.
    pub(super) async fn restart(&self, home: &Home) {
        self.process().ended().await;
        until("redis-server to start again", async || {
            let process = launch(home, &self.name, &self.arguments).await;
            self.process.send_replace(process);
            self.ready().await.then_some(())
        })
        .await;
        self.killed.store(false, Ordering::Relaxed);
    }

    /// Cuts it off from clients and from the other nodes, without a word to either.
    pub(super) fn isolate(&self, others: &[Self]) {
        let line = self.line();
        line.clients.black_hole();
        line.bus.black_hole();
        for other in others.iter().filter(|other| other.port != self.port) {
            other.line().clients.shun(line.source);
            other.line().bus.shun(line.source);
        }
    }

    /// Takes that back.
    pub(super) fn reconnect(&self, others: &[Self]) {
        let line = self.line();
        line.clients.heal();
        line.bus.heal();
        for other in others {
            other.line().clients.unshun(line.source);
            other.line().bus.unshun(line.source);
        }
    }

    /// The proxy that clients go through.
    pub(super) fn proxy(&self) -> &Proxy {
        &self.line().clients
    }

    /// The port that the other nodes reach it by.
    pub(super) fn bus_port(&self) -> u16 {
        match &self.line {
            Some(line) => line.bus.address().port(),
            None => self._ports[1].number(),
        }
    }

    fn line(&self) -> &Line {
        self.line.as_ref().expect("the cluster was started with Options::proxied")
    }

    fn process(&self) -> Process {
        self.process.borrow().clone()
    }

    async fn try_start(plan: &Plan<'_>, folder: &Path) -> Option<Self> {
        let ports = [Port::lease(), Port::lease()];
        let own_port = ports[0].number();
        let line = match plan.member {
            Some(place) if plan.options.proxied => Some(Line {
                clients: Proxy::start(local(own_port)).await,
                bus: Proxy::start(local(ports[1].number())).await,
                source: IpAddr::V4(Ipv4Addr::new(127, 0, 66, place + 1)),
            }),
            _ => None,
        };
        let port = line.as_ref().map_or(own_port, |line| line.clients.address().port());
        let user = plan.options.password.clone().map(|password| {
            (plan.options.user.clone().unwrap_or_else(|| "default".to_owned()), password)
        });
        let arguments = arguments(plan, folder, &ports, line.as_ref());
        let process = launch(plan.home, &plan.name, &arguments).await;
        let node = Self {
            port,
            own_port,
            name: plan.name.clone(),
            folder: folder.to_owned(),
            arguments,
            process: watch::channel(process).0,
            frozen: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            user,
            line,
            _ports: ports,
        };
        node.ready().await.then_some(node)
    }

    /// Waits until it answers; false if it left.
    async fn ready(&self) -> bool {
        until("redis-server to answer", async || {
            if self.process().status().is_some() {
                return Some(false);
            }
            self.command::<String>(&["PING"]).await.is_ok().then_some(true)
        })
        .await
    }

    /// Through its Unix socket: needs neither TLS nor the network that a test may have broken.
    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let socket = self.folder.join("redis.sock");
        let mut url = format!("redis+unix://{}", socket.display());
        if let Some((user, password)) = &self.user {
            url = format!("{url}?user={user}&pass={password}");
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(ANSWER));
        let client = ::redis::Client::open(url)?;
        client.get_multiplexed_async_connection_with_config(&config).await
    }
}

async fn launch(home: &Home, name: &str, arguments: &[String]) -> Process {
    home.spawn(&log(name), Path::new("redis-server"), arguments).await
}

fn log(name: &str) -> String {
    format!("{name}.log")
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn arguments(
    plan: &Plan<'_>,
    folder: &Path,
    ports: &[Port; 2],
    line: Option<&Line>,
) -> Vec<String> {
    let mut words = Words::default();
    let folder = folder.display();
    words.set("bind", "127.0.0.1").set("protected-mode", "no").set("dir", &folder);
    words.set("unixsocket", format!("{folder}/redis.sock"));
    words.set("save", "").set("appendonly", "no").set("repl-diskless-sync-delay", 0);
    match plan.certificates {
        None => words.set("port", ports[0].number()),
        Some(files) => words
            .set("port", 0)
            .set("tls-port", ports[0].number())
            .set("tls-ca-cert-file", files.ca.display())
            .set("tls-cert-file", files.server.display())
            .set("tls-key-file", files.server_key.display())
            .set("tls-auth-clients", "no")
            .set("tls-replication", "yes"),
    };
    if let Some(password) = &plan.options.password {
        words.set("requirepass", password).set("masterauth", password);
        if let Some(user) = &plan.options.user {
            words.set("user", format!("{user} on >{password} ~* &* +@all"));
        }
    }
    if plan.member.is_some() {
        words.set("cluster-enabled", "yes").set("cluster-config-file", "nodes.conf");
        words.set("cluster-port", ports[1].number());
        words.set("cluster-node-timeout", plan.options.node_timeout_ms);
        words.set("cluster-announce-ip", "127.0.0.1");
        if plan.certificates.is_some() {
            words.set("tls-cluster", "yes");
        }
    }
    if let Some(line) = line {
        let tls = if plan.certificates.is_some() { "-tls" } else { "" };
        words.set(&format!("cluster-announce{tls}-port"), line.clients.address().port());
        words.set("cluster-announce-bus-port", line.bus.address().port());
        words.set("bind-source-addr", line.source);
    }
    words.0
}

/// Settings as `redis-server` takes them on its command line.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn set(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.0.push(format!("--{name}"));
        let value = value.to_string();
        // An access rule is several words of one directive.
        match name {
            "user" => self.0.extend(value.split(' ').map(str::to_owned)),
            _ => self.0.push(value),
        }
        self
    }
}
