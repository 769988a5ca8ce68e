//! Why an operation did not take effect, in terms a person can act on.

use super::{
    Conflict, Course, CourseId, Instant, Resource, SessionId, Suggestion, Template, UserId,
};

/// A value outside its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Invalid {
    /// Path of the field as the client wrote it, such as `course.title`; may be empty while the
    /// caller has not yet added it.
    pub field: String,
    /// The rule, as a phrase after the field's name: "must be 1 to 200 characters".
    pub rule: String,
}

impl Invalid {
    /// A broken rule on a field.
    #[must_use]
    pub fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }

    /// The same, with `prefix` put before the field's path.
    #[must_use]
    pub fn under(self, prefix: &str) -> Self {
        let field = if self.field.is_empty() {
            prefix.to_owned()
        } else {
            format!("{prefix}.{}", self.field)
        };
        Self { field, rule: self.rule }
    }
}

/// The current entity, for a client whose base was too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A course.
    Course(Box<Course>),
    /// A resource.
    Resource(Resource),
    /// A template.
    Template(Template),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// No such course, resource, template or operation.
    #[error("{what} not found")]
    NotFound {
        /// "course", "resource", "template", "operation" or "sequence".
        what: &'static str,
        /// Path of the field that named it.
        field: String,
    },
    /// A bound was broken.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Someone changed the same thing since `baseVersion`.
    #[error("changed since the base version")]
    Stale(Entity),
    /// A rule of the timetable.
    #[error("conflicts with other bookings")]
    Conflict {
        /// With what.
        conflicts: Vec<Conflict>,
        /// What would work, at most three.
        suggestions: Vec<Suggestion>,
    },
    /// Another session holds the course.
    #[error("locked by another session")]
    Locked {
        /// Which.
        course_id: CourseId,
        /// Whose.
        user_id: UserId,
        /// Which connection.
        session_id: SessionId,
        /// Until when.
        expires_at: Instant,
    },
    /// An undo or redo would overwrite a colleague's later change.
    #[error("{reason}")]
    Overtaken {
        /// In words.
        reason: String,
        /// Who changed it since.
        user_id: Option<UserId>,
        /// With which event.
        seq: Option<u64>,
    },
}

impl Refusal {
    /// The same, with `prefix` put before the path of the field that it names, if it names one.
    #[must_use]
    pub fn under(self, prefix: &str) -> Self {
        match self {
            Self::Invalid(invalid) => Self::Invalid(invalid.under(prefix)),
            Self::NotFound { what, field } => {
                Self::NotFound { what, field: Invalid::new(field, "").under(prefix).field }
            }
            other => other,
        }
    }

    /// No such `what`, which `field` named.
    #[must_use]
    pub fn not_found(what: &'static str, field: &str) -> Self {
        Self::NotFound { what, field: field.to_owned() }
    }
}
