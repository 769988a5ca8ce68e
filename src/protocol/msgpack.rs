//! MessagePack as another spelling of JSON: both framings carry the same objects because both pass
//! through the same tree.

use serde_json::Value;

use super::tree;

/// The MessagePack of one of our own messages.
///
/// # Panics
/// Never for frames: their text was written by our serializer.
pub(super) fn from_json(text: &str) -> Vec<u8> {
    let tree: Value = serde_json::from_str(text).expect("frames hold valid JSON");
    rmp_serde::to_vec(&tree).expect("a JSON tree has a MessagePack form")
}

/// Reads a client's MessagePack; exactly one value, nesting bounded, no binary or extension types.
pub(super) fn to_tree(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = rmp_serde::Deserializer::new(bytes);
    let tree = tree::bounded(&mut reader).map_err(|error| error.to_string())?;
    if reader.into_inner().is_empty() {
        Ok(tree)
    } else {
        Err("bytes after the message".to_owned())
    }
}
