//! A Redis Cluster of six nodes, three primaries with a replica each, put together by hand:
//! `redis-cli --cluster create` takes three times as long.

use std::path::PathBuf;
use std::time::Duration;

use ::redis::RedisResult;
use futures_util::future::join_all;

use super::node::{Node, Plan};
use super::process::Home;
use super::proxy::Proxy;
use super::tls::Certificates;
use super::view::{Seen, parse};
use super::{PATIENCE, until};

const PRIMARIES: usize = 3;
const NODES: usize = 2 * PRIMARIES;
const SLOTS: usize = 16_384;

/// How a cluster is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Clients, replication and the cluster's own bus speak TLS only.
    pub tls: bool,
    /// Asks clients for this password.
    pub password: Option<String>,
    /// A user of that password; without one it is the default user's.
    pub user: Option<String>,
    /// How long a node may be silent before the others give up on it.
    pub node_timeout_ms: u32,
    /// Puts proxies in front of every node, so that [`RedisCluster::black_hole`] works. Linux only.
    pub proxied: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { tls: false, password: None, user: None, node_timeout_ms: 1_000, proxied: false }
    }
}

impl Options {
    /// The address of one node in the form that clients take.
    pub(super) fn url(&self, port: u16) -> String {
        let scheme = if self.tls { "rediss" } else { "redis" };
        let user = self.user.as_deref().unwrap_or_default();
        match &self.password {
            Some(password) => format!("{scheme}://{user}:{password}@127.0.0.1:{port}"),
            None => format!("{scheme}://127.0.0.1:{port}"),
        }
    }
}

/// A running cluster. Nodes are numbered as they were started: 0, 1 and 2 begin as primaries, 3, 4
/// and 5 as their replicas.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Node>,
    options: Options,
    certificates: Option<Certificates>,
    // Dropped last: it ends the processes.
    home: Home,
}

impl RedisCluster {
    /// Starts six nodes and waits until all agree that the cluster works.
    pub async fn start(options: Options) -> Self {
        let home = Home::new();
        let certificates = options.tls.then(|| Certificates::create(home.path()));
        let plans: Vec<_> = (0..NODES)
            .map(|n| Plan {
                home: &home,
                name: format!("node-{n}"),
                options: &options,
                certificates: certificates.as_ref(),
                member: Some(n as u8),
            })
            .collect();
        let nodes = join_all(plans.iter().map(Node::start)).await;
        let cluster = Self { nodes, options, certificates, home };
        cluster.form().await;
        cluster.wait_healthy().await;
        cluster
    }

    /// The address of one node: `host:port`, or a URL if there is a password or TLS.
    pub fn endpoint(&self) -> String {
        self.endpoint_of(0)
    }

    /// The same for a node of choice.
    pub fn endpoint_of(&self, i: usize) -> String {
        let port = self.nodes[i].port;
        if self.options.tls || self.options.password.is_some() {
            self.options.url(port)
        } else {
            format!("127.0.0.1:{port}")
        }
    }

    /// What clients must trust, if the cluster speaks TLS.
    pub fn ca_pem(&self) -> Option<PathBuf> {
        self.certificates.as_ref().map(|files| files.ca.clone())
    }

    /// The six nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The proxy in front of a node, for its clients.
    pub fn proxy(&self, i: usize) -> &Proxy {
        self.nodes[i].proxy()
    }

    /// Which nodes are primaries with slots now, as the nodes that are awake see it.
    pub async fn primaries(&self) -> Vec<usize> {
        let view = self.view().await;
        let owners = view.iter().filter(|seen| seen.is_primary && !seen.has_failed);
        let mut found: Vec<_> =
            owners.filter(|seen| !seen.slots.is_empty()).map(|seen| self.place(seen)).collect();
        found.sort_unstable();
        found
    }

    /// Which node owns a slot.
    pub async fn owner_of(&self, slot: u16) -> usize {
        let view = self.view().await;
        let owner = view.iter().find(|seen| seen.is_primary && !seen.has_failed && seen.owns(slot));
        self.place(owner.unwrap_or_else(|| panic!("slot {slot} has no owner")))
    }

    /// A replica that copies this primary.
    pub async fn replica_of(&self, primary: usize) -> usize {
        let view = self.view().await;
        let id = &view.iter().find(|seen| self.place(seen) == primary).expect("it is known").id;
        let copy = view.iter().find(|seen| seen.copies.as_ref() == Some(id) && !seen.has_failed);
        self.place(copy.unwrap_or_else(|| panic!("node {primary} has no replica")))
    }

    /// `kill -9` of a node.
    pub fn kill9(&self, i: usize) {
        self.nodes[i].kill9();
    }

    /// Starts a killed node again; it remembers its place in the cluster, but no data.
    pub async fn restart(&self, i: usize) {
        self.nodes[i].restart(&self.home).await;
    }

    /// Stops a node in its tracks.
    pub fn freeze(&self, i: usize) {
        self.nodes[i].freeze();
    }

    /// Lets it go on.
    pub fn thaw(&self, i: usize) {
        self.nodes[i].thaw();
    }

    /// Cuts a node off from everybody, without a word to anybody.
    pub fn black_hole(&self, i: usize) {
        self.nodes[i].isolate(&self.nodes);
    }

    /// Gives it the network back.
    pub fn heal(&self, i: usize) {
        self.nodes[i].reconnect(&self.nodes);
    }

    /// `kill -9` of all nodes.
    pub fn kill_all(&self) {
        self.nodes.iter().for_each(Node::kill9);
    }

    /// Starts all nodes that were killed and waits until the cluster works.
    pub async fn restart_all(&self) {
        let dead = (0..NODES).filter(|i| !self.nodes[*i].is_awake());
        join_all(dead.map(|i| self.restart(i))).await;
        self.wait_healthy().await;
    }

    /// Makes a replica the primary of its shard, with the old one's consent.
    pub async fn failover(&self, replica: usize) {
        let node = &self.nodes[replica];
        until("the failover", async || {
            if self.role(replica).await.ok()? == "master" {
                return Some(());
            }
            // A replica that is still catching up refuses.
            let _ = node.command::<String>(&["CLUSTER", "FAILOVER"]).await;
            None
        })
        .await;
        self.wait_healthy().await;
    }

    /// Moves a slot with all its keys to another primary, as an operator's resharding does.
    pub async fn move_slot(&self, slot: u16, to: usize) {
        let from = self.owner_of(slot).await;
        if from == to {
            return;
        }
        let (source, target) = (&self.nodes[from], &self.nodes[to]);
        let text = slot.to_string();
        let (from_id, to_id) = (self.id(from).await, self.id(to).await);
        run(target, &["CLUSTER", "SETSLOT", &text, "IMPORTING", &from_id]).await;
        run(source, &["CLUSTER", "SETSLOT", &text, "MIGRATING", &to_id]).await;
        while self.move_keys(source, target, &text).await {}
        // The new owner first: nobody may think for a moment that the slot is nobody's.
        for node in [target, source] {
            run(node, &["CLUSTER", "SETSLOT", &text, "NODE", &to_id]).await;
        }
        self.wait_healthy().await;
    }

    /// Waits until every slot is owned by a node that runs, and until all that run agree on it and
    /// all replicas among them follow their primary.
    pub async fn wait_healthy(&self) {
        let healthy = async || {
            let awake = self.nodes.iter().filter(|node| node.is_awake());
            let healthy = join_all(awake.map(|node| self.is_content(node))).await;
            !healthy.is_empty() && healthy.iter().all(|content| *content)
        };
        let waiting = async {
            while !healthy().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!(
                "waited {PATIENCE:?} in vain for a healthy cluster\n{}",
                self.description().await
            );
        }
    }

    /// What every node says of the cluster and of its own copying.
    async fn description(&self) -> String {
        let mut text = String::new();
        for (i, node) in self.nodes.iter().enumerate() {
            let seen = node.command::<String>(&["CLUSTER", "NODES"]).await;
            let info = node.command::<String>(&["INFO", "replication"]).await;
            text += &format!("node {i}, port {}: {seen:?}\n{info:?}\n", node.port);
        }
        text
    }

    async fn form(&self) {
        for (node, epoch) in self.nodes.iter().zip(1..) {
            run(node, &["CLUSTER", "SET-CONFIG-EPOCH", &format!("{epoch}")]).await;
        }
        for other in &self.nodes[1..] {
            let (port, bus) = (other.port.to_string(), other.bus_port().to_string());
            run(&self.nodes[0], &["CLUSTER", "MEET", "127.0.0.1", &port, &bus]).await;
        }
        for (n, node) in self.nodes[..PRIMARIES].iter().enumerate() {
            let first = (n * SLOTS / PRIMARIES).to_string();
            let last = ((n + 1) * SLOTS / PRIMARIES - 1).to_string();
            run(node, &["CLUSTER", "ADDSLOTSRANGE", &first, &last]).await;
        }
        for (n, node) in self.nodes[PRIMARIES..].iter().enumerate() {
            let primary = self.id(n).await;
            // Refused until the two have heard of each other.
            until("a node to become a replica", async || {
                node.command::<String>(&["CLUSTER", "REPLICATE", &primary]).await.ok()
            })
            .await;
        }
    }

    /// Whether a node finds the whole cluster in order.
    async fn is_content(&self, node: &Node) -> bool {
        let info = node.command::<String>(&["CLUSTER", "INFO"]).await.unwrap_or_default();
        let replication = node.command::<String>(&["INFO", "replication"]).await;
        let seen = node.command::<String>(&["CLUSTER", "NODES"]).await.unwrap_or_default();
        let seen = parse(&seen);
        let replicas = seen.iter().filter(|seen| seen.is_replica).count();
        let covered: usize = seen
            .iter()
            .filter(|seen| seen.is_primary && !seen.has_failed && self.is_awake(seen))
            .flat_map(|seen| &seen.slots)
            .map(|range| range.len())
            .sum();
        info.contains("cluster_state:ok")
            && covered == SLOTS
            && seen.len() == NODES
            && (replicas == PRIMARIES || self.nodes.iter().any(|node| !node.is_awake()))
            && seen.iter().all(|seen| !seen.has_failed || !self.is_awake(seen))
            && replication.is_ok_and(|text| !text.contains("master_link_status:down"))
    }

    fn is_awake(&self, seen: &Seen) -> bool {
        self.nodes.iter().any(|node| node.port == seen.port && node.is_awake())
    }

    /// The cluster as the first node sees it that finds itself in good company.
    async fn view(&self) -> Vec<Seen> {
        until("a node that knows the cluster", async || {
            for node in self.nodes.iter().filter(|node| node.is_awake()) {
                let info = node.command::<String>(&["CLUSTER", "INFO"]).await.ok();
                if !info.is_some_and(|info| info.contains("cluster_state:ok")) {
                    continue;
                }
                if let Ok(text) = node.command::<String>(&["CLUSTER", "NODES"]).await {
                    return Some(parse(&text));
                }
            }
            None
        })
        .await
    }

    fn place(&self, seen: &Seen) -> usize {
        let found = self.nodes.iter().position(|node| node.port == seen.port);
        found.expect("every node is one of ours")
    }

    async fn id(&self, i: usize) -> String {
        self.nodes[i].command(&["CLUSTER", "MYID"]).await.expect("the node answers")
    }

    async fn role(&self, i: usize) -> RedisResult<String> {
        let info: String = self.nodes[i].command(&["INFO", "replication"]).await?;
        let role = info.lines().find_map(|line| line.strip_prefix("role:"));
        Ok(role.unwrap_or_default().to_owned())
    }

    /// Moves up to a hundred keys; whether there were any.
    async fn move_keys(&self, source: &Node, target: &Node, slot: &str) -> bool {
        let keys: Vec<String> =
            source.command(&["CLUSTER", "GETKEYSINSLOT", slot, "100"]).await.expect("an answer");
        let port = target.port.to_string();
        let mut words = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "REPLACE"];
        if let Some(password) = &self.options.password {
            words.extend(["AUTH", password]);
        }
        words.push("KEYS");
        words.extend(keys.iter().map(String::as_str));
        if !keys.is_empty() {
            run(source, &words).await;
        }
        !keys.is_empty()
    }
}

async fn run(node: &Node, words: &[&str]) {
    let done: RedisResult<String> = node.command(words).await;
    done.unwrap_or_else(|error| panic!("{}: {error}", words.join(" ")));
}
