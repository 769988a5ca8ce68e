//! The actors of one replica, who owns what, and what a full mailbox means.
//!
//! | actor | how many | owns | full means |
//! |---|---|---|---|
//! | [`registry::Registry`] | 1 | room addresses | `busy` |
//! | [`room::Room`] | one an active room | timetable, tail, members, presence, locks | `busy` |
//! | [`session::Session`] | one a client | identity, rates, links to rooms, heartbeat, token | the socket stops reading |
//! | [`socket::Socket`] | one a WebSocket | the inbound half of a connection | – |
//! | [`socketio::Client`] | no actor: a part of each Socket.IO connection's own | its CONNECT | – |
//! | [`journal::Journal`] | 1 | the write path to the store | rooms keep their batch |
//! | [`bridge::Bridge`] | 1 | the bus, and who follows which room | hints are dropped, heads are asked |
//! | [`drain::Drain`] | 1 | the directory of sessions | sessions wait |
//! | [`lookout::Lookout`] | 1 | what operators see of what happened | it is not seen |
//!
//! Broadcasts go from a room by way of each socket thread ([`fanout`]) into each connection's queue ([`outlet`]); control goes by the session. Actors share no state
//! and nothing is sent without a bound.

pub mod bridge;
pub mod config;
pub mod drain;
pub mod fanout;
pub mod gateway;
pub mod journal;
pub mod lookout;
pub mod measure;
pub mod outbox;
pub mod outlet;
pub mod oversight;
pub mod post;
pub mod registry;
pub mod reply;
pub mod room;
pub mod session;
pub mod socket;
pub mod socketio;
pub mod wire;
