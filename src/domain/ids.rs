//! Identifiers as proven values. Opaque ids come from clients and neighbour services (1–64
//! characters, no control characters); rooms and operations are UUIDs.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::Invalid;

/// The longest opaque id, in characters.
pub const MAX_ID_CHARS: usize = 64;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Accepts 1 to [`MAX_ID_CHARS`] characters without control characters.
            ///
            /// # Errors
            /// [`Invalid`] naming the rule that was broken; its field is empty, the caller knows it.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                opaque(text).map(Self)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_id!(
    /// A gym chain; the wall between customers.
    TenantId
);
opaque_id!(
    /// A person, as the token's `sub` names them.
    UserId
);
opaque_id!(
    /// One connection of a person.
    SessionId
);
opaque_id!(
    /// A class on the timetable.
    CourseId
);
opaque_id!(
    /// A trainer or a studio; the two kinds have separate name spaces.
    ResourceId
);
opaque_id!(
    /// A weekly pattern.
    TemplateId
);

/// A room: one shared timetable of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub Uuid);

/// A client's name for one operation; takes effect at most once a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub Uuid);

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A block of fresh ids handed in by the caller, so that deciding needs no randomness: the `n`th id
/// is the base UUID plus `n` in its low 32 bits.
#[derive(Clone, Copy, Debug)]
pub struct NewIds(pub Uuid);

impl NewIds {
    /// The `n`th id of the block, as UUID text.
    #[must_use]
    pub fn nth(self, n: u32) -> String {
        let base = self.0.as_u128();
        let low = (base as u32).wrapping_add(n);
        Uuid::from_u128((base & !u128::from(u32::MAX)) | u128::from(low)).to_string()
    }
}

fn opaque(text: &str) -> Result<Arc<str>, Invalid> {
    if text.is_empty() {
        return Err(Invalid::new("", "must not be empty"));
    }
    if text.chars().count() > MAX_ID_CHARS {
        return Err(Invalid::new("", "must be at most 64 characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("", "must not contain control characters"));
    }
    Ok(text.into())
}
