//! HTTP of this folder: small answers within a few seconds, over TLS where the address says so.

use std::sync::Arc;
use std::time::Duration;

use awc::{ClientRequest, Connector};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};

/// For one answer, from the connection on.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const LARGEST: usize = 64 * 1024;

/// Asks.
pub(super) struct Client(awc::Client);

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Client {
    /// Trusts whom the system trusts.
    pub(super) fn new() -> Result<Self, String> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = Connector::new().timeout(PATIENCE).rustls_0_23(Arc::new(tls));
        let client = awc::Client::builder().connector(connector).timeout(PATIENCE);
        Ok(Self(client.disable_redirects().finish()))
    }

    pub(super) async fn get(
        &self,
        url: &str,
        authorization: Option<&str>,
    ) -> Result<Answer, String> {
        let request = self.0.get(url);
        let request = match authorization {
            Some(authorization) => request.insert_header(("authorization", authorization)),
            None => request,
        };
        send(url, request, Vec::new()).await
    }

    pub(super) async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = headers.fold(self.0.post(url), ClientRequest::insert_header);
        send(url, request, body).await
    }
}

async fn send(url: &str, request: ClientRequest, body: Vec<u8>) -> Result<Answer, String> {
    let mut answer = request.send_body(body).await.map_err(|error| format!("{url}: {error}"))?;
    let bytes = answer.body().limit(LARGEST).await.map_err(|error| format!("{url}: {error}"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { status: answer.status().as_u16(), text })
}
