//! Realtime collaboration on gym class timetables.
//!
//! Modules in reading order; `docs/ARCHITECTURE.md` has the map and the walkthroughs.

pub mod actors;
pub mod app;
pub mod auth;
pub mod balancer;
pub mod bus;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engineio;
pub mod http;
pub mod import;
pub mod lifecycle;
pub mod protocol;
pub mod socketio;
pub mod store;
pub mod telemetry;
pub mod time;
pub mod websocket;
