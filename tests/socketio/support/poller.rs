//! Long-polling by hand: one TCP connection a request, so that a test decides what is on it and when
//! it ends.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Server, within};

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// A header's values, joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let values: Vec<_> =
            lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    /// The number of an error.
    pub fn code(&self) -> (u16, i64) {
        (self.status, self.json()["code"].as_i64().expect("a numeric code"))
    }
}

/// A request as bytes on a connection of its own.
pub async fn raw(server: &Server, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.expect("a server");
    stream.write_all(bytes.as_bytes()).await.expect("a server that reads");
    stream
}

/// What comes back. The server may keep the connection a while to read the rest of a request that it
/// refused, so this does not wait for its end.
pub async fn answer(mut stream: TcpStream) -> Answer {
    let mut text = Vec::new();
    within("an answer", async {
        loop {
            if let Some(answer) = whole(&String::from_utf8_lossy(&text)) {
                return answer;
            }
            let read = stream.read_buf(&mut text).await.expect("a server that answers");
            assert!(read > 0, "half an answer: {:?}", String::from_utf8_lossy(&text));
        }
    })
    .await
}

fn whole(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    let answer = Answer { status, head: head.to_owned(), body: body.to_owned() };
    let length =
        answer.header("content-length").map_or(0, |length| length.parse().expect("a number"));
    (body.len() >= length).then_some(answer)
}

/// A request without its body.
pub fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

pub async fn request(
    server: &Server,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    if method != "GET" {
        headers.push(("content-length", &length));
    }
    answer(raw(server, &(head(method, target, &headers) + body)).await).await
}

pub async fn get(server: &Server, target: &str) -> Answer {
    request(server, "GET", target, &[], "").await
}

/// A session that polls.
#[derive(Clone)]
pub struct Poller {
    pub target: String,
    pub sid: String,
}

impl Poller {
    /// Opens one at `path`.
    pub async fn open(server: &Server, path: &str) -> Self {
        let answer = get(server, &format!("{path}?EIO=4&transport=polling")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let open: Value = serde_json::from_str(&answer.body[1..]).expect("an open packet");
        let sid = open["sid"].as_str().expect("an id").to_owned();
        Self { target: format!("{path}?EIO=4&transport=polling&sid={sid}"), sid }
    }

    /// A poll that is under way.
    pub async fn begin(&self, server: &Server) -> TcpStream {
        raw(server, &head("GET", &self.target, &[])).await
    }

    pub async fn get(&self, server: &Server) -> Answer {
        answer(self.begin(server).await).await
    }

    /// The data of a poll.
    pub async fn poll(&self, server: &Server) -> String {
        let answer = self.get(server).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    pub async fn try_post(&self, server: &Server, body: &str) -> Answer {
        request(server, "POST", &self.target, &[("content-type", "text/plain")], body).await
    }

    pub async fn post(&self, server: &Server, body: &str) {
        let answer = self.try_post(server, body).await;
        assert_eq!((answer.status, &*answer.body), (200, "ok"), "{answer:?}");
    }

    /// Fails if the session is still known.
    pub async fn is_gone(&self, server: &Server) {
        let answer = self.get(server).await;
        assert_eq!(answer.code(), (400, 1), "{answer:?}");
    }
}
