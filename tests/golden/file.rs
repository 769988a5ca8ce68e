//! Golden files: compared, or rewritten when asked.

use std::path::Path;

/// Compares `actual` with the file, or writes it when `UPDATE_GOLDEN` is set.
#[expect(clippy::disallowed_methods, reason = "a switch of the test itself, not configuration")]
pub fn check(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        std::fs::write(&path, actual).expect("the file can be written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != actual {
        let lines = kept.lines().zip(actual.lines()).enumerate();
        let differing = lines.map(|(at, pair)| (at + 1, pair)).find(|(_, (old, new))| old != new);
        panic!("{name} differs (UPDATE_GOLDEN=1 rewrites it): {differing:#?}");
    }
}

/// Bytes as hex, 32 a line.
pub fn hex(bytes: &[u8]) -> String {
    let line = |chunk: &[u8]| chunk.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    bytes.chunks(32).map(line).collect::<Vec<_>>().join("\n")
}

/// The MessagePack of a JSON value.
pub fn msgpack(value: &serde_json::Value) -> Vec<u8> {
    rmp_serde::to_vec(value).expect("a JSON tree has a MessagePack form")
}
