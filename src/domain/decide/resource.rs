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

/// Removes a resource that no course uses. The kind may be left out while only one is registered
/// under the id.
pub(super) fn delete(
    state: &Timetable,
    id: &ResourceId,
    kind: Option<ResourceKind>,
    case: &Case<'_>,
) -> Result<Step, Refusal> {
    let key = registered(state, id, kind)?;
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

fn registered(
    state: &Timetable,
    id: &ResourceId,
    kind: Option<ResourceKind>,
) -> Result<ResourceKey, Refusal> {
    let key = |kind| ResourceKey { kind, id: id.clone() };
    let there = |kind| state.resource(&key(kind)).is_some();
    let kind = match (kind, there(ResourceKind::Trainer), there(ResourceKind::Studio)) {
        (Some(kind), _, _) => kind,
        (None, true, true) => {
            let rule = "is needed: a trainer and a studio are registered under this id";
            return Err(Invalid::new("kind", rule).into());
        }
        (None, true, false) => ResourceKind::Trainer,
        (None, false, _) => ResourceKind::Studio,
    };
    Ok(key(kind))
}

fn check_base(resource: &Resource, case: &Case<'_>) -> Result<(), Refusal> {
    case.check_base(resource.version, |_| true, || Entity::Resource(resource.clone()))
}
