//! The service's REST interface as an import needs it. Passing failures (busy, rate limited,
//! unavailable, a broken connection) are repeated with the same body, and so with the same `opId`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use awc::Client;
use awc::http::Method;
use serde_json::{Value, json};

use super::ImportError;

const PREFIX: &str = "/api/collaboration/v1";
/// A snapshot of the largest room is about ten megabytes.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);
/// With the longest wait between them: a restart of the service is survived.
const MAX_ATTEMPTS: u32 = 30;
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The service could not be asked, or said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request itself was refused; another one may not be.
    #[error("{message} ({code})")]
    Refused {
        /// From the error catalogue.
        code: String,
        /// For people.
        message: String,
    },
    /// May pass; given up after many attempts.
    #[error("{why}")]
    Passing {
        /// In words.
        why: String,
        /// What the service asked for.
        retry_after: Option<Duration>,
    },
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// It was there before.
    pub duplicate: bool,
    /// How many conflicts it was committed with.
    pub warnings: usize,
}

/// What a room held before the import.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// Ids of its courses.
    pub courses: HashSet<String>,
    /// `kind id` of its trainers and studios.
    pub resources: HashSet<(String, String)>,
}

/// A running service and the right to use it.
pub struct Service {
    http: Client,
    base: String,
}

impl Service {
    /// A service by its address.
    ///
    /// # Errors
    /// When the address is not plain HTTP: this client speaks no TLS and is meant for the service's
    /// own port.
    pub fn new(url: &str, token: &str) -> Result<Self, ImportError> {
        let base = url.trim_end_matches('/');
        if !base.starts_with("http://") {
            return Err(ImportError::Url(url.to_owned()));
        }
        let http = Client::builder().timeout(TIMEOUT).bearer_auth(token).finish();
        Ok(Self { http, base: format!("{base}{PREFIX}") })
    }

    /// All rooms of the tenant, by name. Of two with one name the older is kept.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn rooms(&self) -> Result<HashMap<String, String>, Failure> {
        let mut rooms = HashMap::new();
        let mut path = "/rooms?limit=500".to_owned();
        loop {
            let page = self.call(Method::GET, &path, None).await?;
            for room in page["items"].as_array().into_iter().flatten() {
                let (name, id) = (text(&room["name"]), text(&room["room"]));
                rooms.entry(name).or_insert(id);
            }
            match page["nextCursor"].as_str() {
                Some(cursor) => path = format!("/rooms?limit=500&cursor={cursor}"),
                None => return Ok(rooms),
            }
        }
    }

    /// Makes a room and returns its id. The request has no `opId`, so after a broken connection the
    /// list is asked before another room of that name is made.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn create_room(&self, name: &str, timezone: &str) -> Result<String, Failure> {
        let body = json!({ "name": name, "timezone": timezone });
        for attempt in 0.. {
            match self.once(&Method::POST, "/rooms", Some(&body)).await {
                Ok(room) => return Ok(text(&room["room"])),
                Err(failure) => wait(failure, attempt).await?,
            }
            if let Some(room) = self.rooms().await?.remove(name) {
                return Ok(room);
            }
        }
        unreachable!("waiting fails after the last attempt")
    }

    /// What a room holds.
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn existing(&self, room: &str) -> Result<Existing, Failure> {
        let snapshot = self.call(Method::GET, &format!("/rooms/{room}/snapshot"), None).await?;
        let items = |key: &str| snapshot["state"][key].as_array().cloned().unwrap_or_default();
        Ok(Existing {
            courses: items("courses").iter().map(|course| text(&course["id"])).collect(),
            resources: items("resources")
                .iter()
                .map(|resource| (text(&resource["kind"]), text(&resource["id"])))
                .collect(),
        })
    }

    /// Submits an operation; committed when this returns an [`Ack`].
    ///
    /// # Errors
    /// [`Failure`]
    pub async fn submit(&self, room: &str, body: &Value) -> Result<Ack, Failure> {
        let ack = self.call(Method::POST, &format!("/rooms/{room}/ops"), Some(body)).await?;
        Ok(Ack {
            duplicate: ack["duplicate"].as_bool().unwrap_or_default(),
            warnings: ack["warnings"].as_array().map_or(0, Vec::len),
        })
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        for attempt in 0.. {
            match self.once(&method, path, body).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => wait(failure, attempt).await?,
            }
        }
        unreachable!("waiting fails after the last attempt")
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let request = self.http.request(method.clone(), format!("{}{path}", self.base));
        let sent = match body {
            Some(body) => request.send_json(body),
            None => request.send(),
        };
        let mut answer = sent.await.map_err(|error| passing(format!("no answer: {error}")))?;
        let bytes = answer.body().limit(MAX_ANSWER).await;
        let bytes = bytes.map_err(|error| passing(format!("broken answer: {error}")))?;
        let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if answer.status().is_success() {
            Ok(value)
        } else {
            Err(failure(answer.status().as_u16(), &value))
        }
    }
}

/// Waits before the next attempt, or hands a failure on that no attempt can mend.
async fn wait(failure: Failure, attempt: u32) -> Result<(), Failure> {
    let Failure::Passing { retry_after, .. } = &failure else { return Err(failure) };
    if attempt + 1 >= MAX_ATTEMPTS {
        return Err(failure);
    }
    let doubling = Duration::from_millis(100 << attempt.min(6));
    let pause = retry_after.unwrap_or(doubling).min(MAX_WAIT);
    tokio::time::sleep(pause).await;
    Ok(())
}

fn failure(status: u16, answer: &Value) -> Failure {
    let error = &answer["error"];
    let code = error["code"].as_str().unwrap_or_default();
    let message = error["message"].as_str().unwrap_or("the answer is not from this service");
    let passes = ["rate_limited", "busy", "unavailable", "internal"].contains(&code)
        || (code.is_empty() && status >= 500);
    if passes {
        let millis = error["details"]["retryAfterMs"].as_u64();
        let why = format!("{message} ({status} {code})");
        return Failure::Passing { why, retry_after: millis.map(Duration::from_millis) };
    }
    let code = if code.is_empty() { status.to_string() } else { code.to_owned() };
    Failure::Refused { code, message: format!("{message}{}", clash(&error["details"])) }
}

/// What an operation clashes with, so that a person can find it.
fn clash(details: &Value) -> String {
    let conflict = &details["conflicts"][0];
    let Some(resource) = conflict["resourceId"].as_str() else { return String::new() };
    let courses = conflict["courses"].as_array().map_or(&[][..], Vec::as_slice);
    let named = courses.iter().map(|course| {
        let title = course["title"].as_str().unwrap_or("a session of another room");
        format!("{title} at {}", text(&course["startsAt"]))
    });
    format!(" on {resource}: {}", named.collect::<Vec<_>>().join(" and "))
}

fn passing(why: String) -> Failure {
    Failure::Passing { why, retry_after: None }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_decides_whether_to_repeat() {
        let answer = |code: &str| json!({ "error": { "code": code, "message": "no" } });
        assert!(matches!(failure(409, &answer("conflict")), Failure::Refused { .. }));
        assert!(matches!(failure(503, &answer("busy")), Failure::Passing { .. }));
        assert!(matches!(failure(502, &Value::Null), Failure::Passing { .. }));
        assert!(matches!(failure(404, &Value::Null), Failure::Refused { .. }));
    }

    #[test]
    fn a_conflict_says_with_what() {
        let courses = json!([
            { "title": "Yoga", "startsAt": "2026-01-05T09:00:00Z" },
            { "startsAt": "2026-01-05T09:30:00Z" },
        ]);
        let details = json!({ "conflicts": [{ "resourceId": "mei", "courses": courses }] });
        let words = " on mei: Yoga at 2026-01-05T09:00:00Z and a session of another room at \
            2026-01-05T09:30:00Z";
        assert_eq!(clash(&details), words);
        assert_eq!(clash(&json!({ "field": "op" })), "");
    }

    #[test]
    fn tls_is_refused_in_words() {
        let error = Service::new("https://example.org", "t").err().expect("is refused");
        assert!(error.to_string().contains("http://"));
    }
}
