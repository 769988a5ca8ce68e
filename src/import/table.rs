//! What a reader hands on: named columns and numbered rows, whatever the file's format was. Rows
//! that the reader could not make sense of are kept beside them with the reason.

/// A row that will not be imported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// As [`Row::number`].
    pub number: usize,
    /// In words, after "row N: ".
    pub reason: String,
}

impl RefusedRow {
    /// A row with the reason it is refused for.
    #[must_use]
    pub fn new(number: usize, reason: impl Into<String>) -> Self {
        Self { number, reason: reason.into() }
    }
}

/// One row, as many cells as the table has columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// CSV: as a spreadsheet shows it, the header being row 1. iCalendar: the n-th VEVENT.
    pub number: usize,
    /// In the order of the columns.
    pub cells: Vec<String>,
}

/// A file as rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Readable rows in the file's order.
    pub rows: Vec<Row>,
    /// Unreadable ones.
    pub refused: Vec<RefusedRow>,
}
