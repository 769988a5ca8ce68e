//! Bounds that several values share. Each function names the field and the rule that was broken.

use super::{Invalid, MAX_CAPACITY, MAX_NOTES, MAX_TAG, MAX_TAGS};

/// A text of `least` to `most` characters.
pub(super) fn chars(field: &str, text: &str, least: usize, most: usize) -> Result<(), Invalid> {
    // Every character has at least one byte, so only long texts need counting.
    let count = if text.len() <= most { text.len() } else { text.chars().count() };
    if count < least || count > most {
        let rule = if least == 0 {
            format!("must be at most {most} characters")
        } else {
            format!("must be {least} to {most} characters")
        };
        return Err(Invalid::new(field, rule));
    }
    Ok(())
}

/// A number of people.
pub(super) fn capacity(capacity: Option<u32>) -> Result<(), Invalid> {
    match capacity {
        Some(people) if !(1..=MAX_CAPACITY).contains(&people) => {
            Err(Invalid::new("capacity", "must be 1 to 100000"))
        }
        _ => Ok(()),
    }
}

/// `#rrggbb`.
pub(super) fn color(color: Option<&str>) -> Result<(), Invalid> {
    let fits = |text: &str| {
        text.strip_prefix('#')
            .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    match color {
        Some(text) if !fits(text) => Err(Invalid::new("color", "must be #rrggbb")),
        _ => Ok(()),
    }
}

/// Free text about a course.
pub(super) fn notes(notes: Option<&str>) -> Result<(), Invalid> {
    notes.map_or(Ok(()), |text| chars("notes", text, 0, MAX_NOTES))
}

/// A list of tags.
pub(super) fn tags(tags: &[String]) -> Result<(), Invalid> {
    if tags.len() > MAX_TAGS {
        return Err(Invalid::new("tags", format!("must be at most {MAX_TAGS}")));
    }
    tags.iter()
        .enumerate()
        .try_for_each(|(index, tag)| chars(&format!("tags[{index}]"), tag, 1, MAX_TAG))
}
