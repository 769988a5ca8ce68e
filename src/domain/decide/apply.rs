//! Applying a template: every class of the week, on every day asked for, in the room's time zone.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::case::Case;
use super::course::create;
use super::step::Step;
use super::template;
use super::unit::Unit;
use crate::domain::{
    Change, Course, Date, Instant, Interval, Invalid, MAX_APPLY_COURSES, MAX_COURSES, MAX_LISTED,
    MINUTE, OnConflict, Refusal, Skipped, Slot, Template, TemplateId, Timetable,
};

/// The courses of a template for all days from the first to the last, both included.
pub(super) fn apply(
    state: &Timetable,
    id: &TemplateId,
    days: (Date, Date),
    on_conflict: OnConflict,
    case: &mut Case<'_>,
) -> Result<Step, Refusal> {
    let found = state.template(id).ok_or_else(|| Refusal::not_found("template", "templateId"))?;
    template::check_base(found, case)?;
    let occurrences = occurrences(found, days, state)?;
    let mut unit = Unit::new(state);
    let mut skipped = Vec::new();
    for (slot, during) in occurrences {
        let course = slot.course(during);
        let step = create(&unit.scratch, None, &course, case)?;
        if on_conflict == OnConflict::Skip && !step.forbidden.is_empty() && !case.lenient() {
            let conflicts = step.forbidden.into_iter().take(MAX_LISTED).collect();
            skipped.push(Skipped { title: course.title, during, conflicts });
            continue;
        }
        unit.add(step, case)?;
        if unit.is_hopeless(case) {
            break;
        }
    }
    let (from, to) = days;
    Ok(unit.finish(|changes| Change::TemplateApply {
        template_id: id.clone(),
        from,
        to,
        courses: changes.into_iter().filter_map(created).collect(),
        skipped,
    }))
}

fn created(change: Change) -> Option<Course> {
    match change {
        Change::CourseCreate(course) => Some(*course),
        _ => None,
    }
}

/// Every class of the template in the order of days, then slots.
fn occurrences<'a>(
    template: &'a Template,
    (from, to): (Date, Date),
    state: &Timetable,
) -> Result<Vec<(&'a Slot, Interval)>, Refusal> {
    let first = from.civil().map_err(|invalid| invalid.under("from"))?;
    let last = to.civil().map_err(|invalid| invalid.under("to"))?;
    let mut found = Vec::new();
    for day in first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last) {
        let weekday = day.weekday().to_monday_one_offset();
        for slot in template.slots.iter().filter(|slot| slot.weekday as i8 == weekday) {
            let during = occurrence(state.timezone(), day, slot)
                .ok_or_else(|| Invalid::new("to", "is too far in the future"))?;
            found.push((slot, during));
            if found.len() > MAX_APPLY_COURSES {
                let rule = format!("would make more than {MAX_APPLY_COURSES} courses at once");
                return Err(Invalid::new("to", rule).into());
            }
        }
    }
    if state.courses().len() + found.len() > MAX_COURSES {
        let rule = format!("would make more than {MAX_COURSES} courses in the room");
        return Err(Invalid::new("to", rule).into());
    }
    Ok(found)
}

/// When a slot's class is held on that day; none when that is after the last year.
fn occurrence(zone: &TimeZone, day: jiff::civil::Date, slot: &Slot) -> Option<Interval> {
    let (hour, minute) = ((slot.start_minute / 60) as i8, (slot.start_minute % 60) as i8);
    let start = instant(zone, day.at(hour, minute, 0, 0))?;
    let during = Interval { start, end: start.plus(i64::from(slot.minutes) * MINUTE) };
    during.validate().is_ok().then_some(during)
}

/// The point in time of a local one, as RFC 5545 reads it. Where the clock is put forward over it, it
/// is later by the gap; where the clock shows it twice, it is the first time.
fn instant(zone: &TimeZone, local: DateTime) -> Option<Instant> {
    let timestamp = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(Instant(timestamp.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn utc(zone: &str, local: DateTime) -> String {
        let zone = TimeZone::get(zone).expect("a bundled zone");
        let found = instant(&zone, local).expect("in range");
        jiff::Timestamp::from_millisecond(found.0).expect("in range").to_string()
    }

    #[test]
    fn a_time_in_a_gap_is_later_by_the_gap() {
        for minute in [0, 30, 59] {
            let local = date(2027, 3, 14).at(2, minute, 0, 0);
            assert_eq!(utc("America/Toronto", local), format!("2027-03-14T07:{minute:02}:00Z"));
            let local = date(2026, 3, 29).at(2, minute, 0, 0);
            assert_eq!(utc("Europe/Berlin", local), format!("2026-03-29T01:{minute:02}:00Z"));
        }
    }

    #[test]
    fn a_fold_is_its_first_time() {
        let local = date(2026, 11, 1).at(1, 30, 0, 0);
        assert_eq!(utc("America/Toronto", local), "2026-11-01T05:30:00Z");
        let local = date(2026, 10, 25).at(2, 30, 0, 0);
        assert_eq!(utc("Europe/Berlin", local), "2026-10-25T00:30:00Z");
    }
}
