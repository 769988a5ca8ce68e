//! `[server]`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Section;

const PUBLIC: &str = "must begin with http:// or https:// and name a host, or be empty";
const REACHABLE: &str = "must be http://HOST:PORT without anything behind it, or be empty";

/// Where the service listens and how people reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Address to listen on. Default `0.0.0.0`, every IPv4 address of the machine.
    pub host: IpAddr,
    /// TCP port. Default 3001; 0 takes a free one.
    pub port: u16,
    /// Threads for HTTP and sockets. Default 0, one for each core; more than cores gains nothing.
    pub workers: usize,
    /// How people reach the service, without a slash at the end. Default none: links name the
    /// address that is listened on.
    pub public_url: Option<String>,
    /// How the other replicas reach this one: `http://HOST:PORT`. Default none: with a Redis, the
    /// address from which this host reaches it; else nobody asks.
    pub advertise_url: Option<String>,
    /// Origins of browsers that may connect, besides the service's own. Default none; `*` lets any
    /// site act for whoever is signed in there.
    pub allowed_origins: Vec<String>,
    /// What health and metrics call this build. Default the binary's version.
    pub version: String,
}

impl Server {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let host = section.parsed("host", "must be an IP address", |text| text.parse().ok());
        Self {
            host: host.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            port: section.integer("port", 0..=65_535),
            workers: section.integer("workers", 0..=1_024),
            public_url: address(section, "public_url", PUBLIC, is_web_address),
            advertise_url: address(section, "advertise_url", REACHABLE, is_reachable_address),
            allowed_origins: section.parsed_list(
                "allowed_origins",
                "must be origins such as https://app.example.com, or *",
                origin,
            ),
            version: section
                .optional_text("version")
                .unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        }
    }
}

/// Without a slash at its end; empty is none.
fn address(
    section: &mut Section<'_>,
    key: &str,
    rule: &str,
    is_one: impl Fn(&str) -> bool,
) -> Option<String> {
    let url = section.parsed(key, rule, |text| {
        let usable = text.is_empty() || is_one(text);
        usable.then(|| text.trim_end_matches('/').to_owned())
    });
    url.filter(|url| !url.is_empty())
}

/// Replicas speak plain HTTP with each other.
fn is_reachable_address(text: &str) -> bool {
    let place =
        text.strip_prefix("http://").and_then(|place| place.trim_end_matches('/').rsplit_once(':'));
    place.is_some_and(|(host, port)| {
        let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host_fits = match inside {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => {
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
                !host.is_empty() && host.chars().all(fits)
            }
        };
        host_fits && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

/// A scheme and a host, as browsers send it: no path, no slash.
fn origin(text: &str) -> Option<String> {
    let bare = |text: &str| text.matches('/').count() == 2;
    (text == "*" || is_web_address(text) && bare(text)).then(|| text.to_ascii_lowercase())
}

fn is_web_address(text: &str) -> bool {
    ["http://", "https://"].iter().filter_map(|scheme| text.strip_prefix(scheme)).any(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace)
    })
}
