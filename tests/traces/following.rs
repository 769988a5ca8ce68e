//! One trace from the handshake to the other replica.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::collector::{Collector, Span};
use crate::pair::Pair;
use crate::support::{Class, Client, Framing, Open, Person, Service, new_id};

const SERVER: i32 = 2;
const CLIENT: i32 = 3;
const PRODUCER: i32 = 4;
const CONSUMER: i32 = 5;

/// How long a delivery is waited for whose message the bus may not have carried.
const DELIVERY: Duration = Duration::from_secs(3);
/// How many operations may go by before one is carried.
const MOST_HOURS: u32 = 10;

/// The spans of a story in which one person edits and another one, on the other replica, sees it.
struct Story {
    author: Client,
    reader: Client,
    room: String,
    op_id: String,
    spans: Vec<Span>,
}

impl Story {
    async fn tell(pair: &Pair, collector: &Collector, mut author: Client) -> Self {
        let room = pair.one.room().await;
        let (mut reader, _) = Client::enter(&pair.other, &Person::editor("ben"), &room).await;
        author.join(&room).await;
        // A message that comes before the room was subscribed to is made up for by the store, and is
        // not what this is about: again, until one is delivered by the bus.
        for hour in 0..MOST_HOURS {
            let op_id = new_id();
            let class = Class::new("Spinning", hour * 2).create();
            let ack = author.op_named(&room, &op_id, class).await;
            assert_eq!(ack["type"], "ack", "{ack}");
            reader.expect("events").await;
            let spans = whole_trace(collector, &op_id, &ack["seq"].to_string()).await;
            let is_delivered = |span: &Span| {
                span.name == "deliver" && span.attributes["kyo.outcome"] == "delivered"
            };
            if spans.iter().any(is_delivered) {
                return Self { author, reader, room, op_id, spans };
            }
        }
        panic!("the bus delivered none of {MOST_HOURS} operations");
    }

    fn operation(&self) -> &Span {
        let of_op = |span: &&Span| span.attributes.get("kyo.op.id") == Some(&self.op_id);
        self.spans.iter().find(of_op).expect("it is recorded")
    }

    fn below<'a>(&'a self, parent: &'a Span) -> impl Iterator<Item = &'a Span> {
        self.spans.iter().filter(|span| span.parent == parent.id)
    }

    fn child<'a>(&'a self, parent: &'a Span, name: &str) -> &'a Span {
        let mut named = self.below(parent).filter(|span| span.name == name);
        let child = named.next().unwrap_or_else(|| panic!("no {name} in {:#?}", self.spans));
        assert!(named.next().is_none(), "{name} twice in {:#?}", self.spans);
        child
    }

    /// What holds however the client came.
    fn check(&self, handshake: &Span) {
        let join = self.child(handshake, "join");
        assert_eq!(join.attributes["kyo.room"], self.room);
        assert_eq!(join.attributes["kyo.sync"], "snapshot");
        let operation = self.operation();
        assert_eq!(operation.parent, handshake.id);
        for (key, value) in [
            ("kyo.room", self.room.as_str()),
            ("kyo.tenant", "north"),
            ("kyo.session", self.author.session()),
            ("kyo.op.kind", "course_create"),
            ("kyo.outcome", "ack"),
        ] {
            assert_eq!(operation.attributes[key], value, "{key}");
        }
        let append = self.child(operation, "append");
        assert_eq!(append.attributes["kyo.outcome"], "committed");
        let publish = self.child(operation, "publish");
        let deliver = self.child(publish, "deliver");
        assert_eq!(deliver.attributes["kyo.seq"], operation.attributes["kyo.seq"]);
        let kinds = [join, operation, append, publish, deliver].map(|span| span.kind);
        assert_eq!(kinds, [SERVER, SERVER, CLIENT, PRODUCER, CONSUMER]);
        assert!(self.spans.iter().all(|span| !span.failed), "{:#?}", self.spans);
        assert!(append.during.1 <= operation.during.1, "answered after the commit");
        assert!(append.during.1 <= publish.during.0, "told after the commit");
        self.check_resources(deliver);
    }

    /// Each replica says which it is; both say what they are.
    fn check_resources(&self, deliver: &Span) {
        let node = |client: &Client| client.welcome["node"].as_str().expect("a node").to_owned();
        let instance = |span: &Span| span.resource["service.instance.id"].clone();
        assert_eq!(instance(self.operation()), node(&self.author));
        assert_eq!(instance(deliver), node(&self.reader));
        for span in &self.spans {
            for (key, value) in [
                ("service.name", "collaboration-service"),
                ("service.version", "1.2.3"),
                ("deployment.environment.name", "test"),
                ("cloud.provider", "aws"),
            ] {
                assert_eq!(span.resource[key], value, "{key} of {span:?}");
            }
        }
    }
}

/// The trace of an operation, once both replicas have sent their part of it; without the other's, when
/// that does not come.
async fn whole_trace(collector: &Collector, op_id: &str, seq: &str) -> Vec<Span> {
    let is_op = |span: &Span| span.attributes.get("kyo.op.id").is_some_and(|id| id == op_id);
    let spans = collector.spans("the operation", |spans| spans.iter().any(is_op)).await;
    let operation = spans.into_iter().find(is_op).expect("just seen");
    let published = |span: &Span| span.name == "publish" && span.parent == operation.id;
    let delivered = |span: &Span| {
        let same = span.trace == operation.trace && span.name == "deliver";
        same && span.attributes["kyo.seq"] == seq
    };
    collector.spans("its publishing", |spans| spans.iter().any(published)).await;
    let delivery = collector.spans("its delivery", |spans| spans.iter().any(delivered));
    let spans = timeout(DELIVERY, delivery).await.unwrap_or_else(|_| collector.so_far());
    spans.into_iter().filter(|span| span.trace == operation.trace).collect()
}

async fn connect_in_trace(service: &Service, traceparent: &str) -> Client {
    let headers = vec![("traceparent", traceparent.to_owned())];
    let open = Open { token: Some(Person::editor("anna").token()), headers, ..Open::default() };
    let mut client = Client::open(service, open).await.expect("the upgrade is accepted");
    client.welcome = client.next().await.expect("a welcome");
    client
}

#[actix_web::test]
async fn an_operation_is_followed_from_the_clients_own_trace_to_the_other_replica() {
    let collector = Collector::start().await;
    let pair = Pair::start(&collector).await;
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let author = connect_in_trace(&pair.one, &format!("00-{trace}-{parent}-01")).await;
    let story = Story::tell(&pair, &collector, author).await;
    let ours = story.spans.iter().find(|span| span.name == "handshake").expect("it is recorded");
    assert_eq!((ours.trace.as_str(), ours.parent.as_str()), (trace, parent));
    assert_eq!(ours.attributes["http.response.status_code"], "101");
    story.check(ours);
}

#[actix_web::test]
async fn a_socketio_clients_trace_begins_with_its_handshake() {
    let collector = Collector::start().await;
    let pair = Pair::start(&collector).await;
    let author = Client::connect_with(&pair.one, &Person::editor("anna"), Framing::SocketIo).await;
    let story = Story::tell(&pair, &collector, author).await;
    let handshake = story.spans.iter().find(|span| span.name == "handshake").expect("its own");
    assert_eq!((handshake.parent.as_str(), handshake.kind), ("", SERVER));
    assert_eq!(handshake.attributes["url.path"], "/socket.io/");
    story.check(handshake);
}

/// A session lasts for days, a trace should not.
#[actix_web::test]
async fn a_long_sessions_operations_begin_traces_of_their_own() {
    let collector = Collector::start().await;
    let service = Service::with(collector.settings("1")).await;
    let room = service.room().await;
    let (mut client, _) = Client::enter(&service, &Person::editor("anna"), &room).await;
    for hour in 0..40 {
        client.acked(&room, Class::new("Spinning", hour * 2).create()).await;
    }
    let operations = |spans: &[Span]| -> Vec<Span> {
        spans.iter().filter(|span| span.name == "operation").cloned().collect()
    };
    let spans = collector.spans("all of them", |spans| operations(spans).len() == 40).await;
    let handshake = spans.iter().find(|span| span.name == "handshake").expect("it is recorded");
    let (early, late): (Vec<_>, Vec<_>) =
        operations(&spans).into_iter().partition(|span| span.parent == handshake.id);
    // The join was the first of 32.
    assert_eq!((early.len(), late.len()), (31, 9));
    let traces: BTreeSet<_> = late.iter().map(|span| &span.trace).collect();
    assert_eq!(traces.len(), 9, "each its own");
    assert!(
        late.iter().all(|span| span.parent.is_empty() && span.links == [handshake.trace.clone()])
    );
}

#[actix_web::test]
async fn an_operation_over_rest_is_a_child_of_its_request() {
    let collector = Collector::start().await;
    let service = Service::with(collector.settings("1")).await;
    let room = service.room().await;
    let body = json!({"opId": new_id(), "op": Class::new("Yoga", 1).create()});
    let path = format!("/api/collaboration/v1/rooms/{room}/ops");
    service.rest(&Person::service("gym")).post(&path, &body).await.expect(200);
    let operation = collector.span("operation").await;
    let name = "POST /api/collaboration/v1/rooms/{room}/ops";
    let request = collector.span(name).await;
    assert_eq!((&operation.parent, &operation.trace), (&request.id, &request.trace));
    assert_eq!(request.attributes["http.response.status_code"], "200");
    assert_eq!(request.attributes["url.path"], path);
    // Nobody wants to read about these.
    let seen = collector.so_far();
    assert!(seen.iter().all(|span| !span.name.contains("ready")), "{seen:#?}");
}

/// The last spans are those of what the drain itself brought to its end.
#[actix_web::test]
async fn what_is_recorded_last_is_sent_before_the_end() {
    let collector = Collector::start().await;
    let mut service = Service::with(collector.settings("1")).await;
    let room = service.room().await;
    let (mut client, _) = Client::enter(&service, &Person::editor("anna"), &room).await;
    client.acked(&room, Class::new("Spinning", 1).create()).await;
    service.signal("TERM");
    drop(client);
    assert!(service.exited().await.success());
    let names: BTreeSet<_> = collector.so_far().into_iter().map(|span| span.name).collect();
    for name in ["handshake", "join", "operation", "append", "publish"] {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
    let logs = service.logs();
    assert!(!logs.contains("the last spans were not delivered"), "{logs}");
}
