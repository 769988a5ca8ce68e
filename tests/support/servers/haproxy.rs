//! HAProxy as the load balancer, with its runtime API: what a platform asks of a load balancer while it
//! replaces a replica.

use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::{Home, PATIENCE, Port, Process};

const CONFIGURATION: &str = "haproxy.cfg";
const LOG: &str = "haproxy.log";
/// What a configuration calls the runtime API, beside which HAProxy is started.
const SOCKET: &str = "haproxy.sock";

/// A running HAProxy; dropping it ends it.
#[derive(Debug)]
pub struct HaProxy {
    process: Process,
    home: Home,
    // Free for others only when the process is gone.
    port: Port,
}

impl HaProxy {
    /// Starts one with the configuration for a port; it may take a moment until it listens.
    pub async fn start(configuration: impl FnOnce(u16) -> String) -> Self {
        let (home, port) = (Home::new(), Port::lease());
        let path = home.path().join(CONFIGURATION);
        std::fs::write(path, configuration(port.number())).expect("the folder is ours");
        let words = ["-db", "-f", CONFIGURATION].map(str::to_owned);
        let process = home.spawn(LOG, &program(), &words).await;
        Self { process, home, port }
    }

    /// `host:port` for clients.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port.number())
    }

    /// Fails the test if it has ended, with what it said.
    pub fn assert_runs(&self) {
        let said = || self.home.log_tail(LOG);
        assert!(self.process.status().is_none(), "HAProxy left at its start: {}", said());
    }

    /// Asks the runtime API, which a configuration offers with `stats socket unix@haproxy.sock level
    /// admin`, and gives its answer.
    pub async fn ask(&self, command: &str) -> String {
        let asking = async {
            let mut socket = UnixStream::connect(self.home.path().join(SOCKET)).await?;
            socket.write_all(format!("{command}\n").as_bytes()).await?;
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        let answer = tokio::time::timeout(PATIENCE, asking).await.expect("HAProxy answers soon");
        let answer = answer.unwrap_or_else(|why| panic!("{command}: {why}"));
        answer.trim().to_owned()
    }
}

/// Debian puts it where only root looks.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("haproxy"));
    let found = found.chain([Path::new("/usr/sbin/haproxy").to_owned()]).find(|path| path.exists());
    found.expect("HAProxy is installed; run scripts/setup-servers.sh")
}
