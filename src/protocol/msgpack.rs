//! MessagePack as another spelling of JSON: both framings carry the same objects because both pass
//! through the same tree.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{MAX_DEPTH, tree};

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

/// Reads of a client's MessagePack what `T` names, and passes over the rest; nothing where it nests too
/// deep.
pub(super) fn skim<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut reader = rmp_serde::Deserializer::new(bytes);
    reader.set_max_depth(MAX_DEPTH + 1);
    T::deserialize(&mut reader).ok()
}
