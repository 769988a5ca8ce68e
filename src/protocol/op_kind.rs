//! The name of an operation on the wire, without writing the operation.

use crate::domain::Op;

/// The operation's `kind`.
#[must_use]
pub fn kind(op: &Op) -> &'static str {
    match op {
        Op::CourseCreate { .. } => "course_create",
        Op::CourseUpdate { .. } => "course_update",
        Op::CourseMove { .. } => "course_move",
        Op::CourseDelete { .. } => "course_delete",
        Op::ResourceUpsert { .. } => "resource_upsert",
        Op::ResourceDelete { .. } => "resource_delete",
        Op::TemplateSave { .. } => "template_save",
        Op::TemplateDelete { .. } => "template_delete",
        Op::TemplateApply { .. } => "template_apply",
        Op::Batch { .. } => "batch",
        Op::Undo { .. } => "undo",
        Op::Redo { .. } => "redo",
        Op::Restore { .. } => "restore",
        Op::PolicySet { .. } => "policy_set",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::op::write;

    #[test]
    fn names_what_is_written() {
        for op in [Op::Undo { op_id: None }, Op::Restore { seq: 1 }, Op::Batch { ops: vec![] }] {
            assert_eq!(write(&op)["kind"], kind(&op));
        }
    }
}
