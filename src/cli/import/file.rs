//! Which reader a file is for, by its extension.

use std::fs;
use std::path::Path;

use super::ImportError;
use crate::import::{Table, read_csv, read_ics};

/// Reads a `.csv` or `.ics` file.
///
/// # Errors
/// When the file is not there, has another extension, or holds no such data at all.
pub fn read(path: &Path) -> Result<Table, ImportError> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let unreadable = |why| ImportError::File { path: path.to_owned(), why };
    let bytes = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    match extension.to_ascii_lowercase().as_str() {
        "csv" => read_csv(&bytes).map_err(unreadable),
        "ics" => read_ics(&bytes).map_err(unreadable),
        _ => Err(unreadable("is neither .csv nor .ics".to_owned())),
    }
}
