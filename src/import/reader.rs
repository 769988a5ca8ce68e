//! CSV to a [`Table`]. An
//! unreadable row is refused and reading goes on; only an unreadable file is an error.

use csv::{ByteRecord, ReaderBuilder};

use super::table::{RefusedRow, Row, Table};

/// Reads comma-separated values whose first row names the columns.
///
/// # Errors
/// In words, when there is no readable header.
pub fn read_csv(bytes: &[u8]) -> Result<Table, String> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = reader.headers().map_err(|error| error.to_string())?;
    let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
    if columns.iter().all(String::is_empty) {
        return Err("has no header row".to_owned());
    }
    let mut table = Table { columns, ..Table::default() };
    for (index, record) in reader.byte_records().enumerate() {
        let number = index + 2;
        let cells = record.map_err(|error| error.to_string());
        match cells.and_then(|record| cells_of(&record, table.columns.len())) {
            Ok(cells) => table.rows.push(Row { number, cells }),
            Err(reason) => table.refused.push(RefusedRow::new(number, reason)),
        }
    }
    Ok(table)
}

fn cells_of(record: &ByteRecord, expected: usize) -> Result<Vec<String>, String> {
    if record.len() != expected {
        return Err(format!("has {} fields, the header has {expected}", record.len()));
    }
    let text = |cell: &[u8]| String::from_utf8(cell.to_vec());
    record.iter().map(text).collect::<Result<_, _>>().map_err(|_| "is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rows_as_a_spreadsheet_does_and_goes_on_after_bad_ones() {
        let table = read_csv(b"a, b\n1,2\n3\n\"x\ny\",\xff\n5,6\n").expect("has a header");
        assert_eq!(table.columns, ["a", "b"]);
        let rows: Vec<_> = table.rows.iter().map(|row| (row.number, row.cells.join("|"))).collect();
        assert_eq!(rows, [(2, "1|2".to_owned()), (5, "5|6".to_owned())]);
        assert_eq!(table.refused[0], RefusedRow::new(3, "has 1 fields, the header has 2"));
        assert_eq!(table.refused[1], RefusedRow::new(4, "is not UTF-8"));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_column() {
        let table = read_csv(b"\xef\xbb\xbftitle\nYoga\n").expect("has a header");
        assert_eq!(table.columns, ["title"]);
    }

    #[test]
    fn an_empty_file_is_an_error() {
        assert!(read_csv(b"").is_err());
    }
}
