//! The settings in force, as a `default.toml` with other values in it: the comments with the units
//! stay, and each value that isn't the default says who gave it.

use super::DEFAULTS;
use super::hide::shown;
use super::layers::Layers;

pub(super) fn toml(layers: &Layers) -> String {
    let mut section = "";
    let mut lines = vec![format!("# APP_ENV={}", layers.app_env)];
    // The head speaks of the file, not of the settings in force.
    for line in DEFAULTS.lines().skip_while(|line| line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        }
        lines.push(match line.split_once(" = ") {
            Some((key, default)) if !line.starts_with('#') => {
                setting(layers, section, key, default)
            }
            _ => line.to_owned(),
        });
    }
    lines.join("\n")
}

fn setting(layers: &Layers, section: &str, key: &str, default: &str) -> String {
    let entry = layers.get(section, key);
    let value = shown(section, key, &entry.value);
    let origin = if value == default { String::new() } else { format!(" # from {}", entry.origin) };
    format!("{key} = {value}{origin}")
}
