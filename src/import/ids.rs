//! Names that come out the same each time, so that importing a file again changes nothing: the
//! service takes an operation of the same id once, and a course of the same id exists once.

use uuid::Uuid;

use crate::domain::{MAX_ID_CHARS, OpId, ResourceId};

/// Random once, fixed for ever: the namespace of everything that was imported.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d1f_3a52_90c4_4b8e_a7d6_2f0e_51b9_c843);

/// Names within one room of one tenant.
#[derive(Clone, Copy, Debug)]
pub struct RoomNames(Uuid);

impl RoomNames {
    /// The names of a room that is known by its name before it has an id.
    #[must_use]
    pub fn new(tenant: &str, room_name: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("{tenant}\u{1f}{room_name}").as_bytes()))
    }

    /// The id of the course of a row; `nth` tells rows of equal content apart.
    #[must_use]
    pub fn course(self, cells: &[String], nth: usize) -> String {
        let content = format!("{}\u{1f}{nth}", cells.join("\u{1f}"));
        Uuid::new_v5(&self.0, content.as_bytes()).to_string()
    }

    /// The id of an operation, from what it asks.
    #[must_use]
    pub fn operation(self, op: &str) -> OpId {
        OpId(Uuid::new_v5(&self.0, op.as_bytes()))
    }
}

/// The id of a trainer or studio: its name as it is, or when that is too long its beginning with a
/// checksum. Control characters become blanks.
#[must_use]
pub fn resource_id(name: &str) -> ResourceId {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Ok(id) = ResourceId::parse(&plain) {
        return id;
    }
    let checksum = Uuid::new_v5(&NAMESPACE, name.as_bytes()).simple().to_string();
    let checksum = &checksum[..8];
    let head: String = plain.chars().take(MAX_ID_CHARS - 9).collect();
    ResourceId::parse(&format!("{head}~{checksum}")).expect("has as many characters as an id may")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_row_has_the_same_id_and_no_other_has_it() {
        let cells = ["Yoga".to_owned(), "9:00".to_owned()];
        let names = RoomNames::new("demo", "Centre");
        assert_eq!(names.course(&cells, 0), RoomNames::new("demo", "Centre").course(&cells, 0));
        let others = [
            names.course(&cells, 1),
            names.course(&cells[..1], 0),
            RoomNames::new("demo", "Other").course(&cells, 0),
            RoomNames::new("other", "Centre").course(&cells, 0),
        ];
        assert!(!others.contains(&names.course(&cells, 0)));
    }

    #[test]
    fn long_names_become_ids_that_differ() {
        let long = "x".repeat(200);
        let (a, b) = (resource_id(&long), resource_id(&format!("{long}y")));
        assert_eq!(a.as_str().chars().count(), MAX_ID_CHARS);
        assert_ne!(a, b);
        assert_eq!(resource_id("Studio\tB").as_str(), "Studio B");
    }
}
