//! `[telemetry]`.

use super::Section;
use crate::telemetry::{Config, Format, trace};

pub(super) fn read(section: &mut Section<'_>) -> Config {
    let filter = section.text("filter");
    if let Err(error) = Config::check_filter(&filter) {
        section.fault("filter", format!("must be log directives such as info: {error}"));
    }
    let format = section.parsed("format", "must be pretty or json", |text| {
        Format::ALL.into_iter().find(|format| format.as_str() == text)
    });
    let trace = read_trace(section);
    Config { filter, format: format.unwrap_or(Format::Json), trace }
}

/// Nothing without an endpoint; the rest is checked all the same.
fn read_trace(section: &mut Section<'_>) -> Option<trace::Config> {
    let endpoint = section.optional_text("otlp_endpoint");
    if endpoint.as_deref().is_some_and(|text| !trace::Config::is_endpoint(text)) {
        section
            .fault("otlp_endpoint", "must be http://HOST:PORT, the collector beside the service");
    }
    let ratio = section.parsed("trace_ratio", "must be from 0 to 1", trace::Config::ratio);
    let service = section.text("service_name");
    if service.is_empty() {
        section.fault("service_name", "must be set");
    }
    let rule = "must be key=value, several with commas";
    let attributes = section.parsed_list("resource_attributes", rule, trace::Config::attribute);
    let endpoint = endpoint?;
    Some(trace::Config { endpoint, ratio: ratio.unwrap_or_default(), service, attributes })
}
