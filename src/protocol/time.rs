//! Points in time, days and times of day as text: RFC 3339, `YYYY-MM-DD`, `HH:MM`.
//!
//! Written in UTC, with milliseconds only when they are not zero. Read with any offset and up to
//! nanoseconds, which are cut to milliseconds.

use jiff::Timestamp;
use jiff::civil;
use jiff::fmt::temporal::DateTimePrinter;

use crate::domain::{Date, Instant};

const TIME_RULE: &str = "must be an RFC 3339 time such as 2026-01-05T13:00:00Z";
const DATE_RULE: &str = "must be a day such as 2026-01-05";
const CLOCK_RULE: &str = "must be a time of day such as 07:30";

/// An instant as RFC 3339 text. Instants outside the calendar's years are cut to its ends.
#[must_use]
pub fn format_instant(instant: Instant) -> String {
    let ends = Timestamp::MIN.as_millisecond()..=Timestamp::MAX.as_millisecond();
    let millis = instant.0.clamp(*ends.start(), *ends.end());
    let precision = if millis % 1_000 == 0 { None } else { Some(3) };
    let printer = DateTimePrinter::new().precision(precision);
    let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    printer.timestamp_to_string(&time)
}

/// Reads RFC 3339 text.
///
/// # Errors
/// The rule that the text breaks.
pub fn parse_instant(text: &str) -> Result<Instant, &'static str> {
    if !looks_like_rfc3339(text.as_bytes()) {
        return Err(TIME_RULE);
    }
    let time: Timestamp = text.parse().map_err(|_| TIME_RULE)?;
    Ok(Instant(time.as_nanosecond().div_euclid(1_000_000) as i64))
}

/// The calendar library reads more than RFC 3339: this is the shape that the contract promises.
fn looks_like_rfc3339(text: &[u8]) -> bool {
    if text.len() < 20 || !shaped(&text[..19], b"0000-00-00T00:00:00") {
        return false;
    }
    let rest = &text[19..];
    let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let offset = match rest[0] {
        b'.' if (1..=9).contains(&digits) => &rest[digits + 1..],
        _ => rest,
    };
    matches!(offset, b"Z" | b"z") || shaped(offset, b"+00:00") || shaped(offset, b"-00:00")
}

fn shaped(text: &[u8], shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.iter().zip(shape).all(|(byte, place)| match place {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't'),
            other => byte == other,
        })
}

/// A day as `YYYY-MM-DD`.
#[must_use]
pub fn format_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// Reads `YYYY-MM-DD`.
///
/// # Errors
/// The rule that the text breaks.
pub fn parse_date(text: &str) -> Result<Date, &'static str> {
    if !shaped(text.as_bytes(), b"0000-00-00") {
        return Err(DATE_RULE);
    }
    let day: civil::Date = text.parse().map_err(|_| DATE_RULE)?;
    Ok(Date { year: day.year(), month: day.month(), day: day.day() })
}

/// Minutes after midnight as `HH:MM`.
#[must_use]
pub fn format_clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads `HH:MM`, 00:00 to 23:59, as minutes after midnight.
///
/// # Errors
/// The rule that the text breaks.
pub fn parse_clock(text: &str) -> Result<u16, &'static str> {
    let bytes = text.as_bytes();
    if !shaped(bytes, b"00:00") {
        return Err(CLOCK_RULE);
    }
    let two = |at: usize| u16::from(bytes[at] - b'0') * 10 + u16::from(bytes[at + 1] - b'0');
    let (hour, minute) = (two(0), two(3));
    if hour < 24 && minute < 60 { Ok(hour * 60 + minute) } else { Err(CLOCK_RULE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_written_only_when_there_are_some() {
        assert_eq!(format_instant(Instant(1_767_618_000_000)), "2026-01-05T13:00:00Z");
        assert_eq!(format_instant(Instant(1_767_618_000_100)), "2026-01-05T13:00:00.100Z");
        assert_eq!(format_instant(Instant(-1)), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn offsets_and_nanoseconds_are_read() {
        let at = |text| parse_instant(text).map(|instant| instant.0);
        assert_eq!(at("2026-01-05T13:00:00Z"), Ok(1_767_618_000_000));
        assert_eq!(at("2026-01-05T14:30:00+01:30"), Ok(1_767_618_000_000));
        assert_eq!(at("2026-01-05t13:00:00.123999999z"), Ok(1_767_618_000_123));
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "2026-01-05",
            "2026-01-05 13:00:00Z",
            "2026-01-05T13:00:00",
            "2026-13-05T13:00:00Z",
            "2026-01-05T13:00:00.Z",
            "2026-01-05T13:00:00.1234567890Z",
            "2026-01-05T13:00:00+01:00[Europe/Berlin]",
            "2026-01-05T13:00:00é",
        ] {
            assert_eq!(parse_instant(text), Err(TIME_RULE), "{text}");
        }
    }

    #[test]
    fn every_end_of_the_scale_can_be_written() {
        for millis in [i64::MIN, i64::MAX, 0] {
            assert!(format_instant(Instant(millis)).ends_with('Z'));
        }
    }

    #[test]
    fn days_and_clocks() {
        assert_eq!(parse_date("2024-02-29").map(format_date), Ok("2024-02-29".into()));
        assert_eq!(parse_date("2026-02-29"), Err(DATE_RULE));
        assert_eq!(parse_clock("23:59").map(format_clock), Ok("23:59".into()));
        assert_eq!(parse_clock("24:00"), Err(CLOCK_RULE));
    }
}
