//! Times as people write them in files: RFC 3339 with an offset, or a date and a time of day in the
//! import's time zone, single digits allowed (`2026-01-05 9:5`).

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::domain::Instant;

/// The instant of a written time. A local time that does not exist (clocks go forward) is taken
/// with the offset before the change, one that exists twice is the first.
///
/// # Errors
/// The reason in words.
pub fn instant(text: &str, zone: &TimeZone) -> Result<Instant, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Instant(at.as_millisecond()));
    }
    local(text, zone).ok_or_else(|| format!("{text:?} is no time; write YYYY-MM-DD HH:MM"))
}

fn local(text: &str, zone: &TimeZone) -> Option<Instant> {
    let (date, time) = text.split_once(['T', ' '])?;
    let date: Date = date.trim().parse().ok()?;
    let mut parts = time.trim().split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = parts.next().unwrap_or("0").parse().ok()?;
    if parts.next().is_some() {
        return None;
    }
    // 24:00 is how timetables write the midnight at the end of a day.
    let (date, hour) = match (hour, minute, second) {
        (24, 0, 0) => (date.checked_add(1.day()).ok()?, 0),
        _ => (date, hour),
    };
    let time = Time::new(hour, minute, second, 0).ok()?;
    let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(Instant(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Result<String, String> {
        let zone = TimeZone::get("America/Toronto").expect("is in the bundled database");
        let at = instant(text, &zone)?;
        Ok(Timestamp::from_millisecond(at.0).expect("came from a timestamp").to_string())
    }

    #[test]
    fn local_and_absolute_times() {
        assert_eq!(utc("2026-01-05 9:5").as_deref(), Ok("2026-01-05T14:05:00Z"));
        assert_eq!(utc("2026-07-05T09:05:30").as_deref(), Ok("2026-07-05T13:05:30Z"));
        assert_eq!(utc("2026-01-05T09:05:00+01:00").as_deref(), Ok("2026-01-05T08:05:00Z"));
        assert_eq!(utc("2026-01-05 24:00").as_deref(), Ok("2026-01-06T05:00:00Z"));
    }

    #[test]
    fn times_in_the_gap_and_in_the_fold() {
        assert_eq!(utc("2026-03-08 02:30").as_deref(), Ok("2026-03-08T07:30:00Z"));
        assert_eq!(utc("2026-11-01 01:30").as_deref(), Ok("2026-11-01T05:30:00Z"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "soon", "2026-01-05", "2026-13-05 9:00", "2026-01-05 25:00", "1/5/26 9:00"]
        {
            assert!(utc(text).is_err(), "{text}");
        }
    }
}
