//! Operations on the wire to operations of the domain, and back for the record of an event.
//!
//! Reading is structural: kinds, field types, ids, times. The bounds are the domain's
//! (`Command::validate`) and are checked by [`super::request`] for what clients send, never for
//! what was kept: old records stay readable when bounds change.

use serde::Serialize;
use serde_json::Value;

use super::op_body::{
    Batch, CourseCreate, CourseDelete, CourseMove, CourseUpdate, PolicySet, ResourceDelete,
    ResourceUpsert, Restore, Revert, TemplateApply, TemplateDelete, TemplateSave,
};
use super::resource::NewResource;
use super::template::NewTemplate;
use super::text::Text;
use super::typed::{self, join};
use super::{course::NewCourse, course::PatchBody};
use crate::domain::{Invalid, MAX_BATCH, Op, Slot};

/// The names of all operation kinds.
pub const OP_KINDS: [&str; 14] = [
    "course_create",
    "course_update",
    "course_move",
    "course_delete",
    "resource_upsert",
    "resource_delete",
    "template_save",
    "template_delete",
    "template_apply",
    "batch",
    "undo",
    "redo",
    "restore",
    "policy_set",
];

/// Reads an operation found at path `at`.
///
/// # Errors
/// The first malformed field, by its path.
pub(super) fn read(tree: Value, at: &str) -> Result<Op, Invalid> {
    let kind = kind_of(&tree, at)?;
    let op = match kind.as_str() {
        "course_create" => course_create(typed::read(tree, at)?),
        "course_update" => course_update(typed::read(tree, at)?),
        "course_move" => course_move(typed::read(tree, at)?),
        "course_delete" => {
            Op::CourseDelete { course_id: typed::read::<CourseDelete>(tree, at)?.course_id.0 }
        }
        "resource_upsert" => resource_upsert(typed::read(tree, at)?),
        "resource_delete" => resource_delete(typed::read(tree, at)?),
        "template_save" => template_save(typed::read(tree, at)?),
        "template_delete" => Op::TemplateDelete {
            template_id: typed::read::<TemplateDelete>(tree, at)?.template_id.0,
        },
        "template_apply" => template_apply(&typed::read(tree, at)?),
        "batch" => batch(typed::read(tree, at)?, at)?,
        "undo" => Op::Undo { op_id: typed::read::<Revert>(tree, at)?.op_id.map(|id| id.0) },
        "redo" => Op::Redo { op_id: typed::read::<Revert>(tree, at)?.op_id.map(|id| id.0) },
        "restore" => Op::Restore { seq: typed::read::<Restore>(tree, at)?.seq },
        "policy_set" => Op::PolicySet { policy: typed::read::<PolicySet>(tree, at)?.policy.into() },
        _ => return Err(Invalid::new(join(at, "kind"), "must be a known operation kind")),
    };
    Ok(op)
}

fn kind_of(tree: &Value, at: &str) -> Result<String, Invalid> {
    let fields = tree.as_object().ok_or_else(|| Invalid::new(at, "must be an object"))?;
    match fields.get("kind") {
        Some(Value::String(kind)) => Ok(kind.clone()),
        Some(_) => Err(Invalid::new(join(at, "kind"), "must be a string")),
        None => Err(Invalid::new(join(at, "kind"), "is required")),
    }
}

fn course_create(body: CourseCreate) -> Op {
    let (id, course) = body.course.into_fields();
    Op::CourseCreate { id, course }
}

fn course_update(body: CourseUpdate) -> Op {
    Op::CourseUpdate { course_id: body.course_id.0, patch: body.patch.into() }
}

fn course_move(body: CourseMove) -> Op {
    Op::CourseMove {
        course_id: body.course_id.0,
        starts_at: body.starts_at.0,
        ends_at: body.ends_at.map(|at| at.0),
        trainer_id: body.trainer_id.map(|id| id.map(|id| id.0)),
        studio_id: body.studio_id.map(|id| id.map(|id| id.0)),
    }
}

fn resource_upsert(body: ResourceUpsert) -> Op {
    let (id, resource) = body.resource.into_fields();
    Op::ResourceUpsert { id, resource }
}

fn resource_delete(body: ResourceDelete) -> Op {
    Op::ResourceDelete { resource_id: body.resource_id.0, kind: body.resource_kind.map(Into::into) }
}

fn template_save(body: TemplateSave) -> Op {
    let template = body.template;
    Op::TemplateSave {
        id: template.id.map(|id| id.0),
        name: template.name,
        slots: template.slots.into_iter().map(Slot::from).collect(),
    }
}

fn template_apply(body: &TemplateApply) -> Op {
    Op::TemplateApply {
        template_id: body.template_id.0.clone(),
        from: body.from.0,
        to: body.to.0,
        on_conflict: body.on_conflict.into(),
    }
}

/// An `override` on a part of a batch would be ignored without a word: it belongs to the whole.
fn batch(body: Batch, at: &str) -> Result<Op, Invalid> {
    let list = join(at, "ops");
    if body.ops.len() > MAX_BATCH {
        return Err(Invalid::new(list, format!("must hold 1 to {MAX_BATCH} operations")));
    }
    let parts = body.ops.into_iter().enumerate().map(|(index, part)| {
        let at = format!("{list}[{index}]");
        match part.get("override") {
            None | Some(Value::Null) => read(part, &at),
            Some(_) => {
                Err(Invalid::new(join(&at, "override"), "must be given for the whole batch"))
            }
        }
    });
    Ok(Op::Batch { ops: parts.collect::<Result<_, _>>()? })
}

/// The wire form of an operation, such as [`read`] accepts.
pub(super) fn write(op: &Op) -> Value {
    match op {
        Op::CourseCreate { id, course } => {
            let course = NewCourse::of(id.as_ref(), course);
            tagged("course_create", &CourseCreate { course })
        }
        Op::CourseUpdate { course_id, patch } => {
            let patch = PatchBody::from(patch);
            tagged("course_update", &CourseUpdate { course_id: Text(course_id.clone()), patch })
        }
        Op::CourseMove { course_id, starts_at, ends_at, trainer_id, studio_id } => {
            let body = CourseMove {
                course_id: Text(course_id.clone()),
                starts_at: Text(*starts_at),
                ends_at: ends_at.map(Text),
                trainer_id: trainer_id.clone().map(|id| id.map(Text)),
                studio_id: studio_id.clone().map(|id| id.map(Text)),
            };
            tagged("course_move", &body)
        }
        Op::CourseDelete { course_id } => {
            tagged("course_delete", &CourseDelete { course_id: Text(course_id.clone()) })
        }
        Op::ResourceUpsert { id, resource } => {
            let resource = NewResource::of(id, resource);
            tagged("resource_upsert", &ResourceUpsert { resource })
        }
        Op::ResourceDelete { resource_id, kind } => {
            let resource_id = Text(resource_id.clone());
            let resource_kind = kind.map(Into::into);
            tagged("resource_delete", &ResourceDelete { resource_id, resource_kind })
        }
        Op::TemplateSave { id, name, slots } => {
            let template = NewTemplate::of(id.as_ref(), name, slots);
            tagged("template_save", &TemplateSave { template })
        }
        Op::TemplateDelete { template_id } => {
            tagged("template_delete", &TemplateDelete { template_id: Text(template_id.clone()) })
        }
        Op::TemplateApply { template_id, from, to, on_conflict } => {
            let template_id = Text(template_id.clone());
            let (from, to, on_conflict) = (Text(*from), Text(*to), (*on_conflict).into());
            tagged("template_apply", &TemplateApply { template_id, from, to, on_conflict })
        }
        Op::Batch { ops } => tagged("batch", &Batch { ops: ops.iter().map(write).collect() }),
        Op::Undo { op_id } => tagged("undo", &Revert { op_id: op_id.map(Text) }),
        Op::Redo { op_id } => tagged("redo", &Revert { op_id: op_id.map(Text) }),
        Op::Restore { seq } => tagged("restore", &Restore { seq: *seq }),
        Op::PolicySet { policy } => tagged("policy_set", &PolicySet { policy: (*policy).into() }),
    }
}

fn tagged(kind: &str, body: &impl Serialize) -> Value {
    let mut tree = serde_json::to_value(body).expect("wire types have string keys");
    if let Value::Object(fields) = &mut tree {
        fields.insert("kind".to_owned(), Value::String(kind.to_owned()));
    }
    tree
}
