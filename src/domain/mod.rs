//! The rules of a timetable as functions of values: no input or output, clock, randomness, logging
//! or serialization. Time, ids, roles and locks come in as arguments.

mod bounds;
mod conflict;
mod course;
mod decide;
mod event;
mod fnv;
mod history;
mod ids;
mod instant;
mod locks;
mod occupancy;
mod op;
mod policy;
mod refusal;
mod resource;
mod template;
mod timetable;
mod touch;

pub use conflict::*;
pub use course::*;
pub use decide::*;
pub use event::*;
pub(crate) use fnv::hash64;
pub use history::*;
pub use ids::*;
pub use instant::*;
pub use locks::*;
pub use occupancy::*;
pub use op::*;
pub use policy::*;
pub use refusal::*;
pub use resource::*;
pub use template::*;
pub use timetable::*;
pub use touch::*;
