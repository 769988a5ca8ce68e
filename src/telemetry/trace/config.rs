//! Where spans go, and how many.

use ureq::http::Uri;

/// Where spans go, and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The collector's OTLP address without a path, such as `http://127.0.0.1:4318`.
    pub endpoint: String,
    /// The share of traces that begin here and are sampled, 0 to 1. One that began elsewhere is
    /// sampled if it was there.
    pub ratio: f64,
    /// What traces call this service.
    pub service: String,
    /// What else they say of where it runs.
    pub attributes: Vec<(String, String)>,
}

impl Config {
    /// Whether spans could be sent there: `http` alone, since the collector beside the service is the
    /// one that signs and encrypts.
    #[must_use]
    pub fn is_endpoint(text: &str) -> bool {
        text.parse::<Uri>().is_ok_and(|uri| {
            uri.scheme_str() == Some("http")
                && uri.query().is_none()
                && uri
                    .authority()
                    .is_some_and(|a| !a.host().is_empty() && !a.as_str().contains('@'))
        })
    }

    /// A share between 0 and 1.
    #[must_use]
    pub fn ratio(text: &str) -> Option<f64> {
        text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio))
    }

    /// `key=value`
    #[must_use]
    pub fn attribute(text: &str) -> Option<(String, String)> {
        let (key, value) = text.split_once('=')?;
        let pair = (key.trim().to_owned(), value.trim().to_owned());
        (!pair.0.is_empty()).then_some(pair)
    }

    pub(super) fn url(&self) -> String {
        format!("{}/v1/traces", self.endpoint.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_plain_http_addresses() {
        for good in ["http://127.0.0.1:4318", "http://collector", "http://[::1]:4318/otlp/"] {
            assert!(Config::is_endpoint(good), "{good}");
        }
        for bad in
            ["", "127.0.0.1:4318", "https://xray.eu-west-1.amazonaws.com", "http://", "grpc://x"]
        {
            assert!(!Config::is_endpoint(bad), "{bad}");
        }
    }

    #[test]
    fn ratios_are_shares() {
        assert_eq!(Config::ratio("0.05"), Some(0.05));
        assert_eq!([Config::ratio("1"), Config::ratio("0")], [Some(1.0), Some(0.0)]);
        for bad in ["", "5%", "1.1", "-0.1", "NaN", "inf"] {
            assert_eq!(Config::ratio(bad), None, "{bad}");
        }
    }
}
