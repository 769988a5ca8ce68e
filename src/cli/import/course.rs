//! One row as a course, or the reason why it is none. The service checks everything again; checking
//! here names the row and keeps one bad row from costing a batch.

use jiff::tz::TimeZone;

use super::mapping::{Key, Mapping, name};
use super::when;
use crate::domain::{HOUR, Instant, MAX_CAPACITY, MAX_NOTES, MAX_TAG, MAX_TAGS, MAX_TITLE, MINUTE};

/// A course to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCourse {
    /// Where it comes from.
    pub row: usize,
    /// Its id, the same at every import.
    pub id: String,
    /// What is held.
    pub title: String,
    /// First millisecond.
    pub starts_at: Instant,
    /// First millisecond after.
    pub ends_at: Instant,
    /// Who leads it, by name.
    pub trainer: Option<String>,
    /// Where, by name.
    pub studio: Option<String>,
    /// How many fit.
    pub capacity: Option<u32>,
    /// `#rrggbb`, lower case.
    pub color: Option<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
}

/// Reads a row; the id is left empty for the caller, who knows the room.
///
/// # Errors
/// The reason in words.
pub fn course(
    row: usize,
    cells: &[String],
    mapping: &Mapping,
    zone: &TimeZone,
) -> Result<PlannedCourse, String> {
    let value = |key| mapping.value(key, cells);
    let required = |key| value(key).ok_or_else(|| format!("{} is empty", name(key)));
    let time = |key| -> Result<Instant, String> {
        when::instant(&required(key)?, zone).map_err(|why| format!("{} {why}", name(key)))
    };
    let (starts_at, ends_at) = (time(Key::Start)?, time(Key::End)?);
    check_length(starts_at, ends_at)?;
    Ok(PlannedCourse {
        row,
        id: String::new(),
        title: within(Key::Title, required(Key::Title)?, MAX_TITLE)?,
        starts_at,
        ends_at,
        trainer: optional(Key::Trainer, value(Key::Trainer), MAX_TITLE)?,
        studio: optional(Key::Studio, value(Key::Studio), MAX_TITLE)?,
        capacity: value(Key::Capacity).map(|text| capacity(&text)).transpose()?,
        color: value(Key::Color).map(|text| color(&text)).transpose()?,
        notes: optional(Key::Notes, value(Key::Notes), MAX_NOTES)?,
        tags: tags(&value(Key::Tags).unwrap_or_default())?,
    })
}

fn check_length(starts_at: Instant, ends_at: Instant) -> Result<(), String> {
    match ends_at.0 - starts_at.0 {
        ..=0 => Err("ends before it starts".into()),
        1..MINUTE => Err("is shorter than a minute".into()),
        length if length > 24 * HOUR => Err("is longer than 24 hours".into()),
        _ => Ok(()),
    }
}

fn within(key: Key, text: String, most: usize) -> Result<String, String> {
    if text.chars().count() > most {
        return Err(format!("{} is longer than {most} characters", name(key)));
    }
    Ok(text)
}

fn optional(key: Key, text: Option<String>, most: usize) -> Result<Option<String>, String> {
    text.map(|text| within(key, text, most)).transpose()
}

fn capacity(text: &str) -> Result<u32, String> {
    let people = text.parse().ok().filter(|people| (1..=MAX_CAPACITY).contains(people));
    people.ok_or_else(|| format!("capacity {text:?} is no number from 1 to {MAX_CAPACITY}"))
}

fn color(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix('#').unwrap_or(text);
    if hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(format!("#{}", hex.to_ascii_lowercase()));
    }
    Err(format!("color {text:?} is not of the form #rrggbb"))
}

fn tags(text: &str) -> Result<Vec<String>, String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(within(Key::Tags, tag.to_owned(), MAX_TAG)?);
        }
    }
    if tags.len() > MAX_TAGS {
        return Err(format!("has more than {MAX_TAGS} tags"));
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 7] = ["title", "start", "end", "trainer", "capacity", "color", "tags"];

    fn read(cells: [&str; 7]) -> Result<PlannedCourse, String> {
        let columns = COLUMNS.map(str::to_owned);
        let mapping = Mapping::resolve(&[], &columns).expect("the columns are obvious");
        course(2, &cells.map(str::to_owned), &mapping, &TimeZone::UTC)
    }

    #[test]
    fn a_full_row() {
        let full = ["Yoga", "2026-01-05 9:00", "2026-01-05 10:00", "mei", "12", "FF00aa", "a, b;a"];
        let course = read(full).expect("is fine");
        assert_eq!(course.ends_at.0 - course.starts_at.0, HOUR);
        assert_eq!(course.trainer.as_deref(), Some("mei"));
        assert_eq!((course.capacity, course.color.as_deref()), (Some(12), Some("#ff00aa")));
        assert_eq!(course.tags, ["a", "b"]);
    }

    #[test]
    fn reasons_name_what_is_wrong() {
        let (start, end) = ("2026-01-05 9:00", "2026-01-05 10:00");
        let reason = |cells| read(cells).expect_err("is wrong");
        assert_eq!(reason(["", start, end, "", "", "", ""]), "title is empty");
        assert!(reason(["Yoga", "soon", end, "", "", "", ""]).starts_with("start \"soon\""));
        assert_eq!(reason(["Yoga", end, start, "", "", "", ""]), "ends before it starts");
        assert!(reason(["Yoga", start, "2026-01-07 9:00", "", "", "", ""]).contains("24 hours"));
        assert!(reason(["Yoga", start, end, "", "0", "", ""]).starts_with("capacity \"0\""));
        assert!(reason(["Yoga", start, end, "", "", "red", ""]).starts_with("color \"red\""));
    }
}
