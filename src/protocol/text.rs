//! Domain values that are text on the wire: ids, times, days, colours.
//!
//! [`Text`] gives such a value its serde form and its schema, so that a malformed one is reported
//! with the path of its field by whichever struct holds it. The aliases are the names that schemas
//! and structs use.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::time;
use crate::domain::{
    CourseId, Date, Instant, OpId, ResourceId, RoomId, SessionId, TemplateId, TenantId, UserId,
};

/// How a value is written as text and read back.
pub trait TextForm: Sized {
    /// Name of the schema.
    const NAME: &'static str;

    /// The schema of the text.
    fn describe(schema: ObjectBuilder) -> ObjectBuilder;

    /// Reads the text.
    ///
    /// # Errors
    /// The rule that it breaks, as a phrase after the field's name.
    fn parse(text: &str) -> Result<Self, String>;

    /// Writes the text.
    fn write(&self) -> Cow<'_, str>;
}

/// A value that is text on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

/// RFC 3339 in UTC.
pub type Time = Text<Instant>;
/// `YYYY-MM-DD`.
pub type Day = Text<Date>;
/// `HH:MM`.
pub type Clock = Text<Minute>;
/// `#rrggbb`.
pub type Color = Text<Rgb>;
/// UUID of an operation.
pub type OpRef = Text<OpId>;
/// UUID of a room.
pub type RoomText = Text<RoomId>;
/// Opaque id of a course.
pub type CourseRef = Text<CourseId>;
/// Opaque id of a trainer or studio.
pub type ResourceRef = Text<ResourceId>;
/// Opaque id of a template.
pub type TemplateRef = Text<TemplateId>;
/// Opaque id of a person.
pub type UserRef = Text<UserId>;
/// Opaque id of a session.
pub type SessionRef = Text<SessionId>;
/// Opaque id of a tenant.
pub type TenantRef = Text<TenantId>;

/// Minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub u16);

/// A colour, `#rrggbb` in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rgb(pub String);

impl<T: TextForm> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

impl<'de, T: TextForm> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData)).map(Self)
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: TextForm> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::parse(text).map_err(E::custom)
    }
}

impl<T: TextForm> PartialSchema for Text<T> {
    fn schema() -> RefOr<Schema> {
        T::describe(ObjectBuilder::new().schema_type(Type::String)).build().into()
    }
}

impl<T: TextForm> ToSchema for Text<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

impl TextForm for Instant {
    const NAME: &'static str = "Time";

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
    }

    fn parse(text: &str) -> Result<Self, String> {
        time::parse_instant(text).map_err(str::to_owned)
    }

    fn write(&self) -> Cow<'_, str> {
        time::format_instant(*self).into()
    }
}

impl TextForm for Date {
    const NAME: &'static str = "Day";

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
    }

    fn parse(text: &str) -> Result<Self, String> {
        time::parse_date(text).map_err(str::to_owned)
    }

    fn write(&self) -> Cow<'_, str> {
        time::format_date(*self).into()
    }
}

impl TextForm for Minute {
    const NAME: &'static str = "Clock";

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        time::parse_clock(text).map(Self).map_err(str::to_owned)
    }

    fn write(&self) -> Cow<'_, str> {
        time::format_clock(self.0).into()
    }
}

impl TextForm for Rgb {
    const NAME: &'static str = "Color";

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema.pattern(Some("^#[0-9a-fA-F]{6}$"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err("must be a colour such as #1f77b4".to_owned())
        }
    }

    fn write(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }
}

/// A UUID in its hyphenated form, in either case; other spellings are refused because an id is
/// compared as text by clients.
fn parse_uuid(text: &str) -> Result<Uuid, String> {
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
    uuid.ok_or_else(|| "must be a UUID such as 019b8f6e-3c00-7000-8000-000000000001".to_owned())
}

macro_rules! uuid_text {
    ($type:ident, $name:literal) => {
        impl TextForm for $type {
            const NAME: &'static str = $name;

            fn describe(schema: ObjectBuilder) -> ObjectBuilder {
                schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            }

            fn parse(text: &str) -> Result<Self, String> {
                parse_uuid(text).map(Self)
            }

            fn write(&self) -> Cow<'_, str> {
                self.0.to_string().into()
            }
        }
    };
}

uuid_text!(OpId, "OpId");
uuid_text!(RoomId, "RoomId");

macro_rules! opaque_text {
    ($type:ident, $name:literal) => {
        impl TextForm for $type {
            const NAME: &'static str = $name;

            fn describe(schema: ObjectBuilder) -> ObjectBuilder {
                schema.min_length(Some(1)).max_length(Some(crate::domain::MAX_ID_CHARS))
            }

            fn parse(text: &str) -> Result<Self, String> {
                $type::parse(text).map_err(|invalid| invalid.rule)
            }

            fn write(&self) -> Cow<'_, str> {
                self.as_str().into()
            }
        }
    };
}

opaque_text!(CourseId, "CourseId");
opaque_text!(ResourceId, "ResourceId");
opaque_text!(TemplateId, "TemplateId");
opaque_text!(UserId, "UserId");
opaque_text!(SessionId, "SessionId");
opaque_text!(TenantId, "TenantId");
