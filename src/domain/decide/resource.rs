//! Trainers and studios: register, change, remove.

use super::case::Case;
use super::rules::{NewRules, change_rules};
use super::step::Step;
use crate::domain::{
    Change, Entity, Invalid, Op, Refusal, Resource, ResourceFields, ResourceId, ResourceKey,
    ResourceKind, Timetable,
};

/// Registers a resource or sets all its fields.
pub(super) fn upsert(
    state: &Timetable,
    id: &ResourceId,
    fields: &ResourceFields,
    case: &Case<'_>,
) -> Result<Step, Refusal> {
    let key = ResourceKey { kind: fields.kind, id: id.clone() };
    refuse_other_kind(state, &key)?;
    let current = state.resource(&key);
    match current {
        Some(resource) => check_base(resource, case)?,
        None if case.base_version.is_some_and(|base| base > 0) => {
            return Err(Refusal::not_found("resource", "resource.id"));
        }
        None => {}
    }
    let inverse = match current {
        Some(old) => Op::ResourceUpsert { id: id.clone(), resource: old.fields.clone() },
        None => Op::ResourceDelete { resource_id: id.clone(), kind: Some(fields.kind) },
    };
    let version =
        case.next_version(current, |resource| resource.version, |state| state.resource(&key));
    let resource = Resource { id: id.clone(), version, fields: fields.clone() };
    let change = Change::ResourceUpsert(resource);
    let rules = if state.rule(&key) == fields.rule() {
        NewRules::new()
    } else {
        NewRules::from([(key, fields.rule())])
    };
    Ok(change_rules(state, &rules, change, inverse, case))
}

/// Refuses an id that is registered under the other kind: clients fold by id, and two entities of one
/// id and version would cancel each other out in the digest.
fn refuse_other_kind(state: &Timetable, key: &ResourceKey) -> Result<(), Refusal> {
    let (other, name) = match key.kind {
        ResourceKind::Trainer => (ResourceKind::Studio, "studio"),
        ResourceKind::Studio => (ResourceKind::Trainer, "trainer"),
    };
    if state.resource(&ResourceKey { kind: other, id: key.id.clone() }).is_none() {
        return Ok(());
    }
    Err(Invalid::new("resource.id", format!("names a {name} that is already registered")).into())
}

/// Removes a resource that no course uses. The kind may be left out: an id is registered once.
pub(super) fn delete(
    state: &Timetable,
    id: &ResourceId,
    kind: Option<ResourceKind>,
    case: &Case<'_>,
) -> Result<Step, Refusal> {
    let key = registered(state, id, kind);
    let resource =
        state.resource(&key).ok_or_else(|| Refusal::not_found("resource", "resourceId"))?;
    check_base(resource, case)?;
    // A restore may lead back to a state in which courses used it before it was registered.
    if case.goal.is_none()
        && let Some(course) = state.courses_on(&key).next()
    {
        let rule = format!("is used by course {} ({})", course.id, course.fields.title);
        return Err(Invalid::new("resourceId", rule).into());
    }
    let inverse = Op::ResourceUpsert { id: id.clone(), resource: resource.fields.clone() };
    let change = Change::ResourceDelete { resource_id: id.clone(), kind: key.kind };
    let rules = NewRules::from([(key, state.default_rule())]);
    Ok(change_rules(state, &rules, change, inverse, case))
}

fn registered(state: &Timetable, id: &ResourceId, kind: Option<ResourceKind>) -> ResourceKey {
    let key = |kind| ResourceKey { kind, id: id.clone() };
    let trainer = key(ResourceKind::Trainer);
    match kind {
        Some(kind) => key(kind),
        None if state.resource(&trainer).is_some() => trainer,
        None => key(ResourceKind::Studio),
    }
}

fn check_base(resource: &Resource, case: &Case<'_>) -> Result<(), Refusal> {
    case.check_base(resource.version, |_| true, || Entity::Resource(resource.clone()))
}
