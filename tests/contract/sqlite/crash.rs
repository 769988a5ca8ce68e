//! Processes that die while they write. A child is this test binary again, told by an environment
//! variable which file to use.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use kyo_collaboration::domain::RoomId;
use kyo_collaboration::store::{self, AppendOutcome, Config};
use uuid::Uuid;

use super::File;
use crate::store::Database;
use crate::store::build::{Room, hours, tenant, trainer};

const FILE: &str = "KYO_CONTRACT_FILE";
const ROOM: &str = "KYO_CONTRACT_ROOM";
const COMMITTED: &str = "committed ";

/// One of the `child_` tests below in a process of its own.
fn spawn(child: &str, file: &File, room: &Room) -> (Child, Lines<BufReader<ChildStdout>>) {
    let program = std::env::current_exe().expect("this test");
    let name = format!("sqlite::crash::{child}");
    let mut process = Command::new(program)
        .args(["--exact", &name, "--ignored", "--nocapture", "--test-threads=1"])
        .env(FILE, file.path())
        .env(ROOM, room.id.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    (process, lines)
}

#[expect(clippy::disallowed_methods, reason = "how a parent tells its child, not configuration")]
fn told(variable: &str) -> String {
    std::env::var(variable).expect("a child is told by its parent")
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{text}").and_then(|()| out.flush()).expect("a parent that listens");
}

#[tokio::test]
async fn a_crash_between_statement_and_commit_leaves_no_trace() {
    let file = File::fresh().await;
    let room = Room::new(&file.open().await, "acme").await;
    room.grow(3).await;
    let (mut child, lines) = spawn("child_writes_and_aborts", &file, &room);
    let said: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(said.iter().any(|line| line == "written"), "{said:?}");
    assert!(!child.wait().unwrap().success());
    room.assert_log_is_gapless_to(3).await;
    room.grow(1).await;
    room.through(&file.open().await).assert_log_is_gapless_to(4).await;
}

/// Writes what an append writes, then dies before the commit.
#[test]
#[ignore = "a child of the test above"]
fn child_writes_and_aborts() {
    let mut conn = SqliteConnection::establish(&told(FILE)).unwrap();
    let room = told(ROOM).replace('-', "");
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = 20000; BEGIN IMMEDIATE;
         INSERT INTO events VALUES (x'{room}', 4, x'{room}', 'olga', 0, 'course_create', x'00');
         INSERT INTO occupancies
             VALUES (x'{room}', 'yoga', 'trainer', 'anna', 'acme', 0, 1, 1, 'enforced');
         UPDATE rooms SET head_seq = 4 WHERE id = x'{room}';"
    ))
    .unwrap();
    // Far more pages than the cache holds, so that some are in the file before the commit.
    conn.batch_execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO events SELECT x'{room}', i, randomblob(16), 'olga', 0, 'k', zeroblob(4000) FROM n"
    ))
    .unwrap();
    say("written");
    std::process::abort();
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_told() {
    for round in 0..10 {
        let file = File::fresh().await;
        let room = Room::new(&file.open().await, "acme").await;
        let (mut child, mut lines) = spawn("child_appends_for_ever", &file, &room);
        let mut told = Vec::new();
        while told.len() < 10 + round * 17 {
            let line = lines.next().expect("a child that goes on").unwrap();
            told.extend(seq_in(&line));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        told.extend(lines.map_while(Result::ok).filter_map(|line| seq_in(&line)));
        let last = *told.last().expect("at least ten");
        let head = room.through(&file.open().await).head().await.seq;
        assert!(head >= last, "round {round}: told {last}, kept {head}");
        room.assert_log_is_gapless_to(head).await;
        room.grow(1).await;
    }
}

/// The number in a line that was written whole: the child ends each with a full stop.
fn seq_in(line: &str) -> Option<u64> {
    line.strip_prefix(COMMITTED)?.strip_suffix('.')?.parse().ok()
}

#[tokio::test]
#[ignore = "a child of the test above"]
async fn child_appends_for_ever() {
    let url = format!("sqlite://{}", told(FILE));
    let store = store::connect(&Config { url, ..Config::default() }).await.unwrap();
    let id = RoomId(Uuid::parse_str(&told(ROOM)).unwrap());
    let room = Room { id, tenant: tenant("acme"), store };
    let mut seq = 0;
    loop {
        let hour = i64::try_from(seq).unwrap();
        let slot = hours(hour, hour + 1);
        let draft = room.draft(seq).event().take(&format!("c{seq}"), trainer("anna"), slot);
        let draft = (0..seq % 3).fold(draft, |draft, _| draft.event());
        let last = draft.0.events.last().unwrap().row.seq;
        assert_eq!(room.append(draft).await, AppendOutcome::Committed);
        seq = last;
        say(&format!("{COMMITTED}{seq}."));
    }
}
