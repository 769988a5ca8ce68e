//! From a span that has ended to the collector: a queue with an end, a thread of its own, and a count
//! of what became of each. Whoever ends a span never waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};

use crate::telemetry::metrics::{Counters, SpanFate};

/// Spans that may wait for the collector; more are dropped.
const QUEUE: usize = 2_048;
/// Spans in one request.
const BATCH: usize = 512;
/// How long a span waits for others to go with.
const DELAY: Duration = Duration::from_secs(1);

/// The queue in front of the thread.
#[derive(Debug)]
pub(super) struct Delivery {
    batches: BatchSpanProcessor,
    tally: Arc<Tally>,
}

impl Delivery {
    pub(super) fn to(exporter: Otlp, fates: Counters<SpanFate>) -> Self {
        let tally = Arc::new(Tally { waiting: AtomicUsize::new(0), fates });
        let counted = Counted { exporter, tally: tally.clone(), failing: AtomicBool::new(false) };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let batches = BatchSpanProcessor::builder(counted).with_batch_config(config).build();
        Self { batches, tally }
    }
}

impl SpanProcessor for Delivery {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    /// The library's own queue is as long and would drop as silently as it counts: what it can't take
    /// is not given to it.
    fn on_end(&self, span: SpanData) {
        if self.tally.admit() {
            self.batches.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// How many wait, and what became of the others.
struct Tally {
    waiting: AtomicUsize,
    fates: Counters<SpanFate>,
}

impl Tally {
    /// A place in the queue, or one more that was dropped.
    fn admit(&self) -> bool {
        let one_more = |waiting| (waiting < QUEUE).then_some(waiting + 1);
        let admitted =
            self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok();
        if !admitted {
            self.fates.of(SpanFate::Dropped).inc();
        }
        admitted
    }

    fn done(&self, spans: usize, fate: SpanFate) {
        self.waiting.fetch_sub(spans, Ordering::Relaxed);
        self.fates.of(fate).add(spans);
    }
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tally")
    }
}

/// The exporter, counted. It is called on the sending thread alone.
#[derive(Debug)]
struct Counted {
    exporter: Otlp,
    tally: Arc<Tally>,
    /// The last batch was lost: said once, not once a batch.
    failing: AtomicBool,
}

impl SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let done = self.exporter.export(batch).await;
        match &done {
            Ok(()) => {
                self.tally.done(spans, SpanFate::Exported);
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes spans again");
                }
            }
            Err(error) => {
                self.tally.done(spans, SpanFate::Failed);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "the collector does not take spans, they are lost");
                }
            }
        }
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
