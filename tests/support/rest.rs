//! A REST client that keeps status, headers and body as they came.

use awc::http::Method;
use awc::http::header::HeaderMap;
use serde_json::Value;

use super::PATIENCE;

/// Calls one service, as one person or as nobody.
pub struct Rest {
    base: String,
    token: Option<String>,
    http: awc::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Rest {
    /// Calls `base` (`http://host:port`), with a bearer token if one is given.
    pub fn new(base: &str, token: Option<String>) -> Self {
        let http = awc::Client::builder().timeout(PATIENCE).disable_redirects().finish();
        Self { base: base.to_owned(), token, http }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    /// `GET` with further headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.call(Method::GET, path, headers, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], Some(body.to_string())).await
    }

    /// `POST` of a body that may be no JSON at all.
    pub async fn post_text(&self, path: &str, body: &str) -> Answer {
        self.call(Method::POST, path, &[], Some(body.to_owned())).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, &[], Some(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, &[], Some(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], None).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let named = format!("{method} {path}");
        self.try_call(method, path, headers, body)
            .await
            .unwrap_or_else(|error| panic!("{named}: {error}"))
    }

    /// `GET` that may fail because nobody listens.
    pub async fn try_get(&self, path: &str) -> Result<Answer, String> {
        self.try_call(Method::GET, path, &[], None).await
    }

    /// `POST` that may fail because nobody listens any more.
    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Answer, String> {
        self.try_call(Method::POST, path, &[], Some(body.to_string())).await
    }

    async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer, String> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let sent = match body {
            Some(json) => request.content_type("application/json").send_body(json),
            None => request.send(),
        };
        let mut response = sent.await.map_err(|error| error.to_string())?;
        let body = response.body().limit(64 << 20).await;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: body.map_err(|error| error.to_string())?.to_vec(),
        })
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The JSON body of an answer that must have this status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The error of an answer that must have this status and code, and an envelope as promised.
    pub fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        let error = &body["error"];
        assert_eq!(error["code"], code, "{body}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        assert!(error["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{body}");
        error.clone()
    }
}
