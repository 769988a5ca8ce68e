//! The clock, and nothing else that knows what time it is.
