//! How long an event takes from its author on one replica to a member on another, over a real
//! Redis Cluster, beside what it is made of: the author's own ack and a bare sharded publish that is
//! received by a subscriber of the same cluster. All three take turns in one run.

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, PushInfo, PushKind};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::ack;
use crate::backing::Backing;
use crate::report::{Options, Report, quantile};
use crate::server;
use crate::socket::{Socket, token};

/// Size of what is published bare: a relayed event, nearly.
const PAYLOAD_BYTES: usize = 600;

/// One operation after the other; the member and the author are both waited for.
pub fn run(options: &Options, report: &mut Report) {
    let backing = Backing::whole();
    let settings = backing.settings();
    let (near, _near_home) = server::fresh_on(&settings);
    let (far, _far_home) = server::fresh_on(&settings);
    let room = near.room();
    let mut author = ack::author(&near, &room);
    let mut member = Socket::joined(far.port, &token("member"), &room);
    let mut bare = backing.wait(Bare::connect(&backing.redis()));
    let [mut acks, mut events, mut beyonds, mut passes] = [const { Vec::new() }; 4];
    for turn in 0..options.number("turns", 20) {
        for n in 0..50 {
            let start = Instant::now();
            let ack = ack::edit(&mut author, &room, turn * 100 + n);
            member.until("events");
            let event = start.elapsed();
            let pass = backing.wait(bare.pass());
            // The first turn warms all of them up.
            if turn > 0 {
                let ms = |time: Duration| time.as_secs_f64() * 1e3;
                acks.push(ms(ack));
                events.push(ms(event));
                // Of each by itself: how long commits take differs more than what is asked for here.
                beyonds.push(ms(event.saturating_sub(ack)));
                passes.push(ms(pass));
            }
        }
    }
    let all = [&mut acks, &mut events, &mut beyonds, &mut passes];
    let [ack, event, beyond, pass] = all.map(|all| quantile(all, 0.5));
    let details = format!(
        "from the author's send to the member's receipt: p50 {event:.3} ms, p99 {:.2} ms; the \
         author's ack p50 {ack:.3} ms; beyond it p50 {beyond:.3} ms; bare publish to receive p50 \
         {pass:.3} ms",
        quantile(&mut events, 0.99)
    );
    let work = "event to another replica, beyond the ack";
    report.row(work, "× bare pass", 1.5, beyond / pass, &details);
}

/// A publisher and a subscriber of one sharded channel, each with a connection of its own.
struct Bare {
    publisher: MultiplexedConnection,
    _subscriber: MultiplexedConnection,
    pushes: UnboundedReceiver<PushInfo>,
    channel: String,
}

impl Bare {
    async fn connect(endpoint: &str) -> Self {
        let url = format!("redis://{endpoint}/?protocol=resp3");
        let client = redis::Client::open(url).expect("an address");
        let (sender, pushes) = unbounded_channel();
        let config = AsyncConnectionConfig::new().set_push_sender(sender);
        let subscriber = client.get_multiplexed_async_connection_with_config(&config).await;
        let publisher = client.get_multiplexed_async_connection().await.expect("it runs");
        let mut subscriber = subscriber.expect("it runs");
        // Some channel lives on this node: the first that it takes.
        for n in 0.. {
            let channel = format!("bare-{n}");
            let subscribing = redis::cmd("SSUBSCRIBE").arg(&channel).to_owned();
            if subscribing.exec_async(&mut subscriber).await.is_ok() {
                return Self { publisher, _subscriber: subscriber, pushes, channel };
            }
        }
        unreachable!("every node has slots")
    }

    async fn pass(&mut self) -> Duration {
        let payload = vec![b'x'; PAYLOAD_BYTES];
        let start = Instant::now();
        let mut publishing = redis::cmd("SPUBLISH");
        publishing.arg(&self.channel).arg(payload);
        let publishing = publishing.exec_async(&mut self.publisher);
        let receiving = async {
            while let Some(push) = self.pushes.recv().await {
                if push.kind == PushKind::SMessage {
                    return start.elapsed();
                }
            }
            panic!("the subscription ended")
        };
        let (published, took) = tokio::join!(publishing, receiving);
        published.expect("it runs");
        took
    }
}
