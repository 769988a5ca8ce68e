//! What actix does and the design rests on, measured: when an upgrade moves the ground, this tells.
//! The probes stand outside the service.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix::prelude::*;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_web_actors::ws;
use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Bound on failure, never an assertion.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than kernel and dispatcher hold for a client.
const FLOOD: usize = 512;
const FRAME: usize = 64 * 1024;

/// Answered only by an actor that runs.
#[derive(Message)]
#[rtype(result = "()")]
struct Beat;

/// Fills the way to the client.
#[derive(Message)]
#[rtype(result = "()")]
struct Flood;

/// A WebSocket actor, which tells the test where it is.
struct Probe(UnboundedSender<Addr<Self>>);

impl Actor for Probe {
    type Context = ws::WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.0.send(ctx.address()).ok();
    }
}

impl Handler<Beat> for Probe {
    type Result = ();

    fn handle(&mut self, _: Beat, _: &mut Self::Context) {}
}

impl Handler<Flood> for Probe {
    type Result = ();

    fn handle(&mut self, _: Flood, ctx: &mut Self::Context) {
        for _ in 0..FLOOD {
            ctx.binary(vec![0; FRAME]);
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Probe {
    fn handle(&mut self, _: Result<ws::Message, ws::ProtocolError>, _: &mut Self::Context) {}
}

type Client =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// One WebSocket: its client and its actor.
struct Line {
    client: Client,
    probe: Addr<Probe>,
}

async fn line() -> Line {
    let (tell, mut told) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("is bound");
    let server =
        HttpServer::new(move || {
            let tell = tell.clone();
            App::new().route("/", web::get().to(move |request: HttpRequest, stream: web::Payload| {
            let probe = Probe(tell.clone());
            async move { ws::start(probe, &request, stream) as actix_web::Result<HttpResponse> }
        }))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listens");
    actix_web::rt::spawn(server.run());
    let connecting = tokio_tungstenite::connect_async(format!("ws://{address}/"));
    let (client, _) = connecting.await.expect("the upgrade");
    let probe = told.recv().await.expect("it started");
    Line { client, probe }
}

/// Floods the client until its actor no longer answers, though another one does all the time.
async fn stall(line: &Line, lively: &Line) {
    line.probe.send(Flood).await.expect("it runs");
    while answers(line, lively).await {}
}

/// Whether an actor answers while another one answers a thousand times.
async fn answers(line: &Line, lively: &Line) -> bool {
    let beat = line.probe.send(Beat);
    tokio::pin!(beat);
    for _ in 0..1_000 {
        tokio::select! {
            biased;
            answer = &mut beat => return answer.is_ok(),
            answer = lively.probe.send(Beat) => answer.expect("another actor runs"),
        }
    }
    false
}

#[actix_web::test]
async fn a_websocket_actor_stands_still_while_its_client_does_not_read() {
    let (mut stalled, lively) = (line().await, line().await);
    stall(&stalled, &lively).await;
    assert!(!answers(&stalled, &lively).await, "it runs though nobody reads");
    let beat = stalled.probe.send(Beat);
    tokio::pin!(beat);
    let reading = async { while stalled.client.next().await.is_some() {} };
    tokio::select! {
        answer = &mut beat => answer.expect("it runs again"),
        () = reading => panic!("the connection ended"),
        () = actix_web::rt::time::sleep(PATIENCE) => panic!("it did not run again"),
    }
}

/// Stands still until it is let go.
struct Busy(Arc<AtomicUsize>);

impl Actor for Busy {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4);
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Hold(std::sync::mpsc::Receiver<()>);

#[derive(Message)]
#[rtype(result = "()")]
struct Count;

impl Handler<Hold> for Busy {
    type Result = ();

    fn handle(&mut self, Hold(until): Hold, _: &mut Self::Context) {
        until.recv().ok();
    }
}

impl Handler<Count> for Busy {
    type Result = ();

    fn handle(&mut self, _: Count, _: &mut Self::Context) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[actix_web::test]
#[expect(clippy::disallowed_methods, reason = "shows why do_send is not allowed anywhere else")]
async fn do_send_ignores_the_bound_that_try_send_keeps() {
    let counted = Arc::new(AtomicUsize::new(0));
    let busy = Busy(counted.clone());
    let addr = Busy::start_in_arbiter(&Arbiter::new().handle(), |_| busy);
    addr.send(Count).await.expect("it has started, and set its bound");
    let (go, until) = std::sync::mpsc::channel();
    addr.try_send(Hold(until)).expect("there is room");
    let accepted = (0..4_000).take_while(|_| addr.try_send(Count).is_ok()).count();
    assert!(accepted < 100, "{accepted} fit in a mailbox of 4");
    for _ in 0..1_000 {
        addr.do_send(Count);
    }
    go.send(()).expect("it waits");
    addr.send(Count).await.expect("it goes on");
    assert_eq!(counted.load(Ordering::SeqCst), 1 + accepted + 1_000 + 1);
}

/// Tells what happens to it.
struct Supervised(UnboundedSender<&'static str>);

impl Actor for Supervised {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Self::Context) {
        self.0.send("stopped").ok();
    }
}

impl actix::Supervised for Supervised {
    fn restarting(&mut self, _: &mut Self::Context) {
        self.0.send("restarting").ok();
    }
}

#[derive(Message)]
#[rtype(result = "()")]
enum Do {
    Stop,
    Panic,
}

impl Handler<Do> for Supervised {
    type Result = ();

    fn handle(&mut self, what: Do, ctx: &mut Self::Context) {
        match what {
            Do::Stop => ctx.stop(),
            Do::Panic => panic!("the test said so"),
        }
    }
}

#[actix_web::test]
async fn a_supervisor_does_not_survive_a_panic_and_stopped_still_runs() {
    let (tell, mut told) = unbounded_channel();
    let addr = Supervisor::start(move |_| Supervised(tell));
    addr.send(Do::Stop).await.expect("it is told");
    assert_eq!(told.recv().await, Some("stopped"));
    assert_eq!(told.recv().await, Some("restarting"));
    addr.send(Do::Panic).await.expect_err("nobody answers");
    assert_eq!(told.recv().await, Some("stopped"), "while it unwinds");
    assert_eq!(told.recv().await, None, "it is not started again");
    assert!(!addr.connected());
}
