//! One recorded span, or nothing in its place.

use std::borrow::Cow;

use opentelemetry::trace::{Span as _, Status};
use opentelemetry::{Key, KeyValue, Value};

use super::Parent;

/// A span that is being recorded and ends when it is dropped; or nothing, on which all calls are
/// comparisons and no value is made. As large as a pointer.
#[derive(Debug, Default)]
pub struct Span(Option<Box<opentelemetry_sdk::trace::Span>>);

impl Span {
    /// In the place of a span that is not recorded.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    pub(super) fn of(span: opentelemetry_sdk::trace::Span) -> Self {
        Self(span.is_recording().then(|| Box::new(span)))
    }

    /// What its children are children of.
    #[must_use]
    pub fn parent(&self) -> Option<Parent> {
        self.0.as_ref().and_then(|span| Parent::of(span.span_context()))
    }

    /// Says something of it; the value is made only where it is recorded.
    pub fn note<V: Into<Value>>(&mut self, key: &'static str, value: impl FnOnce() -> V) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(Key::from_static_str(key), value()));
        }
    }

    /// Says that what it stands for went wrong on our side.
    pub fn fail(&mut self, why: impl FnOnce() -> Cow<'static, str>) {
        if let Some(span) = &mut self.0 {
            span.set_status(Status::error(why()));
        }
    }

    /// Calls it otherwise, once that is known.
    pub fn rename(&mut self, name: impl FnOnce() -> Cow<'static, str>) {
        if let Some(span) = &mut self.0 {
            span.update_name(name());
        }
    }

    /// What log lines are to be in so that they name the trace: keep it while there may be some.
    #[must_use = "lines name the trace until this is dropped"]
    pub fn lines(&self) -> tracing::span::EnteredSpan {
        self.parent().map_or_else(tracing::Span::none, Parent::lines).entered()
    }
}

impl Parent {
    fn lines(self) -> tracing::Span {
        let (trace, xray) = (self.trace_id(), self.xray_id());
        tracing::error_span!("traced", trace_id = %trace, xray_trace_id = %xray)
    }
}
