//! Templates: save and remove. Applying one is in `apply`.

use super::case::Case;
use super::step::Step;
use crate::domain::{
    Change, Entity, Invalid, MAX_TEMPLATES, Op, Refusal, Slot, Template, TemplateId, Timetable,
};

/// Saves a new template, or the whole of an existing one.
pub(super) fn save(
    state: &Timetable,
    id: Option<&TemplateId>,
    name: &str,
    slots: &[Slot],
    case: &mut Case<'_>,
) -> Result<Step, Refusal> {
    let id = id.cloned().unwrap_or_else(|| case.fresh_template());
    let current = state.template(&id);
    match current {
        Some(template) => check_base(template, case)?,
        None if case.base_version.is_some_and(|base| base > 0) => {
            return Err(Refusal::not_found("template", "template.id"));
        }
        None if state.templates().len() >= MAX_TEMPLATES => {
            let rule = format!("is one too many: a room holds at most {MAX_TEMPLATES}");
            return Err(Invalid::new("template", rule).into());
        }
        None => {}
    }
    let inverse = match current {
        Some(old) => Op::TemplateSave {
            id: Some(id.clone()),
            name: old.name.clone(),
            slots: old.slots.clone(),
        },
        None => Op::TemplateDelete { template_id: id.clone() },
    };
    let version =
        case.next_version(current, |template| template.version, |state| state.template(&id));
    let template = Template { id, version, name: name.to_owned(), slots: slots.to_vec() };
    Ok(Step::plain(Change::TemplateSave(template), inverse))
}

/// Removes a template; its courses stay.
pub(super) fn delete(state: &Timetable, id: &TemplateId, case: &Case<'_>) -> Result<Step, Refusal> {
    let template =
        state.template(id).ok_or_else(|| Refusal::not_found("template", "templateId"))?;
    check_base(template, case)?;
    let inverse = Op::TemplateSave {
        id: Some(id.clone()),
        name: template.name.clone(),
        slots: template.slots.clone(),
    };
    Ok(Step::plain(Change::TemplateDelete { template_id: id.clone() }, inverse))
}

/// Refuses when the template was changed since the client's base.
pub(super) fn check_base(template: &Template, case: &Case<'_>) -> Result<(), Refusal> {
    case.check_base(template.version, |_| true, || Entity::Template(template.clone()))
}
