//! Twenty people edit a real timetable at once. Every refusal is checked against the rules as the
//! contract words them, with nothing of the service's own code; at the end all copies are equal.
//! Skipped, with a note, where the data is not beside the checkout. `KYO_EDIT_SECONDS` (5) says how
//! long they edit.

#[path = "import_edit/model.rs"]
mod model;
#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use support::{Client, Person, Replica, Service, Settings, at, new_id, within};

use model::{Refused, Rules};

const EDITORS: u64 = 20;
const TRAINERS: [&str; 6] = ["ann", "bea", "cat", "dan", "eve", "fay"];

fn data() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let found = above.map(|folder| folder.join("shared/data/toronto-drop-in.csv"));
    let file = found.into_iter().find(|file| file.exists());
    if file.is_none() {
        let note = "skipped: no toronto-drop-in.csv beside the checkout";
        writeln!(io::stderr(), "{note}").unwrap_or_default();
    }
    file
}

/// The rows of the location with the most sessions.
fn largest(file: &Path) -> String {
    let text = std::fs::read_to_string(file).expect("is text");
    let mut places: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in text.lines().skip(1) {
        places.entry(row.split(',').nth(1).unwrap_or_default()).or_default().push(row);
    }
    let rows = places.into_values().max_by_key(Vec::len).expect("has rows");
    let head = text.lines().next().expect("has a head");
    format!("{head}\n{}\n", rows.join("\n"))
}

fn import(service: &Service, rows: &str, folder: &Path) {
    let file = folder.join("rows.csv");
    std::fs::write(&file, rows).expect("the folder is writable");
    let maps = [
        "title={Course Title}",
        "studio={Location ID} {Section}",
        "start={First Date} {Start Hour}:{Start Minute}",
        "end={Last Date} {End Hour}:{End Min}",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_kyo-collaboration"));
    command.arg("import").arg(&file).args(["--room-name", "Toronto"]);
    command.args(["--timezone", "America/Toronto", "--token", &Person::owner("founder").token()]);
    command.args(["--url", &format!("http://{}", service.address())]);
    command.args(maps.iter().flat_map(|map| ["--map", map]));
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[actix_web::test]
async fn twenty_people_edit_a_real_timetable() {
    let Some(file) = data() else { return };
    let seconds = std::env::vars().find(|(name, _)| name == "KYO_EDIT_SECONDS");
    let seconds = seconds.map_or(5, |(_, value)| value.parse().expect("a number"));
    let rows = largest(&file);
    let service = Service::with(Settings::unhurried()).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    import(&service, &rows, folder.path());
    let rooms = service.rest(&Person::owner("founder")).get("/api/collaboration/v1/rooms").await;
    let room = rooms.expect(200)["items"][0]["room"].as_str().expect("a room").to_owned();
    let end = Instant::now() + Duration::from_secs(seconds);
    let editing = (0..EDITORS).map(|n| edit(&service, &room, n, end));
    let mut edited = futures_util::future::join_all(editing).await;
    let head = edited.iter().map(|editor| editor.acked).max().expect("someone edited");
    for editor in &mut edited {
        let following = editor.replica.follow(&mut editor.client, head);
        within("everyone to hear the last event", following).await;
        let snapshot = editor.client.snapshot(&room, None).await;
        editor.replica.assert_equals(&snapshot);
    }
    let log = std::mem::take(&mut edited[0].replica.log);
    let mut rules = Rules::new(&edited[0].first);
    log.iter().for_each(|event| rules.fold(event));
    let mut codes = BTreeMap::new();
    for refused in edited.iter().flat_map(|editor| &editor.refused) {
        *codes.entry(refused.code().to_owned()).or_insert(0) += 1;
        rules.justify(refused);
    }
    rules.assert_no_double_booking(&TRAINERS);
    let report = format!(
        "{} sessions imported, {seconds} s, {} events, refused: {codes:?}",
        rows.lines().count() - 1,
        log.len()
    );
    writeln!(io::stderr(), "{report}").unwrap_or_default();
}

struct Editor {
    client: Client,
    replica: Replica,
    first: Value,
    acked: u64,
    refused: Vec<Refused>,
}

async fn edit(service: &Service, room: &str, n: u64, end: Instant) -> Editor {
    let who = Person::editor(&format!("editor-{n}"));
    let (client, first) = Client::enter(service, &who, room).await;
    let replica = Replica::of(&first);
    let mut editor = Editor { client, replica, first, acked: 0, refused: Vec::new() };
    let mut ids: Vec<String> = model::courses(&editor.first).map(|(id, _)| id).collect();
    let mut dice = Dice(n * 7_919 + 12_345);
    while Instant::now() < end {
        let op = operation(&mut ids, &mut dice);
        let since = editor.replica.seq;
        let reply = editor.client.op(room, op.clone()).await;
        let frames: Vec<_> = editor.client.waiting().filter(|m| m["type"] == "events").collect();
        frames.iter().for_each(|frame| editor.replica.apply(frame));
        if n > 0 {
            // One log of all is enough.
            editor.replica.log.clear();
        }
        match reply["type"].as_str() {
            Some("ack") => editor.acked = reply["seq"].as_u64().expect("a number"),
            _ => editor.refused.push(Refused { op, reply, since, until: editor.replica.seq }),
        }
    }
    editor
}

/// A wish at random: moves, changes, new and deleted courses, undo.
fn operation(ids: &mut Vec<String>, dice: &mut Dice) -> Value {
    let id = ids[dice.below(ids.len())].clone();
    let start = dice.below(28 * 24 * 4) as u32 * 15;
    let trainer = TRAINERS[dice.below(TRAINERS.len())];
    // Trainers are wanted within three days, so that people get into each other's way.
    let rush = dice.below(3 * 24 * 4) as u32 * 15;
    match dice.below(100) {
        0..30 => json!({"kind": "course_move", "courseId": id, "startsAt": at(start)}),
        30..45 => json!({"kind": "course_move", "courseId": id, "startsAt": at(rush),
            "endsAt": at(rush + 60), "trainerId": trainer}),
        45..65 => json!({"kind": "course_update", "courseId": id,
            "patch": {"capacity": start + 1, "notes": trainer}}),
        65..83 => {
            let made = new_id();
            ids.push(made.clone());
            json!({"kind": "course_create", "course": {"id": made, "title": "New",
                "startsAt": at(rush), "endsAt": at(rush + 45), "trainerId": trainer}})
        }
        83..88 => json!({"kind": "course_delete", "courseId": id}),
        _ => json!({"kind": "undo"}),
    }
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }
}
