//! One row as a course, or the reason why it is none. The service checks everything again; checking
//! here names the row and keeps one bad row from costing a batch.

use jiff::tz::TimeZone;

use super::ids::resource_id;
use super::mapping::{Key, Mapping, name};
use super::when;
use crate::domain::{CourseFields, Instant, Interval};

/// A course to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCourse {
    /// Where it comes from.
    pub row: usize,
    /// Its id, the same at every import.
    pub id: String,
    /// Within the domain's bounds.
    pub fields: CourseFields,
    /// Who leads it, by name.
    pub trainer: Option<String>,
    /// Where, by name.
    pub studio: Option<String>,
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
    let (trainer, studio) = (value(Key::Trainer), value(Key::Studio));
    let fields = CourseFields {
        title: required(Key::Title)?,
        during: Interval { start: time(Key::Start)?, end: time(Key::End)? },
        trainer_id: trainer.as_deref().map(resource_id),
        studio_id: studio.as_deref().map(resource_id),
        capacity: value(Key::Capacity).map(|text| capacity(&text)).transpose()?,
        color: value(Key::Color).map(|text| color(&text)),
        notes: value(Key::Notes),
        tags: tags(&value(Key::Tags).unwrap_or_default()),
    };
    fields.validate().map_err(|invalid| format!("{} {}", invalid.field, invalid.rule))?;
    Ok(PlannedCourse { row, id: String::new(), fields, trainer, studio })
}

fn capacity(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("capacity {text:?} is no number"))
}

fn color(text: &str) -> String {
    format!("#{}", text.trim_start_matches('#').to_ascii_lowercase())
}

fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::HOUR;

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
        assert_eq!(course.trainer.as_deref(), Some("mei"));
        let fields = course.fields;
        assert_eq!(fields.during.length(), HOUR);
        assert_eq!((fields.capacity, fields.color.as_deref()), (Some(12), Some("#ff00aa")));
        assert_eq!(fields.tags, ["a", "b"]);
    }

    #[test]
    fn reasons_name_what_is_wrong() {
        let (start, end) = ("2026-01-05 9:00", "2026-01-05 10:00");
        let reason = |cells| read(cells).expect_err("is wrong");
        assert_eq!(reason(["", start, end, "", "", "", ""]), "title is empty");
        assert!(reason(["Yoga", "soon", end, "", "", "", ""]).starts_with("start \"soon\""));
        assert!(reason(["Yoga", end, start, "", "", "", ""]).starts_with("endsAt must be"));
        assert!(reason(["Yoga", start, "2026-01-07 9:00", "", "", "", ""]).starts_with("endsAt"));
        assert!(reason(["Yoga", start, end, "", "0", "", ""]).starts_with("capacity must be"));
        assert!(reason(["Yoga", start, end, "", "many", "", ""]).starts_with("capacity \"many\""));
        assert_eq!(reason(["Yoga", start, end, "", "", "red", ""]), "color must be #rrggbb");
    }
}
