//! A single Redis server, as a small installation has it.

use std::path::PathBuf;

use super::cluster::Options;
use super::node::{Node, Plan};
use super::process::Home;
use super::tls::Certificates;

/// A running server that is no cluster.
#[derive(Debug)]
pub struct Redis {
    node: Node,
    options: Options,
    certificates: Option<Certificates>,
    // Dropped last: it ends the process.
    home: Home,
}

impl Redis {
    /// Starts a plain one.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts one with TLS or a password; what concerns clusters is ignored.
    pub async fn start_with(options: Options) -> Self {
        let home = Home::new();
        let certificates = options.tls.then(|| Certificates::create(home.path()));
        let node = Node::start(&Plan {
            home: &home,
            name: "redis".to_owned(),
            options: &options,
            certificates: certificates.as_ref(),
            member: None,
        })
        .await;
        Self { node, options, certificates, home }
    }

    /// Its address, with user and password if it wants them.
    pub fn url(&self) -> String {
        self.options.url(self.node.port)
    }

    /// What its clients must trust, if it speaks TLS.
    pub fn ca_pem(&self) -> Option<PathBuf> {
        self.certificates.as_ref().map(|files| files.ca.clone())
    }

    /// The server itself: to freeze, kill or ask it.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// `kill -9`.
    pub fn kill9(&self) {
        self.node.kill9();
    }

    /// Starts it again, empty, on the same port.
    pub async fn restart(&self) {
        self.node.restart(&self.home).await;
    }
}
