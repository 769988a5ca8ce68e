//! The little that this layer looks at in JSON, which it else hands on as it came.

use bytestring::ByteString;
use serde_json::Value;
use serde_json::value::RawValue;

/// Whether arrays and objects are inside one another at most `most` deep. Counts brackets, valid
/// JSON or not, without recursion: it stands before everything that follows the nesting.
pub(super) fn is_shallow(json: &str, most: usize) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => quoted = false,
            (true, _) => {}
            (false, b'"') => quoted = true,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > most {
                    return false;
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, _) => {}
        }
    }
    true
}

/// The elements of an array, each as it was written; `None` when it is none.
pub(super) fn elements(json: &ByteString) -> Option<Vec<ByteString>> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(|element| json.slice_ref(element.get())).collect())
}

/// Whether it is one object.
pub(super) fn is_object(json: &str) -> bool {
    let value: Result<&RawValue, _> = serde_json::from_str(json);
    value.is_ok_and(|value| value.get().starts_with('{'))
}

/// Whether every placeholder names one of so many attachments.
pub(super) fn places_fit(json: &str, attachments: usize) -> bool {
    serde_json::from_str(json).is_ok_and(|value| fits(&value, attachments))
}

/// Recursion is bounded by `serde_json`'s own.
fn fits(value: &Value, attachments: usize) -> bool {
    match value {
        Value::Array(values) => values.iter().all(|value| fits(value, attachments)),
        Value::Object(fields) if fields.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number = fields.get("num").and_then(whole_number);
            number.is_some_and(|number| number < attachments)
        }
        Value::Object(fields) => fields.values().all(|value| fits(value, attachments)),
        _ => true,
    }
}

/// JavaScript writes no `1.0`, but others do.
fn whole_number(value: &Value) -> Option<usize> {
    let whole = value.as_u64().and_then(|number| usize::try_from(number).ok());
    whole.or_else(|| {
        (0..256).find(|number| value.as_f64() == Some(f64::from(*number)))?.try_into().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_strings_alone() {
        assert!(is_shallow(r#"["[[[[",{"a\"[[":["]"]}]"#, 3));
        assert!(!is_shallow(r#"["[[[[",{"a\"[[":["]"]}]"#, 2));
        assert!(is_shallow(&"[]".repeat(1_000), 1));
        assert!(!is_shallow(&"[".repeat(1_000_000), 100));
    }

    #[test]
    fn elements_are_kept_as_they_were_written() {
        let array = ByteString::from(r#"[ "a\u0041", 1.50 ,{"b" : [2]}]"#);
        let texts: Vec<String> =
            elements(&array).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(texts, [r#""a\u0041""#, "1.50", r#"{"b" : [2]}"#]);
        for bad in ["", "{}", "[1", "[1] 2", "[1,]", "null"] {
            assert!(elements(&bad.into()).is_none(), "{bad}");
        }
    }

    #[test]
    fn placeholders_name_attachments_that_exist() {
        let fit = |json: &str| places_fit(json, 2);
        assert!(fit(r#"[{"_placeholder":true,"num":1},[{"a":{"_placeholder":true,"num":0}}]]"#));
        assert!(fit(r#"[{"_placeholder":true,"num":1.0}]"#));
        assert!(fit(r#"[{"_placeholder":false,"num":9},{"_placeholder":1}]"#));
        for num in ["2", "-1", "0.5", "\"0\"", "null", "18446744073709551616"] {
            assert!(!fit(&format!(r#"[{{"_placeholder":true,"num":{num}}}]"#)), "{num}");
        }
        assert!(!fit(r#"[{"_placeholder":true}]"#));
    }
}
