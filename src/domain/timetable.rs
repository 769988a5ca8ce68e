//! The folded state of a room: courses, resources, templates, policy, and what clashes. It never
//! decides and never fails; rooms, snapshots and `decide` read it, committed events change it.
//!
//! A clone shares its values with the original, so that a speculative state costs little.

mod bookings;
mod clash;
mod fold;

pub(super) use fold::Author;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{
    Conflict, Course, CourseId, Policy, Resource, ResourceId, ResourceKey, ResourceKind, RoomId,
    Rule, Template, TemplateId, fnv,
};
use bookings::Bookings;

/// The state of one room after some event.
#[derive(Clone, Debug)]
pub struct Timetable {
    room: RoomId,
    timezone: TimeZone,
    policy: Policy,
    head: u64,
    digest: u32,
    courses: BTreeMap<CourseId, Arc<Course>>,
    resources: BTreeMap<(ResourceId, ResourceKind), Arc<Resource>>,
    templates: BTreeMap<TemplateId, Arc<Template>>,
    conflicts: BTreeMap<String, Arc<Conflict>>,
    /// Ids of those among them that name a course of another room.
    elsewhere: BTreeSet<String>,
    bookings: Bookings,
}

/// A timetable as plain values, for snapshots. Its time zone belongs to the room, not to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimetableParts {
    /// Whose.
    pub room: RoomId,
    /// The last event folded in.
    pub head: u64,
    /// The room's rules.
    pub policy: Policy,
    /// Sorted by id.
    pub courses: Vec<Course>,
    /// Sorted by id, then kind.
    pub resources: Vec<Resource>,
    /// Sorted by id.
    pub templates: Vec<Template>,
    /// Standing conflicts, sorted by id.
    pub conflicts: Vec<Conflict>,
}

impl Timetable {
    /// An empty timetable before its first event.
    #[must_use]
    pub fn new(room: RoomId, timezone: TimeZone, policy: Policy) -> Self {
        Self {
            room,
            timezone,
            policy,
            head: 0,
            digest: 0,
            courses: BTreeMap::new(),
            resources: BTreeMap::new(),
            templates: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            bookings: Bookings::default(),
        }
    }

    /// The timetable that the parts describe, in UTC until [`Timetable::set_timezone`].
    #[must_use]
    pub fn from_parts(parts: TimetableParts) -> Self {
        let mut timetable = Self::new(parts.room, TimeZone::UTC, parts.policy);
        timetable.head = parts.head;
        parts.courses.into_iter().for_each(|course| timetable.put_course(Arc::new(course)));
        parts.resources.into_iter().for_each(|resource| timetable.put_resource(resource));
        parts.templates.into_iter().for_each(|template| timetable.put_template(template));
        parts.conflicts.into_iter().for_each(|conflict| timetable.put_conflict(conflict));
        timetable
    }

    /// Everything as plain values.
    #[must_use]
    pub fn to_parts(&self) -> TimetableParts {
        TimetableParts {
            room: self.room,
            head: self.head,
            policy: self.policy,
            courses: self.courses().map(|course| Course::clone(course)).collect(),
            resources: self.resources().cloned().collect(),
            templates: self.templates().cloned().collect(),
            conflicts: self.conflicts(),
        }
    }

    /// Whose timetable it is.
    #[must_use]
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// Sequence number of the last event folded in.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Checksum of ids and versions; 0 when empty, eight hex digits on the wire.
    #[must_use]
    pub fn digest(&self) -> u32 {
        self.digest
    }

    /// The room's rules.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The zone in which templates are read.
    #[must_use]
    pub fn timezone(&self) -> &TimeZone {
        &self.timezone
    }

    /// Changes the zone in which templates are read; courses stay where they are.
    pub fn set_timezone(&mut self, timezone: TimeZone) {
        self.timezone = timezone;
    }

    /// A course.
    #[must_use]
    pub fn course(&self, id: &CourseId) -> Option<&Arc<Course>> {
        self.courses.get(id)
    }

    /// All courses by id.
    pub fn courses(&self) -> impl ExactSizeIterator<Item = &Arc<Course>> {
        self.courses.values()
    }

    /// A registered resource.
    #[must_use]
    pub fn resource(&self, key: &ResourceKey) -> Option<&Arc<Resource>> {
        self.resources.get(&(key.id.clone(), key.kind))
    }

    /// All registered resources by id, then kind.
    pub fn resources(&self) -> impl ExactSizeIterator<Item = &Resource> {
        self.resources.values().map(Arc::as_ref)
    }

    /// A template.
    #[must_use]
    pub fn template(&self, id: &TemplateId) -> Option<&Arc<Template>> {
        self.templates.get(id)
    }

    /// All templates by id.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = &Template> {
        self.templates.values().map(Arc::as_ref)
    }

    /// A standing conflict.
    #[must_use]
    pub fn conflict(&self, id: &str) -> Option<&Arc<Conflict>> {
        self.conflicts.get(id)
    }

    /// All standing conflicts by id.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        self.conflicts.values().map(|conflict| Conflict::clone(conflict)).collect()
    }

    /// Whether a standing conflict is with a course of another room.
    #[must_use]
    pub fn is_elsewhere(&self, id: &str) -> bool {
        self.elsewhere.contains(id)
    }

    /// Standing conflicts of a course with courses of other rooms: those that an owner committed
    /// over. They stand until the course of this room changes its place or goes.
    pub fn conflicts_elsewhere(&self, id: &CourseId) -> impl Iterator<Item = &Conflict> {
        let found = self.elsewhere.iter().filter_map(|conflict| self.conflicts.get(conflict));
        found.map(AsRef::as_ref).filter(move |conflict| conflict.names(id, self.room))
    }

    /// How many conflicts stand.
    #[must_use]
    pub fn conflict_count(&self) -> usize {
        self.conflicts.len()
    }

    /// What holds on a resource: its own rule, or the room's default when it is not registered.
    #[must_use]
    pub fn rule(&self, key: &ResourceKey) -> Rule {
        self.resource(key).map_or_else(|| self.default_rule(), |found| found.fields.rule())
    }

    /// What holds on a resource that is not registered.
    #[must_use]
    pub fn default_rule(&self) -> Rule {
        self.policy.default_rule()
    }

    /// Courses on a resource, by start.
    pub fn courses_on(&self, key: &ResourceKey) -> impl Iterator<Item = &Arc<Course>> {
        self.bookings.on(key).iter().filter_map(|booking| self.courses.get(&booking.course_id))
    }

    /// Resources that courses use without being registered.
    pub fn unregistered(&self) -> impl Iterator<Item = &ResourceKey> {
        self.bookings.keys().filter(|key| self.resource(key).is_none())
    }

    fn put_conflict(&mut self, conflict: Conflict) {
        if conflict.courses.iter().any(|course| course.room != self.room) {
            self.elsewhere.insert(conflict.id.clone());
        }
        self.conflicts.insert(conflict.id.clone(), Arc::new(conflict));
    }

    fn put_course(&mut self, course: Arc<Course>) {
        self.remove_course(&course.id);
        self.digest ^= fnv::entity(course.id.as_str(), course.version);
        self.bookings.add(&course.id, &course.fields);
        self.courses.insert(course.id.clone(), course);
    }

    fn remove_course(&mut self, id: &CourseId) {
        if let Some(old) = self.courses.remove(id) {
            self.digest ^= fnv::entity(id.as_str(), old.version);
            self.bookings.remove(id, &old.fields);
        }
    }

    fn put_resource(&mut self, resource: Resource) {
        self.digest ^= fnv::entity(resource.id.as_str(), resource.version);
        let key = (resource.id.clone(), resource.fields.kind);
        if let Some(old) = self.resources.insert(key, Arc::new(resource)) {
            self.digest ^= fnv::entity(old.id.as_str(), old.version);
        }
    }

    fn remove_resource(&mut self, id: &ResourceId, kind: ResourceKind) {
        if let Some(old) = self.resources.remove(&(id.clone(), kind)) {
            self.digest ^= fnv::entity(id.as_str(), old.version);
        }
    }

    fn put_template(&mut self, template: Template) {
        self.digest ^= fnv::entity(template.id.as_str(), template.version);
        if let Some(old) = self.templates.insert(template.id.clone(), Arc::new(template)) {
            self.digest ^= fnv::entity(old.id.as_str(), old.version);
        }
    }

    fn remove_template(&mut self, id: &TemplateId) {
        if let Some(old) = self.templates.remove(id) {
            self.digest ^= fnv::entity(id.as_str(), old.version);
        }
    }
}
