//! Traces: a few sampled spans of what happened to one request, here and on other replicas, sent by
//! OTLP to a collector beside the service. A span is made where its trace is sampled and nowhere else,
//! and what is not recorded costs a comparison. No span lives as long as a connection does. Log lines
//! and what is logged have no say in it: the filter may change, the traces stay.

mod carried;
mod collector;
mod config;
mod delivery;
mod parent;
mod span;
mod tracer;

pub use carried::Carried;
pub use config::Config;
pub use opentelemetry::trace::SpanKind as Kind;
pub use parent::Parent;
pub use span::Span;
pub use tracer::{StartError, Tracer};
