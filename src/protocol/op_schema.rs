//! The schema of an operation: one of the kinds, told apart by `kind`.

use std::borrow::Cow;

use utoipa::openapi::schema::{AllOfBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::op_body::{
    Batch, CourseCreate, CourseDelete, CourseMove, CourseUpdate, Override, PolicySet,
    ResourceDelete, ResourceUpsert, Restore, Revert, TemplateApply, TemplateDelete, TemplateSave,
};

/// Stands for `op` in schemas; has no value.
pub enum Operation {}

type Named = (String, RefOr<Schema>);

/// Kinds with the schema of their fields, and everything that those refer to.
fn kinds() -> (Vec<(&'static str, String)>, Vec<Named>) {
    let mut kinds = Vec::new();
    let mut schemas = Vec::new();
    macro_rules! kind {
        ($($kind:literal: $body:ty),+ $(,)?) => {$(
            kinds.push(($kind, <$body>::name().into_owned()));
            schemas.push((<$body>::name().into_owned(), <$body>::schema()));
            <$body>::schemas(&mut schemas);
        )+};
    }
    kind! {
        "course_create": CourseCreate,
        "course_update": CourseUpdate,
        "course_move": CourseMove,
        "course_delete": CourseDelete,
        "resource_upsert": ResourceUpsert,
        "resource_delete": ResourceDelete,
        "template_save": TemplateSave,
        "template_delete": TemplateDelete,
        "template_apply": TemplateApply,
        "batch": Batch,
        "undo": Revert,
        "redo": Revert,
        "restore": Restore,
        "policy_set": PolicySet,
    }
    schemas.push((Override::name().into_owned(), Override::schema()));
    (kinds, schemas)
}

fn tag(kind: &str) -> Object {
    ObjectBuilder::new()
        .property("kind", ObjectBuilder::new().schema_type(Type::String).enum_values(Some([kind])))
        .property("override", Ref::from_schema_name(Override::name()))
        .required("kind")
        .build()
}

impl PartialSchema for Operation {
    fn schema() -> RefOr<Schema> {
        let kinds = kinds().0.into_iter().fold(OneOfBuilder::new(), |all, (kind, body)| {
            all.item(AllOfBuilder::new().item(tag(kind)).item(Ref::from_schema_name(body)))
        });
        Schema::OneOf(kinds.build()).into()
    }
}

impl ToSchema for Operation {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Operation")
    }

    fn schemas(schemas: &mut Vec<Named>) {
        schemas.extend(kinds().1);
    }
}
