//! The OpenAPI document and the route table describe the same service.

use std::collections::BTreeSet;

use kyo_collaboration::http::{API, OPERATOR, PROBES, ROOM, document};
use serde_json::Value;

fn documented() -> Value {
    serde_json::to_value(document()).expect("the document is JSON")
}

#[test]
fn every_route_is_documented_and_every_documented_route_is_there() {
    let served: BTreeSet<(String, String)> = [API, ROOM, OPERATOR, PROBES]
        .concat()
        .into_iter()
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    let document = documented();
    let paths = document["paths"].as_object().expect("has paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("is a list of methods");
            methods.keys().map(|method| (method.clone(), path.clone()))
        })
        .collect();
    assert_eq!(served, described);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = documented();
    let mut missing = Vec::new();
    references(&document, &mut |reference| {
        let pointer = reference.trim_start_matches('#');
        if document.pointer(pointer).is_none() {
            missing.push(reference.to_owned());
        }
    });
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_rest_route_says_how_it_fails() {
    let document = documented();
    let rest = [API, ROOM, OPERATOR].concat();
    for (method, path) in rest.into_iter().filter(|(_, path)| !path.ends_with("api.json")) {
        let responses = &document["paths"][path][method]["responses"];
        let responses = responses.as_object().expect("has responses");
        assert!(responses.keys().any(|status| status.starts_with('4')), "{method} {path}");
    }
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(reference) => found(reference),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
