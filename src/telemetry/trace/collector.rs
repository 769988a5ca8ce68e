//! The way to the collector: one request after the other, on the thread that sends spans and on no
//! other.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

/// For one request with its answer; the collector is on the same host.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// The most of an answer that is read.
const MAX_ANSWER: u64 = 64 * 1024;

/// Speaks to the collector and to nobody else: no redirects, and no proxy whatever the environment
/// says.
#[derive(Debug)]
pub(super) struct Collector(Agent);

impl Collector {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self(config.new_agent())
    }
}

#[async_trait]
impl HttpClient for Collector {
    /// Blocks: whoever calls has a thread for it.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = request.map(|body| body.to_vec());
        let answer = self.0.run(request).inspect_err(|error| {
            tracing::debug!(%error, "the collector could not be reached");
        })?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(MAX_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}
