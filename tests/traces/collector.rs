//! A collector on a port of its own, which keeps every span that it was sent.

use std::collections::BTreeMap;

use actix_web::dev::ServerHandle;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span as Wire};
use prost::Message;
use tokio::sync::watch;

use crate::support::{Settings, within};

type Attributes = BTreeMap<String, String>;

/// A span as it was sent.
#[derive(Clone, Debug)]
pub struct Span {
    pub name: String,
    pub trace: String,
    pub id: String,
    /// Empty for the first of a trace.
    pub parent: String,
    pub kind: i32,
    pub failed: bool,
    /// From its beginning to its end, in nanoseconds since 1970.
    pub during: (u64, u64),
    /// The traces that it names without belonging to them.
    pub links: Vec<String>,
    pub attributes: Attributes,
    /// What was said of the service that sent it.
    pub resource: Attributes,
}

/// The collector; it ends with the test.
pub struct Collector {
    address: String,
    spans: watch::Receiver<Vec<Span>>,
    server: ServerHandle,
}

impl Collector {
    /// Takes all that comes.
    pub async fn start() -> Self {
        let (sender, spans) = watch::channel(Vec::new());
        let kept = Data::new(sender);
        let server = HttpServer::new(move || {
            App::new().app_data(kept.clone()).route("/v1/traces", web::post().to(take))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
        let address = server.addrs()[0].to_string();
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { address, spans, server: handle }
    }

    /// Settings of a service that sends `ratio` of its own traces here.
    pub fn settings(&self, ratio: &str) -> Settings {
        settings(&self.address, ratio)
    }

    /// All spans, once they are as the story wants them.
    pub async fn spans(&self, what: &str, wanted: impl FnMut(&Vec<Span>) -> bool) -> Vec<Span> {
        let mut spans = self.spans.clone();
        let there = within(what, spans.wait_for(wanted)).await;
        there.expect("the collector runs").clone()
    }

    /// The first span of a name, once there is one.
    pub async fn span(&self, name: &str) -> Span {
        let spans = self.spans(name, |spans| spans.iter().any(|span| span.name == name)).await;
        spans.into_iter().find(|span| span.name == name).expect("just seen")
    }

    /// What has come so far.
    pub fn so_far(&self) -> Vec<Span> {
        self.spans.borrow().clone()
    }

    /// Nobody is there any more.
    pub async fn stop(&self) {
        self.server.stop(true).await;
    }
}

/// Settings of a service that sends `ratio` of its own traces to an address.
pub fn settings(address: &str, ratio: &str) -> Settings {
    Settings::unhurried()
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{address}"))
        .env("OTEL_TRACES_SAMPLER_ARG", ratio)
        .env("OTEL_SERVICE_NAME", "collaboration-service")
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,cloud.provider=aws")
        .env("SERVICE_VERSION", "1.2.3")
        .set("telemetry.format", "json")
        // A twentieth of it is for the last spans; nobody is there who would make it longer.
        .set("drain.deadline_ms", 40_000)
}

async fn take(
    request: HttpRequest,
    body: Bytes,
    kept: Data<watch::Sender<Vec<Span>>>,
) -> HttpResponse {
    assert_eq!(request.headers().get(CONTENT_TYPE).expect("a type"), "application/x-protobuf");
    let sent = ExportTraceServiceRequest::decode(body).expect("OTLP");
    let spans = sent.resource_spans.into_iter().flat_map(read).collect::<Vec<_>>();
    kept.send_modify(|kept| kept.extend(spans));
    HttpResponse::Ok().content_type("application/x-protobuf").body(Vec::new())
}

fn read(sent: ResourceSpans) -> Vec<Span> {
    let resource = attributes(sent.resource.expect("a service says which it is").attributes);
    let spans = sent.scope_spans.into_iter().flat_map(|scope| scope.spans);
    spans.map(|span| span_of(span, &resource)).collect()
}

fn span_of(wire: Wire, resource: &Attributes) -> Span {
    Span {
        name: wire.name,
        trace: hex(&wire.trace_id),
        id: hex(&wire.span_id),
        parent: hex(&wire.parent_span_id),
        kind: wire.kind,
        failed: wire.status.is_some_and(|status| status.code == 2),
        during: (wire.start_time_unix_nano, wire.end_time_unix_nano),
        links: wire.links.iter().map(|link| hex(&link.trace_id)).collect(),
        attributes: attributes(wire.attributes),
        resource: resource.clone(),
    }
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, text(pair.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("a value that we never write: {other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
