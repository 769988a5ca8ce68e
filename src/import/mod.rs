//! From a CSV or iCalendar file to operations: reads ([`mod@reader`]), maps columns to fields
//! ([`mapping`]), plans rooms, trainers, studios and courses ([`mod@plan`]) and writes them as bodies of
//! `op` ([`operations`]). Pure: the same file gives the same plan, ids included. The command line
//! uploads what comes out, REST shows it.

mod course;
mod ics;
mod ids;
pub mod mapping;
pub mod operations;
mod plan;
mod reader;
mod table;
mod template;
mod when;

pub use course::PlannedCourse;
pub use ics::read_ics;
pub use ids::{RoomNames, resource_id};
pub use mapping::{Key, Mapping, MappingFault};
pub use plan::{Plan, PlanOptions, PlannedRoom, plan};
pub use reader::read_csv;
pub use table::{RefusedRow, Row, Table};
