//! What an import did, for the person who ran it.

use std::fmt;

use super::client::Ack;
use crate::import::RefusedRow;

/// One room's part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomReport {
    /// Which.
    pub name: String,
    /// Whether the import made it.
    pub made: bool,
    /// Courses committed now.
    pub created: usize,
    /// Courses that an earlier import had committed.
    pub already: usize,
    /// Conflicts they were committed with.
    pub warnings: usize,
    /// Courses the service did not take.
    pub refused: Vec<RefusedRow>,
    /// Trainers and studios the service did not take.
    pub notes: Vec<String>,
    /// Why the room was given up.
    pub failure: Option<String>,
}

impl RoomReport {
    /// Counts an acknowledged operation that holds so many courses.
    pub fn count(&mut self, courses: usize, ack: Ack) {
        if ack.duplicate {
            self.already += courses;
        } else {
            self.created += courses;
            self.warnings += ack.warnings;
        }
    }
}

/// All of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// By name.
    pub rooms: Vec<RoomReport>,
    /// Rows that never reached the service.
    pub unreadable: Vec<RefusedRow>,
}

impl Report {
    /// Every row that stayed out, by number.
    #[must_use]
    pub fn refused(&self) -> Vec<&RefusedRow> {
        let of_rooms = self.rooms.iter().flat_map(|room| &room.refused);
        let mut rows: Vec<_> = self.unreadable.iter().chain(of_rooms).collect();
        rows.sort_by_key(|row| row.number);
        rows
    }

    /// Whether a room was given up.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.rooms.iter().any(|room| room.failure.is_some())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.refused() {
            writeln!(f, "row {}: {}", row.number, row.reason)?;
        }
        for room in &self.rooms {
            for note in room.notes.iter().chain(&room.failure) {
                writeln!(f, "{}: {note}", room.name)?;
            }
        }
        let sum = |of: fn(&RoomReport) -> usize| self.rooms.iter().map(of).sum::<usize>();
        let made = self.rooms.iter().filter(|room| room.made).count();
        write!(f, "{} rooms ({made} new), ", self.rooms.len())?;
        write!(f, "{} sessions imported, ", sum(|room| room.created))?;
        write!(f, "{} already there, ", sum(|room| room.already))?;
        write!(f, "{} rows refused, ", self.refused().len())?;
        writeln!(f, "{} overlaps reported", sum(|room| room.warnings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_rows_in_order_and_counts() {
        let report = Report {
            rooms: vec![RoomReport {
                name: "City".into(),
                made: true,
                created: 3,
                refused: vec![RefusedRow::new(2, "conflict")],
                failure: Some("gone".into()),
                ..RoomReport::default()
            }],
            unreadable: vec![RefusedRow::new(9, "title is empty"), RefusedRow::new(1, "short")],
        };
        let expected = "row 1: short\nrow 2: conflict\nrow 9: title is empty\nCity: gone\n\
            1 rooms (1 new), 3 sessions imported, 0 already there, 3 rows refused, 0 overlaps reported\n";
        assert_eq!(report.to_string(), expected);
        assert!(report.failed());
    }
}
