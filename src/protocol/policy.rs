//! Rules and roles on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{OnConflict, Overlap, Policy, ResourceKind, Role, StaleEdits};

/// Declares an enum with the names of a domain enum and conversions both ways.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident = $domain:ty { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}
pub(super) use wire_enum;

wire_enum! {
    /// How an operation with an older base is treated.
    StaleEditsName = StaleEdits {
        /// Fine as long as no field that it sets was changed since.
        Merge,
        /// Always refused.
        Strict,
    }
}

wire_enum! {
    /// What happens when two courses want the same resource.
    OverlapName = Overlap {
        /// Refused in all rooms of the tenant.
        Forbid,
        /// Committed and reported.
        Warn,
        /// Ignored.
        Allow,
    }
}

wire_enum! {
    /// Which name space a resource id belongs to.
    ResourceKindName = ResourceKind {
        /// A person who leads courses.
        Trainer,
        /// A place where courses are held.
        Studio,
    }
}

wire_enum! {
    /// What a conflict does to a `template_apply`.
    OnConflictName = OnConflict {
        /// Refuses all of it.
        Fail,
        /// Leaves out that course and lists it.
        Skip,
    }
}

wire_enum! {
    /// What a person may do in a room.
    RoleName = Role {
        /// Watches.
        Viewer,
        /// Edits.
        Editor,
        /// Edits, restores, sets policy, overrides.
        Owner,
    }
}

/// The rules of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Policy)]
pub struct PolicyBody {
    /// How an older base is treated.
    pub stale_edits: StaleEditsName,
    /// The rule for trainers and studios that were never registered.
    pub default_overlap: OverlapName,
}

impl From<Policy> for PolicyBody {
    fn from(policy: Policy) -> Self {
        Self {
            stale_edits: policy.stale_edits.into(),
            default_overlap: policy.default_overlap.into(),
        }
    }
}

impl From<PolicyBody> for Policy {
    fn from(body: PolicyBody) -> Self {
        Self { stale_edits: body.stale_edits.into(), default_overlap: body.default_overlap.into() }
    }
}
