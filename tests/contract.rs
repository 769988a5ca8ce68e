//! The contracts of the two seams, run against every implementation: `contract/store` for what
//! `store::Store` promises, `contract/bus` for `bus::Bus`.
#![expect(clippy::unwrap_used, reason = "cases are test code outside of test functions")]

#[path = "contract/bus.rs"]
mod bus;
#[path = "support/patience.rs"]
mod patience;
#[path = "contract/postgres.rs"]
mod postgres;
#[path = "support/servers/mod.rs"]
mod servers;
#[path = "contract/sqlite.rs"]
mod sqlite;
#[path = "contract/store.rs"]
mod store;
