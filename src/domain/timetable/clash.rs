//! Finding conflicts: which pairs of courses stand too close on a resource, and which courses are
//! too large for their studio. What a conflict means (refused, reported) is decided elsewhere.

use super::Timetable;
use super::bookings::Booking;
use crate::domain::{
    Conflict, ConflictCourse, ConflictKind, CourseFields, CourseId, MAX_CONFLICTS, Overlap,
    ResourceKey, ResourceKind, Rule,
};

impl Timetable {
    /// Every conflict that the course would be part of with these fields, under today's rules.
    pub(in crate::domain) fn conflicts_with(
        &self,
        id: &CourseId,
        course: &CourseFields,
    ) -> Vec<Conflict> {
        let mut found = Vec::new();
        for key in course.resources() {
            let rule = self.rule(&key);
            let own = self.named(id, course);
            found.extend(self.too_large(&key, rule, course, &own));
            let others = self.too_close(&key, rule, id, course);
            found.extend(others.map(|booking| pair(&key, own.clone(), self.booked(booking))));
        }
        found
    }

    /// Whether a course could stand there without touching another, where that matters.
    pub(in crate::domain) fn is_free(&self, id: &CourseId, course: &CourseFields) -> bool {
        course
            .resources()
            .all(|key| self.too_close(&key, self.rule(&key), id, course).next().is_none())
    }

    /// Every conflict on one resource if `rule` held there; at most [`MAX_CONFLICTS`] and one.
    pub(in crate::domain) fn conflicts_on(&self, key: &ResourceKey, rule: Rule) -> Vec<Conflict> {
        let bookings = self.bookings.on(key);
        let mut found = Vec::new();
        for (index, booking) in bookings.iter().enumerate() {
            let own = self.booked(booking);
            if let Some(course) = self.course(&booking.course_id) {
                found.extend(self.too_large(key, rule, &course.fields, &own));
            }
            let reach = booking.during.extended(rule.buffer).end;
            let close = bookings[index + 1..]
                .iter()
                .take_while(|next| rule.overlap != Overlap::Allow && next.during.start < reach);
            found.extend(close.map(|next| pair(key, own.clone(), self.booked(next))));
            if found.len() > MAX_CONFLICTS {
                break;
            }
        }
        found
    }

    /// Standing conflicts on a resource.
    pub(in crate::domain) fn standing_on(
        &self,
        key: &ResourceKey,
    ) -> impl Iterator<Item = &Conflict> {
        self.conflicts.values().map(AsRef::as_ref).filter(|conflict| {
            conflict.resource_id == key.id && conflict.kind.resource() == key.kind
        })
    }

    fn too_close<'a>(
        &'a self,
        key: &ResourceKey,
        rule: Rule,
        id: &'a CourseId,
        course: &CourseFields,
    ) -> impl Iterator<Item = &'a Booking> {
        self.bookings
            .near(key, course.during, rule.buffer)
            .take_while(move |_| rule.overlap != Overlap::Allow)
            .filter(move |booking| booking.course_id != *id)
    }

    fn too_large(
        &self,
        key: &ResourceKey,
        rule: Rule,
        course: &CourseFields,
        own: &ConflictCourse,
    ) -> Option<Conflict> {
        let exceeds = key.kind == ResourceKind::Studio && course.capacity? > rule.capacity?;
        exceeds.then(|| {
            Conflict::new(ConflictKind::CapacityExceeded, key.id.clone(), vec![own.clone()])
        })
    }

    fn named(&self, id: &CourseId, course: &CourseFields) -> ConflictCourse {
        ConflictCourse {
            course_id: id.clone(),
            room: self.room,
            title: Some(course.title.clone()),
            during: course.during,
        }
    }

    fn booked(&self, booking: &Booking) -> ConflictCourse {
        ConflictCourse {
            course_id: booking.course_id.clone(),
            room: self.room,
            title: self.course(&booking.course_id).map(|course| course.fields.title.clone()),
            during: booking.during,
        }
    }
}

fn pair(key: &ResourceKey, one: ConflictCourse, other: ConflictCourse) -> Conflict {
    Conflict::new(ConflictKind::overlap(key.kind), key.id.clone(), vec![one, other])
}
