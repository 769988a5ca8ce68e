//! A place in a sampled trace, small enough to travel in messages and on the bus.

use std::fmt;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use super::Carried;

/// What the next span is a child of. Only spans that are recorded have one: an unsampled trace leaves
/// nothing to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    trace: TraceId,
    span: SpanId,
    remote: bool,
}

impl Parent {
    pub(super) fn of(context: &SpanContext) -> Option<Self> {
        let sampled = context.is_valid() && context.is_sampled();
        sampled.then(|| Self {
            trace: context.trace_id(),
            span: context.span_id(),
            remote: context.is_remote(),
        })
    }

    /// Reads what [`Parent::traceparent`] wrote; nothing where it is not that of a sampled trace.
    #[must_use]
    pub fn parse(traceparent: &str) -> Option<Self> {
        let carried = Carried { traceparent: Some(traceparent), ..Carried::default() };
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carried);
        Self::of(context.span().span_context())
    }

    /// As W3C writes it.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace, self.span)
    }

    /// The trace's id, 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> impl fmt::Display + use<> {
        self.trace
    }

    /// The same as X-Ray writes it: `1-<8 digits>-<24 digits>`.
    #[must_use]
    pub fn xray_id(&self) -> impl fmt::Display + use<> {
        Xray(self.trace)
    }

    pub(super) fn context(self) -> SpanContext {
        let flags = TraceFlags::SAMPLED;
        SpanContext::new(self.trace, self.span, flags, self.remote, TraceState::NONE)
    }
}

struct Xray(TraceId);

impl fmt::Display for Xray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u128::from_be_bytes(self.0.to_bytes());
        write!(f, "1-{:08x}-{:024x}", id >> 96, id & (u128::MAX >> 32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLED: &str = "00-67891233abcdef012345678912345678-53995c3f42cd8ad8-01";

    #[test]
    fn a_parent_is_what_it_was_on_the_other_side_of_the_bus() {
        let parent = Parent::parse(SAMPLED).expect("is sampled");
        assert_eq!(parent.traceparent(), SAMPLED);
        assert_eq!(parent.trace_id().to_string(), "67891233abcdef012345678912345678");
        assert_eq!(parent.xray_id().to_string(), "1-67891233-abcdef012345678912345678");
    }

    #[test]
    fn what_is_unsampled_or_nonsense_is_no_parent() {
        assert_eq!(Parent::parse(&SAMPLED.replace("-01", "-00")), None);
        for nonsense in ["", "00", "00-0-0-01", "ff-0-0-01", "00-é"] {
            assert_eq!(Parent::parse(nonsense), None, "{nonsense}");
        }
    }
}
