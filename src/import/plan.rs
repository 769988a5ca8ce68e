//! From a table to what the service is to be asked: rooms with their trainers, studios and courses.
//! Pure: the same file gives the same plan, ids included, which is what makes an import repeatable.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use super::course::{PlannedCourse, course};
use super::ids::RoomNames;
use super::mapping::{Key, Mapping};
use super::table::{RefusedRow, Row, Table};
use crate::domain::{MAX_TITLE, ResourceKind};

/// What stays the same for all rows.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Part of every id.
    pub tenant: String,
    /// The room's name, or what precedes each room's value.
    pub room_name: String,
    /// In which times without an offset are meant.
    pub zone: TimeZone,
}

/// One room to fill.
#[derive(Clone, Debug)]
pub struct PlannedRoom {
    /// Found or made by this name.
    pub name: String,
    /// For the ids of its operations.
    pub names: RoomNames,
    /// Trainers and studios by kind and name.
    pub resources: Vec<(ResourceKind, String)>,
    /// In the file's order.
    pub courses: Vec<PlannedCourse>,
}

/// A whole import.
#[derive(Clone, Debug)]
pub struct Plan {
    /// By name.
    pub rooms: Vec<PlannedRoom>,
    /// By row, with the reasons.
    pub refused: Vec<RefusedRow>,
}

impl Plan {
    /// How many courses it would make.
    #[must_use]
    pub fn courses(&self) -> usize {
        self.rooms.iter().map(|room| room.courses.len()).sum()
    }
}

/// Plans an import.
#[must_use]
pub fn plan(table: Table, mapping: &Mapping, options: &PlanOptions) -> Plan {
    let mut rooms: BTreeMap<String, Builder> = BTreeMap::new();
    let mut refused = table.refused;
    for row in &table.rows {
        let planned = room_name(row, mapping, options)
            .and_then(|room| Ok((room, course(row.number, &row.cells, mapping, &options.zone)?)));
        match planned {
            Ok((name, course)) => {
                let tenant = &options.tenant;
                let room = rooms.entry(name).or_insert_with_key(|name| Builder::new(tenant, name));
                room.add(row, course);
            }
            Err(reason) => refused.push(RefusedRow::new(row.number, reason)),
        }
    }
    refused.sort_by_key(|row| row.number);
    Plan { rooms: rooms.into_iter().map(|(name, room)| room.finish(name)).collect(), refused }
}

fn room_name(row: &Row, mapping: &Mapping, options: &PlanOptions) -> Result<String, String> {
    if !mapping.has(Key::Room) {
        return Ok(options.room_name.clone());
    }
    let value = mapping.value(Key::Room, &row.cells).ok_or("room is empty")?;
    let name = format!("{} {value}", options.room_name);
    if name.chars().count() > MAX_TITLE {
        return Err(format!("the room's name is longer than {MAX_TITLE} characters"));
    }
    Ok(name)
}

struct Builder {
    names: RoomNames,
    resources: BTreeMap<(ResourceKind, String), ()>,
    courses: Vec<PlannedCourse>,
    seen: HashMap<Vec<String>, usize>,
}

impl Builder {
    fn new(tenant: &str, name: &str) -> Self {
        Self {
            names: RoomNames::new(tenant, name),
            resources: BTreeMap::new(),
            courses: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn add(&mut self, row: &Row, mut course: PlannedCourse) {
        let nth = self.seen.entry(row.cells.clone()).or_default();
        course.id = self.names.course(&row.cells, *nth);
        *nth += 1;
        let trainer = course.trainer.clone().map(|name| (ResourceKind::Trainer, name));
        let studio = course.studio.clone().map(|name| (ResourceKind::Studio, name));
        for resource in [trainer, studio].into_iter().flatten() {
            self.resources.insert(resource, ());
        }
        self.courses.push(course);
    }

    fn finish(self, name: String) -> PlannedRoom {
        PlannedRoom {
            name,
            names: self.names,
            resources: self.resources.into_keys().collect(),
            courses: self.courses,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::read_csv;
    use super::*;

    fn planned(csv: &str, map: &[&str]) -> Plan {
        let table = read_csv(csv.as_bytes()).expect("has a header");
        let map: Vec<String> = map.iter().map(|pair| (*pair).to_owned()).collect();
        let mapping = Mapping::resolve(&map, &table.columns).expect("is a good map");
        let options =
            PlanOptions { tenant: "demo".into(), room_name: "City".into(), zone: TimeZone::UTC };
        plan(table, &mapping, &options)
    }

    const FILE: &str = "\
place,title,start,end,trainer
B,Yoga,2026-01-05 9:00,2026-01-05 10:00,mei
A,Spin,2026-01-05 9:00,2026-01-05 10:00,
B,Yoga,2026-01-05 9:00,2026-01-05 10:00,mei
,Lost,2026-01-05 9:00,2026-01-05 10:00,
A,Late,2026-01-05 9:00,2026-01-05 8:00,
";

    #[test]
    fn each_value_of_the_room_is_a_room() {
        let plan = planned(FILE, &["room={place}", "studio={place}"]);
        let rooms: Vec<_> =
            plan.rooms.iter().map(|room| (room.name.as_str(), room.courses.len())).collect();
        assert_eq!(rooms, [("City A", 1), ("City B", 2)]);
        let resources = [(ResourceKind::Trainer, "mei".into()), (ResourceKind::Studio, "B".into())];
        assert_eq!(plan.rooms[1].resources, resources);
        let refused: Vec<_> = plan.refused.iter().map(|row| row.number).collect();
        assert_eq!(refused, [5, 6]);
    }

    #[test]
    fn without_a_room_map_there_is_one_room() {
        let plan = planned(FILE, &[]);
        assert_eq!(plan.rooms.len(), 1);
        assert_eq!(plan.rooms[0].name, "City");
        assert_eq!(plan.courses(), 4);
    }

    #[test]
    fn planning_again_gives_the_same_ids_and_equal_rows_differ() {
        let (one, two) = (planned(FILE, &["room={place}"]), planned(FILE, &["room={place}"]));
        let ids = |plan: &Plan| -> Vec<String> {
            plan.rooms.iter().flat_map(|room| &room.courses).map(|c| c.id.clone()).collect()
        };
        assert_eq!(ids(&one), ids(&two));
        assert_ne!(one.rooms[1].courses[0].id, one.rooms[1].courses[1].id);
    }
}
