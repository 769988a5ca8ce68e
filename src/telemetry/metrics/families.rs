//! The kinds of family that the catalogue is made of: thin handles over the prometheus crate that
//! are registered from a name and a help text, and recorded to in one call.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

use super::labels::Label;
use super::window::Window;
use crate::time::Clock;

/// Upper bounds in seconds: 100 µs to 10 s, three a decade.
const SECONDS: &[f64] = &[
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];
/// Upper bounds of counted things.
const SIZES: &[f64] =
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0];

/// One row of the catalogue, as it is declared.
pub(super) struct Row<'a> {
    pub(super) registry: &'a Registry,
    pub(super) clock: &'a Clock,
    pub(super) name: &'a str,
    pub(super) help: &'a str,
}

/// A kind of row.
pub(super) trait Family: Sized {
    /// Makes and registers it; every label combination exists from then on, at zero.
    fn register(row: &Row<'_>) -> prometheus::Result<Self>;

    /// Called before each scrape.
    fn refresh(&self) {}
}

/// Something that goes up and down.
#[derive(Clone)]
pub struct Gauge(IntGauge);

impl Gauge {
    /// Sets it.
    pub fn set(&self, value: usize) {
        self.0.set(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// Its value now.
    #[must_use]
    pub fn get(&self) -> usize {
        usize::try_from(self.0.get()).unwrap_or_default()
    }

    /// One more, until the guard is dropped.
    #[must_use = "the count falls again when the guard is dropped"]
    pub fn guard(&self) -> GaugeGuard {
        self.0.inc();
        GaugeGuard(self.0.clone())
    }
}

impl Family for Gauge {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let gauge = IntGauge::new(row.name, row.help)?;
        row.registry.register(Box::new(gauge.clone()))?;
        Ok(Self(gauge))
    }
}

/// Pairs an increment with its decrement, whichever way the owner ends.
#[derive(Debug)]
pub struct GaugeGuard(IntGauge);

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// One gauge for each value of a label.
pub struct Gauges<L>(Vec<Gauge>, PhantomData<L>);

impl<L: Label> Gauges<L> {
    /// The gauge of one value.
    #[must_use]
    pub fn of(&self, label: L) -> &Gauge {
        &self.0[label.index()]
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().map(Gauge::get).sum()
    }
}

impl<L: Label> Family for Gauges<L> {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let family = IntGaugeVec::new(Opts::new(row.name, row.help), &[L::NAME])?;
        let gauges =
            L::ALL.iter().map(|label| Gauge(family.with_label_values(&[label.as_str()]))).collect();
        row.registry.register(Box::new(family))?;
        Ok(Self(gauges, PhantomData))
    }
}

/// A span of time as it is now, in seconds.
#[derive(Clone)]
pub struct SecondsNow(prometheus::Gauge);

impl SecondsNow {
    /// Sets it.
    pub fn set(&self, span: Duration) {
        self.0.set(span.as_secs_f64());
    }

    /// Its value now.
    #[must_use]
    pub fn get(&self) -> Duration {
        Duration::try_from_secs_f64(self.0.get()).unwrap_or_default()
    }
}

impl Family for SecondsNow {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let gauge = prometheus::Gauge::new(row.name, row.help)?;
        row.registry.register(Box::new(gauge.clone()))?;
        Ok(Self(gauge))
    }
}

/// The highest value between two scrapes.
pub struct Peak {
    shown: IntGauge,
    highest: AtomicI64,
}

impl Peak {
    /// Raises the peak when `value` is above it.
    pub fn observe(&self, value: usize) {
        self.highest.fetch_max(i64::try_from(value).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

impl Family for Peak {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let Gauge(shown) = Gauge::register(row)?;
        Ok(Self { shown, highest: AtomicI64::new(0) })
    }

    fn refresh(&self) {
        self.shown.set(self.highest.swap(0, Ordering::Relaxed));
    }
}

/// Something that only goes up.
#[derive(Clone)]
pub struct Counter(IntCounter);

impl Counter {
    /// One more.
    pub fn inc(&self) {
        self.0.inc();
    }

    /// So many more.
    pub fn add(&self, count: usize) {
        self.0.inc_by(count as u64);
    }
}

impl Family for Counter {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let counter = IntCounter::new(row.name, row.help)?;
        row.registry.register(Box::new(counter.clone()))?;
        Ok(Self(counter))
    }
}

/// One counter for each value of a label.
#[derive(Clone)]
pub struct Counters<L>(Vec<Counter>, PhantomData<L>);

impl<L: Label> Counters<L> {
    /// The counter of one value.
    #[must_use]
    pub fn of(&self, label: L) -> &Counter {
        &self.0[label.index()]
    }
}

impl<L: Label> Family for Counters<L> {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let family = IntCounterVec::new(Opts::new(row.name, row.help), &[L::NAME])?;
        let counters = L::ALL
            .iter()
            .map(|label| Counter(family.with_label_values(&[label.as_str()])))
            .collect();
        row.registry.register(Box::new(family))?;
        Ok(Self(counters, PhantomData))
    }
}

/// One counter for each pair of two labels' values.
pub struct CounterGrid<A, B>(Vec<Counter>, PhantomData<(A, B)>);

impl<A: Label, B: Label> CounterGrid<A, B> {
    /// The counter of one pair.
    #[must_use]
    pub fn of(&self, row: A, column: B) -> &Counter {
        &self.0[row.index() * B::ALL.len() + column.index()]
    }
}

impl<A: Label, B: Label> Family for CounterGrid<A, B> {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let family = IntCounterVec::new(Opts::new(row.name, row.help), &[A::NAME, B::NAME])?;
        let mut counters = Vec::with_capacity(A::ALL.len() * B::ALL.len());
        for row in A::ALL {
            for column in B::ALL {
                let labels = [row.as_str(), column.as_str()];
                counters.push(Counter(family.with_label_values(&labels)));
            }
        }
        row.registry.register(Box::new(family))?;
        Ok(Self(counters, PhantomData))
    }
}

/// A histogram of durations.
#[derive(Clone)]
pub struct Seconds(Histogram);

impl Seconds {
    /// Records one.
    pub fn observe(&self, took: Duration) {
        self.0.observe(took.as_secs_f64());
    }
}

impl Family for Seconds {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        histogram(row, SECONDS).map(Self)
    }
}

/// A histogram of counts.
#[derive(Clone)]
pub struct Sizes(Histogram);

impl Sizes {
    /// Records one.
    pub fn observe(&self, count: usize) {
        self.0.observe(count as f64);
    }
}

impl Family for Sizes {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        histogram(row, SIZES).map(Self)
    }
}

fn histogram(row: &Row<'_>, buckets: &[f64]) -> prometheus::Result<Histogram> {
    let opts = HistogramOpts::new(row.name, row.help).buckets(buckets.to_vec());
    let histogram = Histogram::with_opts(opts)?;
    row.registry.register(Box::new(histogram.clone()))?;
    Ok(histogram)
}

/// A histogram of durations with the gauges `…_p50` and `…_p99` of the last minute beside it, for
/// alarms in systems that drop histograms.
pub struct Latency {
    all: Seconds,
    recent: Window,
    p50: prometheus::Gauge,
    p99: prometheus::Gauge,
}

impl Latency {
    /// Records one.
    pub fn observe(&self, took: Duration) {
        self.all.observe(took);
        self.recent.observe(took);
    }
}

impl Family for Latency {
    fn register(row: &Row<'_>) -> prometheus::Result<Self> {
        let all = Seconds::register(row)?;
        let quantile = |suffix: &str, share: &str| -> prometheus::Result<prometheus::Gauge> {
            let help = format!("{share} of the last minute, 0 when idle. {}", row.help);
            let gauge = prometheus::Gauge::new(format!("{}_{suffix}", row.name), help)?;
            row.registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let (p50, p99) = (quantile("p50", "Median")?, quantile("p99", "99th percentile")?);
        Ok(Self { all, recent: Window::new(row.clock.clone()), p50, p99 })
    }

    fn refresh(&self) {
        let [p50, p99] = self.recent.quantiles([0.5, 0.99]);
        self.p50.set(p50);
        self.p99.set(p99);
    }
}
