//! Opens connections: with TLS, login, timeouts and TCP options as configured, for nothing in the
//! library's defaults may stay (no answer in time, Nagle's delay, dead peers that nobody notices).

use std::time::Duration;

use deadpool_redis::{Manager, Pool, Runtime, Timeouts};
use redis::aio::{AsyncPushSender, MultiplexedConnection};
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    ProtocolVersion, RedisConnectionInfo, RedisResult, TlsCertificates,
};

use super::endpoint::Endpoint;
use super::topology::Address;
use crate::bus::Config;

/// Commands that one connection takes before it makes their callers wait.
const BUFFER: usize = 1_024;
/// Probes without an answer after which TCP gives a silent peer up.
const PROBES: u32 = 3;

/// How a node is reached, whichever it is.
#[derive(Clone)]
pub(crate) struct Dialer {
    /// Of no node in particular: scheme and trust.
    way: ConnectionAddr,
    login: RedisConnectionInfo,
    tcp: TcpSettings,
    options: AsyncConnectionConfig,
    pool: usize,
    wait: Duration,
}

impl Dialer {
    /// Reads the authorities' file.
    ///
    /// # Errors
    /// The fault as `field: rule`.
    pub(crate) fn new(config: &Config, endpoint: &Endpoint) -> Result<Self, String> {
        let mut login = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            // One command less that a restricted user would have to be allowed.
            .set_skip_set_lib_name();
        if let Some(user) = config.username.as_ref().or(endpoint.username.as_ref()) {
            login = login.set_username(user);
        }
        if let Some(password) = config.password.as_ref().or(endpoint.password.as_ref()) {
            login = login.set_password(password);
        }
        let keep_alive = TcpKeepalive::new()
            .with_time(config.keep_alive)
            .with_interval(config.keep_alive / PROBES)
            .with_retries(PROBES);
        let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keep_alive);
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(config.user_timeout);
        Ok(Self {
            way: way(config, endpoint)?,
            login,
            tcp,
            options: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(config.connect_timeout))
                .set_response_timeout(Some(config.command_timeout))
                .set_pipeline_buffer_size(BUFFER),
            pool: config.pool,
            wait: config.command_timeout,
        })
    }

    /// A connection for commands.
    pub(super) async fn open(&self, node: &Address) -> RedisResult<MultiplexedConnection> {
        self.client(node)?.get_multiplexed_async_connection_with_config(&self.options).await
    }

    /// A connection that hands what the server says unasked, and its own end, to `hear`.
    pub(super) async fn open_ear(
        &self,
        node: &Address,
        hear: impl AsyncPushSender,
    ) -> RedisResult<MultiplexedConnection> {
        let options = self.options.clone().set_push_sender(hear);
        self.client(node)?.get_multiplexed_async_connection_with_config(&options).await
    }

    /// A pool for commands that come one by one. Connects at first use.
    ///
    /// # Errors
    /// When the pool's settings contradict each other.
    pub(super) fn pool(&self, node: &Address) -> Result<Pool, String> {
        let manager = Manager::new_with_config(self.info(node), self.options.clone());
        let manager = manager.map_err(|error| error.to_string())?;
        let timeouts =
            Timeouts { wait: Some(self.wait), create: Some(self.wait), recycle: Some(self.wait) };
        let pool = Pool::builder(manager).max_size(self.pool).timeouts(timeouts);
        pool.runtime(Runtime::Tokio1).build().map_err(|error| error.to_string())
    }

    fn client(&self, node: &Address) -> RedisResult<Client> {
        Client::open(self.info(node))
    }

    fn info(&self, node: &Address) -> ConnectionInfo {
        let Address { host, port } = node.clone();
        let address = match &self.way {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                let (insecure, tls_params) = (*insecure, tls_params.clone());
                ConnectionAddr::TcpTls { host, port, insecure, tls_params }
            }
            _ => ConnectionAddr::Tcp(host, port),
        };
        address
            .into_connection_info()
            .expect("an address is a valid connection info")
            .set_redis_settings(self.login.clone())
            .set_tcp_settings(self.tcp.clone())
    }
}

fn way(config: &Config, endpoint: &Endpoint) -> Result<ConnectionAddr, String> {
    let Address { host, port } = endpoint.seeds[0].clone();
    if !endpoint.tls {
        return match &config.ca_file {
            Some(_) => {
                Err("ca_file: must be empty unless the addresses begin with rediss://".into())
            }
            None => Ok(ConnectionAddr::Tcp(host, port)),
        };
    }
    // Another part of the process may have chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let plain = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
    let Some(path) = &config.ca_file else { return Ok(plain) };
    let fault = |error: String| format!("ca_file: {}: {error}", path.display());
    let root = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    if !root.windows(27).any(|part| part == b"-----BEGIN CERTIFICATE-----") {
        return Err(fault("holds no certificate in PEM form".to_owned()));
    }
    let trust = TlsCertificates { client_tls: None, root_cert: Some(root) };
    let client = Client::build_with_tls(plain, trust).map_err(|error| fault(error.to_string()))?;
    Ok(client.get_connection_info().addr().clone())
}
