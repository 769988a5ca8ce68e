//! Trainers and studios, and what may overlap on them.

use super::{Invalid, MAX_TITLE, MINUTE, ResourceId, bounds};

/// The longest buffer, in minutes.
pub const MAX_BUFFER_MINUTES: u32 = 240;

/// Which name space a [`ResourceId`] belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A person who leads courses.
    Trainer,
    /// A place where courses are held.
    Studio,
}

/// What happens when two courses want the same resource at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Refused, across all rooms of the tenant.
    Forbid,
    /// Committed and reported.
    Warn,
    /// Ignored.
    Allow,
}

/// A resource by kind and id: the two kinds never clash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey {
    /// Trainer or studio.
    pub kind: ResourceKind,
    /// Its id.
    pub id: ResourceId,
}

/// What people may set on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceFields {
    /// Trainer or studio.
    pub kind: ResourceKind,
    /// 1–200 characters.
    pub name: String,
    /// How many people fit, 1–100,000.
    pub capacity: Option<u32>,
    /// The overlap rule.
    pub overlap: Overlap,
    /// Least minutes between two courses, 0–240.
    pub buffer_minutes: u32,
}

/// A registered resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Unique in its room.
    pub id: ResourceId,
    /// 1 when created, plus 1 with each event that changes it.
    pub version: u32,
    /// What people set.
    pub fields: ResourceFields,
}

impl ResourceFields {
    /// Checks every bound; paths are relative to the resource.
    ///
    /// # Errors
    /// The first broken bound.
    pub fn validate(&self) -> Result<(), Invalid> {
        bounds::chars("name", &self.name, 1, MAX_TITLE)?;
        bounds::capacity(self.capacity)?;
        if self.buffer_minutes > MAX_BUFFER_MINUTES {
            return Err(Invalid::new("bufferMinutes", "must be 0 to 240"));
        }
        Ok(())
    }

    /// The rule that the resource sets.
    #[must_use]
    pub fn rule(&self) -> Rule {
        Rule {
            overlap: self.overlap,
            buffer: i64::from(self.buffer_minutes) * MINUTE,
            capacity: self.capacity,
        }
    }
}

impl Resource {
    /// Its kind and id.
    #[must_use]
    pub fn key(&self) -> ResourceKey {
        ResourceKey { kind: self.fields.kind, id: self.id.clone() }
    }
}

/// What holds on a resource, registered or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What an overlap means.
    pub overlap: Overlap,
    /// Least milliseconds between two courses.
    pub buffer: i64,
    /// How many people fit, where known.
    pub capacity: Option<u32>,
}
