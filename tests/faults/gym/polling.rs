//! Engine.IO's long-polling as a browser does it: one GET that waits, one POST after the other for what
//! there is to say, and the balancer's cookie with each.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use awc::http::Method;
use awc::http::header::{COOKIE, SET_COOKIE};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use tokio::sync::mpsc;

use super::Door;

/// Longer than a poll may wait: the service answers it with each ping at the latest.
const PATIENCE: Duration = Duration::from_secs(60);
/// Packets that wait for the POST before them.
const QUEUE: usize = 64;

/// A session that polls.
pub(super) struct Polling {
    way: Way,
    packets: VecDeque<String>,
    /// The GET that waits; broken off, it would end the session.
    poll: Option<LocalBoxFuture<'static, Option<String>>>,
    posts: mpsc::Sender<String>,
}

impl Polling {
    /// Opens a session; nothing if that does not work out. Its first packet is the opening.
    pub(super) async fn open(door: &Door) -> Option<Self> {
        let http = awc::Client::builder().timeout(PATIENCE).finish();
        let target = format!("http://{}/socket.io/?EIO=4&transport=polling", door.address);
        let mut way = Way { http, target, cookie: Rc::default() };
        let opening = way.request(Method::GET, None).await?;
        let told: Value = serde_json::from_str(opening.strip_prefix('0')?).ok()?;
        way.target = format!("{}&sid={}", way.target, told["sid"].as_str()?);
        let (posts, queue) = mpsc::channel(QUEUE);
        actix_web::rt::spawn(post(way.clone(), queue));
        Some(Self { way, packets: VecDeque::from([opening]), poll: None, posts })
    }

    /// The next packet that says something; nothing once the session has ended. May be dropped while
    /// it waits.
    pub(super) async fn next(&mut self) -> Option<String> {
        loop {
            match self.packets.pop_front() {
                Some(packet) if packet == "6" => {}
                Some(packet) if packet == "1" => return None,
                Some(packet) => return Some(packet),
                None => {
                    let waiting = self.poll.take();
                    let poll = waiting.unwrap_or_else(|| self.way.request(Method::GET, None));
                    let payload = self.poll.insert(poll).await;
                    self.poll = None;
                    self.packets.extend(payload?.split('\x1e').map(str::to_owned));
                }
            }
        }
    }

    /// Queues a packet; false once one before it was not taken.
    pub(super) async fn send(&mut self, packet: &str) -> bool {
        self.posts.send(packet.to_owned()).await.is_ok()
    }
}

/// Posts what is queued, as much at a time as there is, until nobody queues any more.
async fn post(way: Way, mut queue: mpsc::Receiver<String>) {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, QUEUE).await > 0 {
        let payload = batch.join("\x1e");
        batch.clear();
        if way.request(Method::POST, Some(payload)).await.is_none() {
            return;
        }
    }
}

/// The way to a session.
#[derive(Clone)]
struct Way {
    http: awc::Client,
    target: String,
    cookie: Rc<RefCell<Option<String>>>,
}

impl Way {
    /// The body of an answer that says that all is well.
    fn request(
        &self,
        method: Method,
        body: Option<String>,
    ) -> LocalBoxFuture<'static, Option<String>> {
        let (mut request, jar) = (self.http.request(method, &self.target), self.cookie.clone());
        if let Some(cookie) = jar.borrow().as_deref() {
            request = request.insert_header((COOKIE, cookie));
        }
        async move {
            let sent = match body {
                Some(body) => request.content_type("text/plain;charset=UTF-8").send_body(body),
                None => request.send(),
            };
            let mut response = sent.await.ok().filter(|response| response.status() == 200)?;
            let cookie = response.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
            if let Some(pair) = cookie.and_then(|cookie| cookie.split(';').next()) {
                jar.replace(Some(pair.to_owned()));
            }
            let body = response.body().limit(16 << 20).await.ok()?;
            String::from_utf8(body.to_vec()).ok()
        }
        .boxed_local()
    }
}
