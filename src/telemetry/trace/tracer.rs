//! The maker of spans. One a process, handed down; nothing is global.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::{
    Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt, TraceFlags, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_aws::trace::{XrayIdGenerator, XrayPropagator};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    Sampler, SamplingDecision, SdkTracer, SdkTracerProvider, ShouldSample,
};

use super::collector::{Collector, PATIENCE};
use super::delivery::Delivery;
use super::{Carried, Config, Parent, Span};
use crate::telemetry::Metrics;

/// Neither yes nor no was said of a trace of X-Ray: whoever gets it decides.
const UNDECIDED: TraceFlags = TraceFlags::new(0x02);

/// A cheap handle; clones record into the same place. One that is off makes nothing.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Inner>>);

struct Inner {
    /// Kept for good: its drop would wait for the collector, wherever the last handle happens to end.
    provider: ManuallyDrop<SdkTracerProvider>,
    tracer: SdkTracer,
    headers: TextMapCompositePropagator,
    roots: Sampler,
}

/// Why spans can't be sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(#[from] ExporterBuildError);

impl Tracer {
    /// One that records nothing.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// Records what `config` says, as the replica `instance` of `version`. Nothing is asked of the
    /// collector: it may come later, and go.
    ///
    /// # Errors
    /// [`StartError`], when the exporter's own variables (`OTEL_EXPORTER_OTLP_…`) ask for what this
    /// binary can't do.
    pub fn start(
        config: &Config,
        instance: &str,
        version: &str,
        metrics: &Metrics,
    ) -> Result<Self, StartError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(config.url())
            .with_timeout(PATIENCE)
            .with_http_client(Collector::new())
            .build()?;
        let roots = Sampler::TraceIdRatioBased(config.ratio);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource(config, instance, version))
            .with_id_generator(XrayIdGenerator::default())
            .with_sampler(Sampler::ParentBased(Box::new(roots.clone())))
            .with_span_processor(Delivery::to(exporter, metrics.trace_spans_total.clone()))
            .build();
        // The later ones win: behind a load balancer every request has a root of X-Ray.
        let headers = TextMapCompositePropagator::new(vec![
            Box::new(XrayPropagator::default()),
            Box::new(TraceContextPropagator::new()),
        ]);
        let tracer = provider.tracer("kyo-collaboration");
        let provider = ManuallyDrop::new(provider);
        Ok(Self(Some(Arc::new(Inner { provider, tracer, headers, roots }))))
    }

    /// Whether anything can be recorded.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A request that came in: a child of what its headers say if that was sampled, or the first span
    /// of a trace where they say nothing and the ratio wants it.
    #[must_use]
    pub fn serve(&self, name: &'static str, carried: &Carried<'_>) -> Span {
        let Some(inner) = &self.0 else { return Span::none() };
        let mut span = inner.build(name, SpanKind::Server, None, &inner.came_with(carried));
        if let Some(root) = carried.root() {
            span.note("aws.xray.root", || root.to_owned());
        }
        span
    }

    /// The first span of a trace of its own, where the ratio wants it.
    #[must_use]
    pub fn begin(&self, name: &'static str, kind: SpanKind, because_of: Option<Parent>) -> Span {
        let Some(inner) = &self.0 else { return Span::none() };
        inner.build(name, kind, because_of, &Context::new())
    }

    /// A child of what is recorded; nothing below nothing.
    #[must_use]
    pub fn child(&self, name: &'static str, kind: SpanKind, parent: Option<Parent>) -> Span {
        let (Some(inner), Some(parent)) = (&self.0, parent) else { return Span::none() };
        let context = Context::new().with_remote_span_context(parent.context());
        inner.build(name, kind, None, &context)
    }

    /// Sends what waits, within `patience`, and records nothing any more. Blocks.
    pub fn finish(&self, patience: Duration) {
        if let Some(inner) = &self.0
            && let Err(error) = inner.provider.shutdown_with_timeout(patience)
        {
            tracing::warn!(%error, "the last spans were not delivered");
        }
    }
}

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_on() { "Tracer(on)" } else { "Tracer(off)" })
    }
}

impl Inner {
    fn build(
        &self,
        name: &'static str,
        kind: SpanKind,
        because_of: Option<Parent>,
        context: &Context,
    ) -> Span {
        let mut builder = SpanBuilder::from_name(name).with_kind(kind);
        if let Some(other) = because_of {
            builder = builder.with_links(vec![Link::with_context(other.context())]);
        }
        Span::of(self.tracer.build_with_context(builder, context))
    }

    fn came_with(&self, carried: &Carried<'_>) -> Context {
        let context = self.headers.extract_with_context(&Context::new(), carried);
        let theirs = context.span().span_context().clone();
        if !theirs.is_valid() {
            // A root alone: the library's sampler would take it for a parent that is not sampled.
            return Context::new();
        }
        let undecided = theirs.trace_flags() == UNDECIDED && carried.traceparent.is_none();
        if !undecided {
            return context;
        }
        let sampled = self.wants(&theirs);
        let flags = TraceFlags::default().with_sampled(sampled);
        let (trace, span) = (theirs.trace_id(), theirs.span_id());
        let decided = SpanContext::new(trace, span, flags, true, theirs.trace_state().clone());
        Context::new().with_remote_span_context(decided)
    }

    fn wants(&self, theirs: &SpanContext) -> bool {
        let (trace, kind) = (theirs.trace_id(), SpanKind::Server);
        let said = self.roots.should_sample(None, trace, "", &kind, &[], &[]);
        said.decision == SamplingDecision::RecordAndSample
    }
}

fn resource(config: &Config, instance: &str, version: &str) -> Resource {
    let ours = [
        KeyValue::new("service.version", version.to_owned()),
        KeyValue::new("service.instance.id", instance.to_owned()),
    ];
    let theirs = config.attributes.iter().map(|(k, v)| KeyValue::new(k.clone(), v.clone()));
    Resource::builder_empty()
        .with_attributes(theirs)
        .with_attributes(ours)
        .with_service_name(config.service.clone())
        .build()
}
