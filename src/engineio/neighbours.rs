//! Where the other replicas are, as far as an endpoint needs to know it: a session id names its owner,
//! and whoever mounts the endpoint can say at which address that one answers. Given in
//! [`Config::neighbours`](super::Config::neighbours), asked by `http/`.

use std::fmt;

use actix_web::http::Uri;
use actix_web::http::uri::Scheme;
use async_trait::async_trait;

/// Knows the other replicas.
#[async_trait]
pub trait Neighbours: fmt::Debug + Send + Sync + 'static {
    /// Where the replica named `owner` answers; `None` when nobody knows it. Clients write the name,
    /// so it may be any text, and the question must be cheap for a name that does not exist. Asked
    /// before each forwarded request, from any of the HTTP server's threads.
    async fn locate(&self, owner: &str) -> Option<Address>;
}

/// The base of another replica's addresses: `http://` with a host and perhaps a port. Replicas speak
/// plain HTTP with each other, inside their own network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    authority: String,
    place: String,
}

impl Address {
    /// Reads `http://HOST[:PORT]`, with or without a slash at the end; nothing else is an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let bare = uri.path_and_query().is_none_or(|path| path == "/");
        if uri.scheme() != Some(&Scheme::HTTP) || !bare || authority.as_str().contains('@') {
            return None;
        }
        let port = match authority.as_str().strip_prefix(authority.host())? {
            "" => 80,
            port => port.strip_prefix(':')?.parse::<u16>().ok()?,
        };
        let place = format!("{}:{port}", authority.host());
        Some(Self { authority: authority.as_str().to_owned(), place })
    }

    /// The address of something there; `target` is a path with its query.
    pub(super) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.authority)
    }

    /// Host and port as a `Host` header has them.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// Host and port as a connection needs them.
    pub(super) fn place(&self) -> &str {
        &self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_bases() {
        let address = Address::parse("http://10.0.3.7:3001/").unwrap();
        assert_eq!(address.url("/socket.io/?EIO=4"), "http://10.0.3.7:3001/socket.io/?EIO=4");
        assert_eq!((address.authority(), address.place()), ("10.0.3.7:3001", "10.0.3.7:3001"));
        assert_eq!(Address::parse("http://[::1]:80").unwrap().place(), "[::1]:80");
        assert_eq!(Address::parse("http://replica").unwrap().place(), "replica:80");
    }

    #[test]
    fn anything_else_is_none() {
        for wrong in [
            "",
            "10.0.3.7:3001",
            "https://10.0.3.7",
            "http://",
            "http:///x",
            "http://a/b",
            "http://a?b",
            "http://user@a",
            "http://a:port",
        ] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }
}
