//! A client's bytes as a tree of JSON values, whatever the framing.
//!
//! Owns the limits that hold before any meaning is looked at: size, nesting, finite numbers, text
//! keys. What it allocates is proportional to the bytes it is given.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::error::WireError;
use super::{Framing, MAX_DEPTH, MAX_MESSAGE_BYTES, msgpack};

/// Reads one message.
pub(super) fn read(framing: Framing, bytes: &[u8]) -> Result<Value, WireError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(WireError::too_large(MAX_MESSAGE_BYTES));
    }
    let (name, tree) = match framing {
        Framing::Json => ("JSON", json(bytes)),
        Framing::MessagePack => ("MessagePack", msgpack::to_tree(bytes)),
    };
    tree.map_err(|cause| WireError::invalid("", &format!("must be one {name} object: {cause}")))
}

fn json(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let tree = bounded(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(tree)
}

/// Reads a tree no deeper than [`MAX_DEPTH`].
pub(super) fn bounded<'de, D: Deserializer<'de>>(reader: D) -> Result<Value, D::Error> {
    Branch { left: MAX_DEPTH }.deserialize(reader)
}

/// The place of a value in the tree: how many levels may still open below it.
#[derive(Clone, Copy)]
struct Branch {
    left: usize,
}

impl Branch {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        left.map(|left| Self { left })
            .ok_or_else(|| E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for Branch {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Branch {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a number, a string, an array or an object")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number.map(Value::Number).ok_or_else(|| E::custom("numbers must be finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let below = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            map.insert(key, entries.next_value_seed(below)?);
        }
        Ok(Value::Object(map))
    }
}
