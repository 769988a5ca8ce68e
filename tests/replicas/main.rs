//! Attacks on the actors: several replicas in one process over one database, a bus that loses,
//! repeats and reorders, a database that stands still, clients that misbehave. Real sockets and a
//! real SQLite file; only the bus is tampered with.

mod support;

mod agreement;
mod booking;
mod changes;
mod churn;
mod crowd;
mod cursors;
mod gone;
mod hearing;
mod latecomers;
mod leases;
mod outage;
mod reconnects;
mod repeats;
mod requests;
mod slow;
mod undo;
mod whereabouts;
