//! The configured addresses as values: where to begin, with TLS or not, as whom. Pure.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

use super::topology::Address;

const FORM: &str =
    "must be host:port, several of them with commas, or redis:// or rediss:// addresses";

/// What the addresses say. The members of a cluster are reached in the same way as the seeds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// At least one.
    pub(super) seeds: Vec<Address>,
    pub(super) tls: bool,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
}

impl Endpoint {
    /// Reads one address or a list.
    ///
    /// # Errors
    /// The rule that is broken; holds no part of the text, which may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut whole: Option<Self> = None;
        for part in text.split(',').map(str::trim) {
            let one = Self::parse_one(part)?;
            whole = Some(match whole {
                None => one,
                Some(sum) => sum.with(one)?,
            });
        }
        whole.ok_or(FORM)
    }

    /// Host and port of the first address.
    pub(crate) fn first(&self) -> Option<(String, u16)> {
        self.seeds.first().map(|seed| (seed.host.clone(), seed.port))
    }

    fn parse_one(text: &str) -> Result<Self, &'static str> {
        let is_url = text.contains("://");
        if !is_url && text.contains(['/', '@', '?', '#']) {
            return Err(FORM);
        }
        let url = if is_url { text.to_owned() } else { format!("redis://{text}") };
        let info: ConnectionInfo = url.into_connection_info().map_err(|_| FORM)?;
        let (host, port, tls) = match info.addr() {
            ConnectionAddr::Tcp(host, port) => (host.clone(), *port, false),
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return Err("must not ask for TLS without checking whom it speaks to");
            }
            ConnectionAddr::TcpTls { host, port, .. } => (host.clone(), *port, true),
            _ => return Err(FORM),
        };
        let login = info.redis_settings();
        if login.db() != 0 {
            return Err("must not name a database: a cluster has only 0");
        }
        Ok(Self {
            seeds: vec![Address { host, port }],
            tls,
            username: login.username().map(str::to_owned),
            password: login.password().map(str::to_owned),
        })
    }

    fn with(mut self, other: Self) -> Result<Self, &'static str> {
        let alike = self.tls == other.tls
            && self.username == other.username
            && self.password == other.password;
        if !alike {
            return Err("must have the same scheme, user and password in all addresses");
        }
        self.seeds.extend(other.seeds);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(endpoint: &Endpoint) -> Vec<String> {
        endpoint.seeds.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn plain_addresses_and_lists_of_them() {
        let one = Endpoint::parse("cache.example.com:7000").unwrap();
        assert_eq!((seeds(&one), one.tls), (vec!["cache.example.com:7000".to_owned()], false));
        let many = Endpoint::parse("a:1, b, [::1]:3").unwrap();
        assert_eq!(seeds(&many), ["a:1", "b:6379", "[::1]:3"]);
    }

    #[test]
    fn urls_carry_tls_user_and_password() {
        let url = Endpoint::parse("rediss://kyo:p%40ss@a:1,rediss://kyo:p%40ss@b:2").unwrap();
        assert_eq!(seeds(&url), ["a:1", "b:2"]);
        assert!(url.tls);
        assert_eq!((url.username.as_deref(), url.password.as_deref()), (Some("kyo"), Some("p@ss")));
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_repeating_it() {
        for wrong in [
            "",
            ",",
            "a:1,",
            "kyo:hunter2@a:1",
            "a:port",
            "a:1/3",
            "http://a:1",
            "unix:///tmp/redis.sock",
            "redis://a:1/3",
            "rediss://a:1/#insecure",
            "redis://a:1,rediss://b:1",
            "redis://:one@a:1,redis://:two@b:1",
        ] {
            let rule = Endpoint::parse(wrong).err();
            assert!(rule.is_some_and(|rule| rule.starts_with("must ")), "{wrong}");
        }
    }
}
