//! The schemas that serde's derive can't see: an operation is one of its kinds, told apart by
//! `kind`; the data of an event is one of their effects.

use std::borrow::Cow;

use utoipa::openapi::schema::{AllOfBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::change::{
    BatchApplied, CourseCreated, CourseDeleted, CourseMoved, CourseUpdated, PolicyChanged,
    ResourceDeleted, ResourceUpserted, TemplateApplied, TemplateDeleted, TemplateSaved,
};
use super::op_body::{
    Batch, CourseCreate, CourseDelete, CourseMove, CourseUpdate, Override, PolicySet,
    ResourceDelete, ResourceUpsert, Restore, Revert, TemplateApply, TemplateDelete, TemplateSave,
};

/// Stands for `op` in schemas; has no value.
pub enum Operation {}

pub(super) type Named = (String, RefOr<Schema>);

/// `data` of an event in schemas; has no value.
pub enum EventData {}

/// A type's schema under its name, with everything that it refers to.
pub(super) fn collect<T: ToSchema>(schemas: &mut Vec<Named>) -> String {
    let name = T::name().into_owned();
    schemas.push((name.clone(), T::schema()));
    T::schemas(schemas);
    name
}

/// Kinds with the name of the schema of their fields, and all those schemas.
fn kinds() -> (Vec<(&'static str, String)>, Vec<Named>) {
    let mut all = Vec::new();
    let kinds = vec![
        ("course_create", collect::<CourseCreate>(&mut all)),
        ("course_update", collect::<CourseUpdate>(&mut all)),
        ("course_move", collect::<CourseMove>(&mut all)),
        ("course_delete", collect::<CourseDelete>(&mut all)),
        ("resource_upsert", collect::<ResourceUpsert>(&mut all)),
        ("resource_delete", collect::<ResourceDelete>(&mut all)),
        ("template_save", collect::<TemplateSave>(&mut all)),
        ("template_delete", collect::<TemplateDelete>(&mut all)),
        ("template_apply", collect::<TemplateApply>(&mut all)),
        ("batch", collect::<Batch>(&mut all)),
        ("undo", collect::<Revert>(&mut all)),
        ("redo", collect::<Revert>(&mut all)),
        ("restore", collect::<Restore>(&mut all)),
        ("policy_set", collect::<PolicySet>(&mut all)),
    ];
    collect::<Override>(&mut all);
    (kinds, all)
}

/// Names of the schemas of all effects, and all those schemas.
fn effects() -> (Vec<String>, Vec<Named>) {
    let mut all = Vec::new();
    let names = vec![
        collect::<CourseCreated>(&mut all),
        collect::<CourseUpdated>(&mut all),
        collect::<CourseMoved>(&mut all),
        collect::<CourseDeleted>(&mut all),
        collect::<ResourceUpserted>(&mut all),
        collect::<ResourceDeleted>(&mut all),
        collect::<TemplateSaved>(&mut all),
        collect::<TemplateDeleted>(&mut all),
        collect::<TemplateApplied>(&mut all),
        collect::<BatchApplied>(&mut all),
        collect::<PolicyChanged>(&mut all),
    ];
    (names, all)
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

impl PartialSchema for EventData {
    fn schema() -> RefOr<Schema> {
        let effects = effects().0.into_iter().map(Ref::from_schema_name);
        Schema::OneOf(effects.fold(OneOfBuilder::new(), OneOfBuilder::item).build()).into()
    }
}

impl ToSchema for EventData {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EventData")
    }

    fn schemas(schemas: &mut Vec<Named>) {
        schemas.extend(effects().1);
    }
}
