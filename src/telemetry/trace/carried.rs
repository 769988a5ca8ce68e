//! The trace that a request says it belongs to: W3C's header, or that of AWS.

use opentelemetry::propagation::Extractor;

/// Headers of a request that speak of its trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carried<'a> {
    /// `traceparent`, which holds where both are there.
    pub traceparent: Option<&'a str>,
    /// `tracestate`, which goes with it.
    pub tracestate: Option<&'a str>,
    /// `X-Amzn-Trace-Id`
    pub xray: Option<&'a str>,
}

/// Longer ones are nobody's.
const MAX_ROOT: usize = 64;

impl<'a> Carried<'a> {
    /// The root that a load balancer of AWS gives each request and writes into its own log. Without a
    /// `Parent` beside it nothing is its child, and it only says which line of that log is meant.
    #[must_use]
    pub fn root(&self) -> Option<&'a str> {
        let fields = self.xray?.split(';').map(str::trim);
        let root = fields.filter_map(|field| field.strip_prefix("Root=")).next()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (root.len() <= MAX_ROOT && root.bytes().all(plain)).then_some(root)
    }
}

impl Extractor for Carried<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent,
            "tracestate" => self.tracestate,
            "x-amzn-trace-id" => self.xray,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate", "x-amzn-trace-id"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(xray: &str) -> Option<&str> {
        Carried { xray: Some(xray), ..Carried::default() }.root()
    }

    #[test]
    fn a_root_is_found_wherever_it_stands_and_only_if_it_can_be_one() {
        let id = "1-67891233-abcdef012345678912345678";
        assert_eq!(root(&format!("Root={id}")), Some(id));
        assert_eq!(root(&format!("Self=1-2-3; Root={id};Parent=53995c3f42cd8ad8")), Some(id));
        assert_eq!(root("Root=\"><script>"), None);
        assert_eq!(root(&format!("Root={}", "a".repeat(MAX_ROOT + 1))), None);
        assert_eq!(root("Parent=53995c3f42cd8ad8"), None);
        assert_eq!(Carried::default().root(), None);
    }
}
