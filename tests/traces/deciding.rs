//! Who decides whether a trace is sampled, and what is said of it elsewhere: in log lines, and for the
//! load balancer's own id.

use serde_json::Value;

use crate::collector::{Collector, Span};
use crate::support::{Class, Client, Open, Person, Service, until};

const ROOMS: &str = "/api/collaboration/v1/rooms";
const ROOT: &str = "1-67891233-abcdef012345678912345678";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

async fn list(service: &Service, headers: &[(&str, &str)]) {
    service.rest(&Person::owner("anna")).get_with(ROOMS, headers).await.expect(200);
}

/// The request that came with this header, told by its attribute or its parent.
async fn listed(collector: &Collector, wanted: impl Fn(&Span) -> bool) -> Span {
    let is = |span: &Span| span.name.starts_with("GET ") && wanted(span);
    let spans = collector.spans("a request", |spans| spans.iter().any(&is)).await;
    spans.into_iter().find(is).expect("just seen")
}

/// The line of the access log that has this in it.
async fn line(service: &Service, part: &str) -> Value {
    let found = until(part, async || {
        let logs = service.logs();
        let line = logs.lines().find(|line| line.contains("answered") && line.contains(part));
        line.map(str::to_owned)
    });
    serde_json::from_str(&found.await).expect("one JSON object a line")
}

async fn open(service: &Service, headers: Vec<(&'static str, String)>) -> Client {
    let open = Open { token: Some(Person::editor("anna").token()), headers, ..Open::default() };
    let mut client = Client::open(service, open).await.expect("the upgrade is accepted");
    client.next().await.expect("a welcome");
    client
}

/// A load balancer of AWS puts a root on every request that has none, which is no parent.
#[actix_web::test]
async fn a_root_without_a_parent_begins_a_new_trace_and_is_remembered() {
    let collector = Collector::start().await;
    let service = Service::with(collector.settings("1")).await;
    list(&service, &[("x-amzn-trace-id", &format!("Root={ROOT}"))]).await;
    let span = listed(&collector, |span| span.attributes.contains_key("aws.xray.root")).await;
    assert_eq!(span.attributes["aws.xray.root"], ROOT);
    assert_eq!(span.parent, "");
    assert!(!ROOT.replace('-', "").ends_with(&span.trace), "{span:?}");
    let line = line(&service, ROOT).await;
    assert_eq!(line["span"]["xray_root"], ROOT);
    assert_eq!(line["span"]["trace_id"], span.trace);
    let (began, rest) = span.trace.split_at(8);
    assert_eq!(line["span"]["xray_trace_id"], format!("1-{began}-{rest}"));
}

#[actix_web::test]
async fn a_handshakes_line_has_both_ids() {
    let collector = Collector::start().await;
    let service = Service::with(collector.settings("1")).await;
    let _client = open(&service, vec![("x-amzn-trace-id", format!("Root={ROOT}"))]).await;
    let handshake = collector.span("handshake").await;
    assert_eq!(handshake.attributes["aws.xray.root"], ROOT);
    let line = line(&service, "handshake").await;
    assert_eq!((&line["xray_root"], &line["http.status_code"]), (&ROOT.into(), &101.into()));
    assert_eq!(line["trace_id"], handshake.trace);
}

#[actix_web::test]
async fn a_parent_of_xray_is_a_parent_and_one_of_w3c_comes_before_it() {
    let collector = Collector::start().await;
    // Nothing begins here: whatever is recorded was decided by a header.
    let service = Service::with(collector.settings("0")).await;
    let xray = format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1");
    let w3c = format!("00-{TRACE}-{PARENT}-01");
    list(&service, &[("x-amzn-trace-id", &xray)]).await;
    list(&service, &[("x-amzn-trace-id", &format!("Root={ROOT}")), ("traceparent", &w3c)]).await;
    let span = listed(&collector, |span| span.parent == "53995c3f42cd8ad8").await;
    assert_eq!(span.trace, "67891233abcdef012345678912345678");
    let span = listed(&collector, |span| span.parent == PARENT).await;
    assert_eq!((span.trace.as_str(), &*span.attributes["aws.xray.root"]), (TRACE, ROOT));
}

/// X-Ray may leave the decision to whoever gets the request.
#[actix_web::test]
async fn an_undecided_parent_of_xray_is_decided_here() {
    let collector = Collector::start().await;
    let all = Service::with(collector.settings("1")).await;
    list(&all, &[("x-amzn-trace-id", &format!("Root={ROOT};Parent=53995c3f42cd8ad8"))]).await;
    listed(&collector, |span| span.parent == "53995c3f42cd8ad8").await;
    let none = Service::with(collector.settings("0")).await;
    list(&none, &[("x-amzn-trace-id", &format!("Root={ROOT};Parent=1111111111111111"))]).await;
    sentinel(&none, &collector).await;
    assert!(collector.so_far().iter().all(|span| span.parent != "1111111111111111"));
}

#[actix_web::test]
async fn below_an_unsampled_parent_nothing_is_recorded() {
    let collector = Collector::start().await;
    let service = Service::with(collector.settings("1")).await;
    let room = service.room().await;
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    let mut client = open(&service, vec![("traceparent", unsampled.clone())]).await;
    client.join(&room).await;
    client.acked(&room, Class::new("Spinning", 1).create()).await;
    list(&service, &[("traceparent", &unsampled)]).await;
    sentinel(&service, &collector).await;
    let seen = collector.so_far();
    assert!(seen.iter().all(|span| span.trace != TRACE), "{seen:#?}");
    for name in ["handshake", "join", "operation", "append", "publish"] {
        assert!(seen.iter().all(|span| span.name != name), "{name} in {seen:#?}");
    }
}

/// A sampled request after all others: when its span is there, so is what was recorded before it.
async fn sentinel(service: &Service, collector: &Collector) {
    let parent = "2222222222222222";
    list(service, &[("traceparent", &format!("00-{TRACE}-{parent}-01").replace("4b", "5b"))]).await;
    listed(collector, |span| span.parent == parent).await;
}

#[actix_web::test]
async fn without_an_endpoint_headers_are_left_alone() {
    let service = Service::start().await;
    list(&service, &[("traceparent", &format!("00-{TRACE}-{PARENT}-01"))]).await;
    let metrics = service.rest(&Person::owner("ops")).get("/metrics").await.text();
    assert!(metrics.contains("kyo_trace_spans_total{fate=\"exported\"} 0"), "{metrics}");
    assert!(!service.logs().contains(TRACE), "{}", service.logs());
}
