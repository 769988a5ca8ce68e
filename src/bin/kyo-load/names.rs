//! The small words of options: systems, framings, addresses to connect from, processes to look at.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Deserializer};

/// What is spoken at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemName {
    /// This service
    Kyo,
    /// A Socket.IO server with rooms: events join, edit and cursor (benches/peers)
    Socketio,
    /// A WebSocket relay: a path a room, text for text (benches/peers)
    Relay,
    /// nginx with nchan, /room/ID for publishers and subscribers
    Nchan,
    /// nats-server's WebSocket, a subject a room
    Nats,
    /// Centrifugo's JSON protocol, a channel a room
    Centrifugo,
    /// Pusher's protocol, a private channel a room: client events, for sockudo
    Pusher,
}

impl SystemName {
    /// As on the command line.
    pub fn text(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// How kyo is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Native, JSON in text frames.
    Json,
    /// Native, MessagePack in binary frames.
    Msgpack,
    /// Socket.IO over a WebSocket.
    Socketio,
}

impl FromStr for Framing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "msgpack" => Ok(Self::Msgpack),
            "socketio" => Ok(Self::Socketio),
            other => Err(format!("\"{other}\": a framing is json, msgpack or socketio")),
        }
    }
}

/// Addresses of this machine to connect from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources(pub Vec<IpAddr>);

impl FromStr for Sources {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Vec::new();
        for part in text.split(',').map(str::trim) {
            match part.split_once('-') {
                Some((first, last)) => all.extend(range(first, last)?),
                None => all.push(address(part)?),
            }
        }
        Ok(Self(all))
    }
}

fn address<T: FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("\"{text}\" is not an IP address"))
}

fn range(first: &str, last: &str) -> Result<impl Iterator<Item = IpAddr> + use<>, String> {
    let [first, last] = [address::<Ipv4Addr>(first)?, address(last)?].map(u32::from);
    if first > last || last - first > 255 {
        return Err("a range of addresses goes upwards, over 256 at most".to_owned());
    }
    Ok((first..=last).map(|one| IpAddr::V4(one.into())))
}

/// A process whose use of the machine is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// In the report.
    pub name: String,
    /// Its number.
    pub pid: u32,
}

impl FromStr for Watched {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, pid) = text.split_once('=').unwrap_or(("", text));
        let pid = pid.trim().parse().map_err(|_| format!("\"{text}\" has no process id"))?;
        let name = if name.is_empty() { format!("pid {pid}") } else { name.to_owned() };
        Ok(Self { name, pid })
    }
}

macro_rules! deserialize_as_text {
    ($($name:ty),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
deserialize_as_text!(Sources, Watched);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_a_list_of_addresses_and_ranges() {
        let sources: Sources = "127.0.0.9, 127.0.1.254-127.0.2.1,::1".parse().expect("addresses");
        let texts: Vec<_> = sources.0.iter().map(ToString::to_string).collect();
        let expected = ["127.0.0.9", "127.0.1.254", "127.0.1.255", "127.0.2.0", "127.0.2.1", "::1"];
        assert_eq!(texts, expected);
        for text in ["127.0.0.2-127.0.0.1", "127.0.0.1-127.1.0.0", "here", "::1-::2", ""] {
            assert!(text.parse::<Sources>().is_err(), "{text}");
        }
    }

    #[test]
    fn processes_may_have_names() {
        let named = Watched { name: "db".to_owned(), pid: 23 };
        assert_eq!("db=23".parse(), Ok(named));
        assert_eq!("17".parse::<Watched>().map(|one| one.name), Ok("pid 17".to_owned()));
        assert!("db".parse::<Watched>().is_err());
    }
}
