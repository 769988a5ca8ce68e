//! The AsyncAPI document against the catalogue and the golden messages.

use std::collections::{BTreeMap, BTreeSet};

use kyo_collaboration::protocol::asyncapi::asyncapi_json;
use kyo_collaboration::protocol::client::CLIENT_TYPES;
use kyo_collaboration::protocol::envelope::encode_event;
use kyo_collaboration::protocol::server::{SERVER_TYPES, encode};
use serde_json::{Map, Value};

use super::samples::{changes, event};
use super::{client, file, server};

/// What is wrong with `value` under `schema`, as lines.
struct Checker {
    document: Value,
}

impl Checker {
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                let found = self.document.pointer(pointer);
                self.resolve(found.unwrap_or_else(|| panic!("{reference} leads nowhere")))
            }
            None => schema,
        }
    }

    /// Every undeclared property and every missing required one, with its path.
    fn faults(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let schema = self.resolve(schema);
        if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            let results = choices.iter().map(|choice| self.faults(choice, value, at));
            return results.min_by_key(Vec::len).unwrap_or_default();
        }
        if !type_fits(&schema["type"], value) {
            return vec![format!("{at}: {value} is not {}", schema["type"]); 3];
        }
        match value {
            Value::Object(fields) => self.object_faults(schema, fields, at),
            Value::Array(items) => {
                items.iter().flat_map(|item| self.faults(&schema["items"], item, at)).collect()
            }
            _ if schema["enum"].as_array().is_some_and(|names| !names.contains(value)) => {
                vec![format!("{at}: {value} is none of {}", schema["enum"]); 3]
            }
            _ => vec![],
        }
    }

    fn object_faults(&self, schema: &Value, fields: &Map<String, Value>, at: &str) -> Vec<String> {
        let mut properties = BTreeMap::new();
        let mut required = BTreeSet::new();
        self.gather(schema, &mut properties, &mut required);
        let open = properties.is_empty();
        let missing = required.iter().filter(|name| !fields.contains_key(*name));
        let mut faults: Vec<_> = missing.map(|name| format!("{at}.{name} missing")).collect();
        for (name, value) in fields {
            match properties.get(name) {
                Some(schema) => faults.extend(self.faults(schema, value, &format!("{at}.{name}"))),
                None if open => {}
                None => faults.push(format!("{at}.{name} undeclared")),
            }
        }
        faults
    }

    fn gather(
        &self,
        schema: &Value,
        properties: &mut BTreeMap<String, Value>,
        required: &mut BTreeSet<String>,
    ) {
        let schema = self.resolve(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.gather(part, properties, required);
        }
        let declared = schema["properties"].as_object().into_iter().flatten();
        properties.extend(declared.map(|(name, schema)| (name.clone(), schema.clone())));
        let names = schema["required"].as_array().into_iter().flatten();
        required.extend(names.filter_map(Value::as_str).map(str::to_owned));
    }
}

fn type_fits(kind: &Value, value: &Value) -> bool {
    let fits = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    match kind {
        Value::Array(names) => names.iter().any(fits),
        name => fits(name),
    }
}

fn payload(document: &Value, name: &str) -> Value {
    document["components"]["messages"][name]["payload"].clone()
}

#[test]
fn every_message_kind_is_described() {
    let document = asyncapi_json();
    let described: BTreeSet<_> =
        document["components"]["messages"].as_object().unwrap().keys().cloned().collect();
    let client = CLIENT_TYPES.iter().map(|kind| format!("client.{kind}"));
    let server = SERVER_TYPES.iter().map(|kind| format!("server.{kind}"));
    assert_eq!(described, client.chain(server).collect());
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    let pointer = reference.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                }
                fields.values().for_each(|value| walk(document, value));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(document, item)),
            _ => {}
        }
    }
    let document = asyncapi_json();
    walk(&document, &document);
}

#[test]
fn every_golden_message_fits_its_schema() {
    let checker = Checker { document: asyncapi_json() };
    let sent = server::messages().into_iter().map(|(name, re, message)| {
        let tree = serde_json::from_str(&encode(re.as_ref(), &message).json()).unwrap();
        (name, format!("server.{}", message.kind()), tree)
    });
    let received = client::messages().into_iter().map(|(name, message)| {
        (name, format!("client.{}", message["type"].as_str().unwrap()), message)
    });
    for (name, described, message) in sent.chain(received) {
        let faults = checker.faults(&payload(&checker.document, &described), &message, "");
        assert_eq!(faults, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn every_golden_event_fits_its_schema() {
    let checker = Checker { document: asyncapi_json() };
    let schema = checker.document["components"]["schemas"]["Event"].clone();
    for (name, change) in changes() {
        let wire = encode_event(&event(8, change)).wire;
        let event = serde_json::from_str(wire.as_str()).unwrap();
        assert_eq!(checker.faults(&schema, &event, ""), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_document_is_as_reviewed() {
    let text = serde_json::to_string_pretty(&asyncapi_json()).unwrap();
    file::check("asyncapi.golden.json", &(text + "\n"));
}
