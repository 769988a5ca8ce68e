//! The real binary as several replicas on real servers, while faults happen to all of them; what the
//! clients saw is written down and judged by a checker that knows PROTOCOL.md alone.

mod checker;
