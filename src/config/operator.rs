//! `[operator]`.

use super::Section;
use crate::domain::TenantId;

/// Who may act on the whole process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The tenant whose operators may drain a replica and change what it logs. Default none: nobody
    /// may over the API.
    pub tenant: Option<TenantId>,
}

impl Operator {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let parse = |text: &str| match text {
            "" => Some(None),
            name => TenantId::parse(name).ok().map(Some),
        };
        let rule = "must be empty or the id of a tenant, at most 64 characters";
        Self { tenant: section.parsed("tenant", rule, parse).flatten() }
    }
}
