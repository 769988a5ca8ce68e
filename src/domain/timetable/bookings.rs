//! Who is where when: the courses of each resource, by start. Courses are at most a day long, so a
//! question about an interval looks at a bounded stretch before it. A clone shares the lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{CourseFields, CourseId, Interval, MAX_LENGTH, ResourceKey};

/// One course on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Booking {
    /// When, without a buffer.
    pub(super) during: Interval,
    /// Which.
    pub(super) course_id: CourseId,
}

/// The bookings of every resource that has any.
#[derive(Clone, Debug, Default)]
pub(super) struct Bookings {
    by_resource: BTreeMap<ResourceKey, Arc<Vec<Booking>>>,
}

impl Bookings {
    /// Resources with at least one booking.
    pub(super) fn keys(&self) -> impl Iterator<Item = &ResourceKey> {
        self.by_resource.keys()
    }

    /// The bookings of a resource by start.
    pub(super) fn on(&self, key: &ResourceKey) -> &[Booking] {
        self.by_resource.get(key).map_or(&[], |bookings| bookings)
    }

    /// Bookings that come closer than `buffer` milliseconds to `during`, by start.
    pub(super) fn near<'a>(
        &'a self,
        key: &ResourceKey,
        during: Interval,
        buffer: i64,
    ) -> impl Iterator<Item = &'a Booking> {
        let bookings = self.on(key);
        let wanted = during.extended(buffer);
        let earliest = during.start.plus(-(MAX_LENGTH + buffer));
        let first = bookings.partition_point(|booking| booking.during.start < earliest);
        bookings[first..]
            .iter()
            .take_while(move |booking| booking.during.start < wanted.end)
            .filter(move |booking| booking.during.extended(buffer).overlaps(wanted))
    }

    /// Adds a course to the resources that it takes.
    pub(super) fn add(&mut self, id: &CourseId, course: &CourseFields) {
        for key in course.resources() {
            let bookings = Arc::make_mut(self.by_resource.entry(key).or_default());
            let at = position(bookings, id, course.during).unwrap_or_else(|free| free);
            bookings.insert(at, Booking { during: course.during, course_id: id.clone() });
        }
    }

    /// Takes a course off the resources that it took.
    pub(super) fn remove(&mut self, id: &CourseId, course: &CourseFields) {
        for key in course.resources() {
            let Some(bookings) = self.by_resource.get_mut(&key) else { continue };
            if let Ok(at) = position(bookings, id, course.during) {
                Arc::make_mut(bookings).remove(at);
            }
            if bookings.is_empty() {
                self.by_resource.remove(&key);
            }
        }
    }
}

fn position(bookings: &[Booking], id: &CourseId, during: Interval) -> Result<usize, usize> {
    bookings.binary_search_by(|booking| {
        (booking.during.start, &booking.course_id).cmp(&(during.start, id))
    })
}
