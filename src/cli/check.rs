//! `config check`

use super::{Failure, complain, out};
use crate::config::{Config, Sources};

/// Prints the settings in force.
///
/// # Errors
/// Every fault of the configuration at once.
pub fn run(sources: &Sources) -> Result<(), Failure> {
    let effective = Config::effective(sources)?;
    for warning in Config::load(sources)?.warnings() {
        complain(format_args!("warning: {warning}"));
    }
    Ok(out::result(effective)?)
}
