//! Logs and the metric catalogue.
