//! The import: the plan of a real file (32,069 sessions of a city's recreation centres; skipped,
//! with a note, where the file is not beside the checkout), and the command against a service.

#[path = "import/service.rs"]
mod service;
#[path = "support/mod.rs"]
mod support;

use std::io::{self, Write};
use std::path::Path;

use jiff::tz::TimeZone;
use kyo_collaboration::cli::import::{Mapping, Plan, PlanOptions, plan, read};

const MAPS: [&str; 5] = [
    "title={Course Title}",
    "room={Location ID}",
    "studio={Location ID} {Section}",
    "start={First Date} {Start Hour}:{Start Minute}",
    "end={Last Date} {End Hour}:{End Min}",
];

fn toronto() -> Option<Plan> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let mut files = above.map(|folder| folder.join("shared/data/toronto-drop-in.csv"));
    let Some(file) = files.find(|file| file.exists()) else {
        let note = "skipped: no toronto-drop-in.csv beside the checkout";
        writeln!(io::stderr(), "{note}").unwrap_or_default();
        return None;
    };
    let table = read(&file).expect("is a CSV file");
    let maps = MAPS.map(str::to_owned);
    let mapping = Mapping::resolve(&maps, &table.columns).expect("maps its columns");
    let options = PlanOptions {
        tenant: "demo".into(),
        room_name: "Toronto".into(),
        zone: TimeZone::get("America/Toronto").expect("is in the bundled database"),
    };
    Some(plan(table, &mapping, &options))
}

#[test]
fn every_session_of_every_location_is_planned() {
    let Some(plan) = toronto() else { return };
    assert_eq!(plan.refused, []);
    assert_eq!(plan.rooms.len(), 226);
    assert_eq!(plan.courses(), 32_069);
}

#[test]
fn sessions_over_midnight_end_on_the_next_day() {
    let Some(plan) = toronto() else { return };
    let courses = plan.rooms.iter().flat_map(|room| &room.courses);
    let late: Vec<_> = courses.filter(|course| [26_880, 26_882].contains(&course.row)).collect();
    assert_eq!(late.len(), 2);
    for course in late {
        assert_eq!(course.fields.during.length(), 90 * 60_000, "{}", course.fields.title);
    }
}

#[test]
fn no_two_sessions_share_an_id() {
    let Some(plan) = toronto() else { return };
    let courses = plan.rooms.iter().flat_map(|room| &room.courses);
    let ids: std::collections::HashSet<_> = courses.map(|course| &course.id).collect();
    assert_eq!(ids.len(), 32_069);
}
