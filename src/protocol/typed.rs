//! A tree as one of our structs, with faults told in terms of the client's field names.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::Invalid;

/// How much of a fault's own text is passed on: it may quote what the client sent.
const MAX_RULE: usize = 200;

/// Reads `tree` as `T`; `at` is the path of the tree in the message, empty for the message itself.
pub(super) fn read<T: DeserializeOwned>(tree: Value, at: &str) -> Result<T, Invalid> {
    if !tree.is_object() {
        return Err(Invalid::new(at, "must be an object"));
    }
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let inner = error.path().to_string();
        let inner = if inner == "." { String::new() } else { inner };
        explain(&join(at, &inner), &error.into_inner().to_string())
    })
}

/// Reads a field that may be absent, `null` (clears) or set: absent is the field's default.
pub(super) fn clearable<'de, T, D>(reader: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::deserialize(reader).map(Some)
}

/// The path of `inner` below `outer`.
pub(super) fn join(outer: &str, inner: &str) -> String {
    match (outer, inner) {
        ("", path) | (path, "") => path.to_owned(),
        (outer, inner) => format!("{outer}.{inner}"),
    }
}

fn explain(at: &str, fault: &str) -> Invalid {
    if let Some(name) = fault.strip_prefix("missing field `") {
        return Invalid::new(join(at, name.trim_end_matches('`')), "is required");
    }
    let expected = fault.rsplit_once(", expected ").map(|(_, expected)| expected);
    let rule = match expected {
        Some(expected) => format!("must be {}", plain(expected)),
        None => fault.chars().take(MAX_RULE).collect(),
    };
    Invalid::new(at, rule)
}

/// What serde expected, in words that a client's author knows.
fn plain(expected: &str) -> String {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number of at least 0",
        "i64" => "a whole number",
        "f64" => "a number",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "string or map" => "a string",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
    .to_owned()
}
