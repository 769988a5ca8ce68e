//! `[telemetry]`.

use super::Section;
use crate::telemetry::{Config, Format};

pub(super) fn read(section: &mut Section<'_>) -> Config {
    let filter = section.text("filter");
    if let Err(error) = Config::check_filter(&filter) {
        section.fault("filter", format!("must be log directives such as info: {error}"));
    }
    let format = section.parsed("format", "must be pretty or json", |text| {
        Format::ALL.into_iter().find(|format| format.as_str() == text)
    });
    Config { filter, format: format.unwrap_or(Format::Json) }
}
