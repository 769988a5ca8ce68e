//! Asks nodes what they are and who owns which slots. Called by the hub alone.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use redis::{ErrorKind, RedisError, Value};
use rustls::CertificateError;

use super::dial::Dialer;
use super::topology::{Address, Topology};

/// The oldest version that has sharded channels.
const OLDEST: u32 = 7;

type Cause = dyn Error + Send + Sync;

/// What a look at the servers gave.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub topology: Topology,
    /// All nodes that may be asked next time.
    pub members: BTreeSet<Address>,
    /// It is one server and no cluster.
    pub is_single: bool,
}

/// Why a look gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blind {
    /// It will not get better by itself: settings that no server will ever take.
    Wrong(String),
    /// Nobody answers, or they have nothing to say yet.
    Passing(String),
}

/// Asks all of `nodes` at once. What most of them say holds, as soon as most have said it: a node
/// that was away may still believe what was true before.
pub(super) async fn look(
    dialer: &Dialer,
    nodes: &BTreeSet<Address>,
    patience: Duration,
) -> Result<View, Blind> {
    let mut answers: FuturesUnordered<_> = nodes.iter().map(|node| ask(dialer, node)).collect();
    let mut votes = Votes { voters: nodes.len(), ..Votes::default() };
    let counting = async {
        while let Some(answer) = answers.next().await {
            if votes.count(answer) {
                return;
            }
        }
    };
    // Whoever is late has no vote.
    let _ = tokio::time::timeout(patience, counting).await;
    votes.result()
}

#[derive(Default)]
struct Votes {
    voters: usize,
    views: Vec<(View, usize)>,
    blind: Option<Blind>,
}

impl Votes {
    /// Whether it is decided.
    fn count(&mut self, answer: Result<View, Blind>) -> bool {
        let view = match answer {
            Ok(view) => view,
            Err(blind) => {
                if !matches!(self.blind, Some(Blind::Wrong(_))) {
                    self.blind = Some(blind);
                }
                return false;
            }
        };
        let known = self.views.iter_mut().find(|(other, _)| other.topology == view.topology);
        let votes = match known {
            Some((other, votes)) => {
                other.members.extend(view.members);
                *votes += 1;
                *votes
            }
            None => {
                self.views.push((view, 1));
                1
            }
        };
        votes * 2 > self.voters
    }

    fn result(self) -> Result<View, Blind> {
        let best = self.views.into_iter().max_by_key(|(_, votes)| *votes);
        match best {
            Some((view, _)) => Ok(view),
            None => Err(self.blind.unwrap_or(Blind::Passing("nobody answers in time".to_owned()))),
        }
    }
}

async fn ask(dialer: &Dialer, node: &Address) -> Result<View, Blind> {
    let blame = |error: RedisError| blame(node, &error);
    let mut connection = dialer.open(node).await.map_err(blame)?;
    // Every user may say hello, and the answer tells version and mode.
    let hello = connection.send_packed_command(&redis::cmd("HELLO")).await.map_err(blame)?;
    if read_hello(node, &hello)? == Mode::Single {
        let topology = Topology::single(node.clone());
        let members = BTreeSet::from([node.clone()]);
        return Ok(View { topology, members, is_single: true });
    }
    let slots = connection.send_packed_command(redis::cmd("CLUSTER").arg("SLOTS")).await;
    let (topology, members) = Topology::parse(&slots.map_err(blame)?, node)
        .ok_or_else(|| Blind::Passing(format!("{node} knows of no slots yet")))?;
    Ok(View { topology, members, is_single: false })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Single,
    Cluster,
}

/// What a server says of itself.
fn read_hello(node: &Address, hello: &Value) -> Result<Mode, Blind> {
    let version = field(hello, "version").unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST) {
        return Err(Blind::Wrong(format!(
            "{node} is Redis {version}: sharded channels need Redis {OLDEST} or newer"
        )));
    }
    match field(hello, "mode").as_deref() {
        Some("cluster") => Ok(Mode::Cluster),
        Some("sentinel") => {
            Err(Blind::Wrong(format!("{node} is a sentinel and keeps no channels")))
        }
        _ => Ok(Mode::Single),
    }
}

fn field(hello: &Value, name: &str) -> Option<String> {
    let text = |value: &Value| match value {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok(),
        Value::SimpleString(text) => Some(text.clone()),
        Value::VerbatimString { text, .. } => Some(text.clone()),
        _ => None,
    };
    let Value::Map(pairs) = hello else { return None };
    pairs.iter().find(|(key, _)| text(key).as_deref() == Some(name)).and_then(|(_, it)| text(it))
}

fn blame(node: &Address, error: &RedisError) -> Blind {
    let reason = format!("{node}: {error}");
    let refused = error.kind() == ErrorKind::AuthenticationFailed
        || error.kind() == ErrorKind::RESP3NotSupported
        || matches!(error.code(), Some("WRONGPASS" | "NOAUTH" | "NOPERM"));
    if refused || is_distrusted(error) { Blind::Wrong(reason) } else { Blind::Passing(reason) }
}

/// Whether TLS failed for a reason that lies in the settings: who is trusted, or the name.
fn is_distrusted(error: &RedisError) -> bool {
    // The library keeps the cause behind a shared pointer, which hides its type from `source`.
    let cause = error.source().and_then(|cause| cause.downcast_ref::<Arc<Cause>>());
    let io = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let tls = io.and_then(std::io::Error::get_ref).and_then(|inner| inner.downcast_ref());
    let Some(rustls::Error::InvalidCertificate(fault)) = tls else { return false };
    matches!(
        fault,
        CertificateError::UnknownIssuer
            | CertificateError::NotValidForName
            | CertificateError::NotValidForNameContext { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(port: u16) -> Result<View, Blind> {
        let address = Address { host: "a".to_owned(), port };
        let members = BTreeSet::from([address.clone()]);
        Ok(View { topology: Topology::single(address), members, is_single: true })
    }

    fn port(votes: Votes) -> u16 {
        votes.result().unwrap().topology.primaries()[0].port
    }

    #[test]
    fn most_decide_at_once_and_the_most_at_the_end() {
        let mut votes = Votes { voters: 5, ..Votes::default() };
        assert!(!votes.count(view(1)));
        assert!(!votes.count(view(2)));
        assert!(!votes.count(view(2)));
        assert!(votes.count(view(2)), "three of five");
        let mut votes = Votes { voters: 5, ..Votes::default() };
        votes.count(view(1));
        votes.count(Err(Blind::Passing(String::new())));
        votes.count(view(2));
        votes.count(view(2));
        assert_eq!(port(votes), 2);
    }

    #[test]
    fn without_an_answer_the_gravest_reason_is_told() {
        let mut votes = Votes { voters: 3, ..Votes::default() };
        votes.count(Err(Blind::Passing("late".to_owned())));
        votes.count(Err(Blind::Wrong("old".to_owned())));
        votes.count(Err(Blind::Passing("later".to_owned())));
        assert_eq!(votes.result().unwrap_err(), Blind::Wrong("old".to_owned()));
    }

    #[test]
    fn a_server_must_be_new_enough_and_no_sentinel() {
        let node = Address { host: "a".to_owned(), port: 1 };
        let read = |version: &str, mode: &str| {
            let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
            let pairs = [("server", "redis"), ("version", version), ("mode", mode)];
            let pairs = pairs.map(|(key, value)| (text(key), text(value)));
            read_hello(&node, &Value::Map(pairs.to_vec()))
        };
        assert_eq!(read("7.0.15", "cluster"), Ok(Mode::Cluster));
        assert_eq!(read("8.1", "standalone"), Ok(Mode::Single));
        for (version, mode, part) in [
            ("6.2.14", "cluster", "a:1 is Redis 6.2.14: sharded channels need Redis 7 or newer"),
            ("unstable", "standalone", "need Redis 7"),
            ("7.2.0", "sentinel", "a:1 is a sentinel"),
        ] {
            let refused = read(version, mode);
            assert!(
                matches!(&refused, Err(Blind::Wrong(why)) if why.contains(part)),
                "{refused:?}"
            );
        }
    }
}
