//! `healthcheck`: the image has no shell and no curl, so the binary asks itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use actix_web::rt::System;
use awc::Client;
use clap::Args;

use super::Failure;
use crate::config::{Config, Server, Sources};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whom to ask.
#[derive(Args, Clone, Debug)]
pub struct HealthcheckArgs {
    /// Address to ask, http:// alone; by default /health of the configured port on this machine
    #[arg(long)]
    pub url: Option<String>,
}

/// Asks once.
///
/// # Errors
/// Always with exit code 1, the only one besides 0 that container runtimes allow: no answer in time,
/// or one that isn't 200.
pub fn run(args: HealthcheckArgs, sources: &Sources) -> Result<(), Failure> {
    let url = match args.url {
        Some(url) => url,
        None => own_url(&Config::load(sources).map_err(Failure::failed)?.server),
    };
    System::new().block_on(ask(&url))
}

async fn ask(url: &str) -> Result<(), Failure> {
    let client = Client::builder().timeout(PATIENCE).disable_redirects().finish();
    let answer = client
        .get(url)
        .send()
        .await
        .map_err(|error| Failure::failed(format_args!("{url}: {error}")))?;
    match answer.status().as_u16() {
        200 => Ok(()),
        status => Err(Failure::failed(format_args!("{url}: status {status}"))),
    }
}

/// An address that is listened on everywhere is asked on the loopback.
fn own_url(server: &Server) -> String {
    let host = match server.host {
        IpAddr::V4(host) if host.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(host) if host.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        host => host,
    };
    format!("http://{}/health", SocketAddr::new(host, server.port))
}
