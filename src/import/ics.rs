//! iCalendar files to [`Table`]s: one row an event, with the columns of [`COLUMNS`]. Times come out
//! as RFC 3339 when the event names a zone or UTC, and as local time otherwise. Recurring events
//! are refused: expanding them belongs to templates.

use icalendar::parser::{Component, Property, read_calendar, unfold};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::table::{RefusedRow, Row, Table};

/// The columns, named after the properties they come from.
pub const COLUMNS: [&str; 8] =
    ["SUMMARY", "DTSTART", "DTEND", "ORGANIZER", "LOCATION", "DESCRIPTION", "CATEGORIES", "UID"];

/// A time as the file gives it.
enum When {
    Local(DateTime),
    Zoned(Zoned),
}

/// Reads a calendar.
///
/// # Errors
/// In words, when it is not an iCalendar file.
pub fn read_ics(bytes: &[u8]) -> Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded).map_err(|error| format!("is no calendar: {error}"))?;
    let columns = COLUMNS.map(str::to_owned).to_vec();
    let mut table = Table { columns, ..Table::default() };
    let events = calendar.components.iter().filter(|component| component.name == "VEVENT");
    for (index, event) in events.enumerate() {
        let number = index + 1;
        match cells(event) {
            Ok(cells) => table.rows.push(Row { number, cells }),
            Err(reason) => table.refused.push(RefusedRow::new(number, reason)),
        }
    }
    Ok(table)
}

fn cells(event: &Component<'_>) -> Result<Vec<String>, String> {
    if event.find_prop("RRULE").is_some() || event.find_prop("RDATE").is_some() {
        return Err(
            "recurs (RRULE); import single events, and keep the pattern as a template".into()
        );
    }
    let start = event.find_prop("DTSTART").ok_or("has no DTSTART")?;
    let start = when(start)?;
    let end = end(event, &start)?;
    Ok(vec![
        text(event, "SUMMARY"),
        start.to_string(),
        end.to_string(),
        organizer(event),
        text(event, "LOCATION"),
        text(event, "DESCRIPTION"),
        text(event, "CATEGORIES"),
        text(event, "UID"),
    ])
}

fn end(event: &Component<'_>, start: &When) -> Result<When, String> {
    if let Some(end) = event.find_prop("DTEND") {
        return when(end);
    }
    let length = event.find_prop("DURATION").ok_or("has neither DTEND nor DURATION")?;
    let length = length.val.to_string();
    let span: Span = length.parse().map_err(|_| format!("DURATION {length:?} is no duration"))?;
    let beyond = |_| "ends beyond the calendar".to_owned();
    match start {
        When::Local(at) => at.checked_add(span).map(When::Local).map_err(beyond),
        When::Zoned(at) => at.checked_add(span).map(When::Zoned).map_err(beyond),
    }
}

fn when(property: &Property<'_>) -> Result<When, String> {
    let text = property.val.to_string();
    let name = &property.name;
    if !text.contains('T') {
        return Err(format!("{name} {text:?} is a whole day, not a time"));
    }
    if text.ends_with('Z') {
        let at: Timestamp = text.parse().map_err(|_| format!("{name} {text:?} is no time"))?;
        return Ok(When::Zoned(at.to_zoned(TimeZone::UTC)));
    }
    let at: DateTime = text.parse().map_err(|_| format!("{name} {text:?} is no time"))?;
    let Some(zone) = parameter(property, "TZID") else { return Ok(When::Local(at)) };
    let unknown = |_| format!("{name} is in the unknown time zone {zone:?}");
    TimeZone::get(&zone).and_then(|zone| at.to_zoned(zone)).map(When::Zoned).map_err(unknown)
}

fn parameter(property: &Property<'_>, key: &str) -> Option<String> {
    let parameter = property.params.iter().find(|parameter| parameter.key == key)?;
    parameter.val.as_ref().map(|value| value.to_string().trim_matches('"').to_owned())
}

fn organizer(event: &Component<'_>) -> String {
    let Some(organizer) = event.find_prop("ORGANIZER") else { return String::new() };
    let address = organizer.val.to_string();
    let address = address.strip_prefix("mailto:").unwrap_or(&address).to_owned();
    parameter(organizer, "CN").unwrap_or(address)
}

fn text(event: &Component<'_>, name: &str) -> String {
    event.find_prop(name).map(|property| property.val.to_string()).unwrap_or_default()
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local(at) => at.fmt(f),
            Self::Zoned(at) => at.timestamp().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(event: &str) -> Table {
        let event = event.trim().replace('\n', "\r\n");
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        read_ics(text.as_bytes()).expect("is a calendar")
    }

    fn times(event: &str) -> (String, String) {
        let table = calendar(event);
        assert_eq!(table.refused, []);
        (table.rows[0].cells[1].clone(), table.rows[0].cells[2].clone())
    }

    fn reason(event: &str) -> String {
        calendar(event).refused[0].reason.clone()
    }

    #[test]
    fn utc_zoned_and_floating_times() {
        let utc = times("DTSTART:20260105T130000Z\nDTEND:20260105T140000Z");
        assert_eq!(utc, ("2026-01-05T13:00:00Z".into(), "2026-01-05T14:00:00Z".into()));
        let zoned = times(
            "DTSTART;TZID=America/Toronto:20260105T080000\nDTEND;TZID=America/Toronto:20260105T090000",
        );
        assert_eq!(zoned, utc);
        let floating = times("DTSTART:20260105T080000\nDTEND:20260105T090000");
        assert_eq!(floating, ("2026-01-05T08:00:00".into(), "2026-01-05T09:00:00".into()));
    }

    #[test]
    fn a_duration_gives_the_end() {
        let (_, end) = times("DTSTART:20260105T230000Z\nDURATION:PT1H30M");
        assert_eq!(end, "2026-01-06T00:30:00Z");
    }

    #[test]
    fn texts_are_unfolded_and_unescaped() {
        let table = calendar(
            "SUMMARY:Yoga\\, slow\\; an\n d easy\nDESCRIPTION:one\\ntwo\nORGANIZER;CN=\"Mei Lin\":mailto:mei@example.org\nLOCATION:Blue\nUID:1\nDTSTART:20260105T080000Z\nDTEND:20260105T090000Z",
        );
        let cells = &table.rows[0].cells;
        assert_eq!(cells[0], "Yoga, slow; and easy");
        assert_eq!(cells[3], "Mei Lin");
        assert_eq!(cells[5], "one\ntwo");
    }

    #[test]
    fn what_cannot_be_placed_is_refused() {
        let time = "DTSTART:20260105T080000Z\nDTEND:20260105T090000Z";
        assert!(reason(&format!("{time}\nRRULE:FREQ=WEEKLY")).starts_with("recurs (RRULE)"));
        assert!(reason("DTSTART;VALUE=DATE:20260105").contains("whole day"));
        assert!(reason("DTSTART;TZID=Mars/Base:20260105T080000").contains("Mars/Base"));
        assert_eq!(reason("SUMMARY:Yoga"), "has no DTSTART");
        assert_eq!(reason("DTSTART:20260105T080000Z"), "has neither DTEND nor DURATION");
    }

    #[test]
    fn another_format_is_an_error() {
        assert!(read_ics(b"title,start\n").is_err());
    }
}
