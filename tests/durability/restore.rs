//! The runbook's backup and restore, rehearsed on a real PostgreSQL: its own commands, taken from the
//! page, between clients that have seen more than the backup.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::servers::Postgres;
use crate::support::{Class, Client, Person, Replica, Service, Settings, new_id};

const RUNBOOK: &str = include_str!("../../docs/OPERATIONS.md");
const FEED: &str = "/api/collaboration/v1/feed";

/// The commands of a section, one block of them after the other.
fn commands(section: &str) -> Vec<&'static str> {
    let from = RUNBOOK.split_once(&format!("\n### {section}\n")).expect("the section is there").1;
    let section = from.split_once("\n## ").map_or(from, |(section, _)| section);
    let section = section.split_once("\n### ").map_or(section, |(section, _)| section);
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|block| block.split_once("```").expect("a whole block").0).collect()
}

/// An operator's shell: the service's binary and PostgreSQL's programs are in its search path.
struct Shell<'a> {
    server: &'a Postgres,
    folder: TempDir,
}

impl Shell<'_> {
    fn run(&self, commands: &str) {
        let binary = Path::new(env!("CARGO_BIN_EXE_kyo-collaboration")).parent().expect("a folder");
        let rest = environment("PATH").unwrap_or_default();
        let mut path = OsString::from(binary);
        for next in [self.server.programs().as_os_str(), &rest] {
            path.push(":");
            path.push(next);
        }
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", commands])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("DATABASE_URL", self.server.url())
            .output()
            .expect("a shell");
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{commands}{}", String::from_utf8_lossy(&said));
    }
}

fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// One person in the room, with a copy of it.
struct Seat {
    person: Person,
    client: Client,
    copy: Replica,
}

impl Seat {
    async fn take(service: &Service, name: &str, room: &str) -> Self {
        let person = Person::editor(name);
        let (client, joined) = Client::enter(service, &person, room).await;
        Self { person, client, copy: Replica::of(&joined) }
    }

    /// Commits something under an id; the ack.
    async fn write(&mut self, op_id: &str, hour: u32) -> Value {
        let op = Class::new("Spin", hour).create();
        let ack = self.client.op_named(&self.copy.room, op_id, op).await;
        assert_eq!(ack["type"], "ack", "{ack}");
        ack
    }

    async fn come_back(&mut self, service: &Service) -> Value {
        self.client = Client::connect(service, &self.person).await;
        self.client.rejoin(&self.copy.room, &self.copy.epoch, self.copy.seq).await
    }
}

/// A page of the feed, from its beginning or a cursor.
async fn feed(service: &Service, after: Option<&str>) -> Value {
    let rest = service.rest(&Person::service("analytics"));
    let after = after.map(|cursor| format!("&after={cursor}")).unwrap_or_default();
    rest.get(&format!("{FEED}?limit=500{after}")).await.expect(200)
}

#[actix_web::test]
async fn a_backup_is_restored_by_the_runbook_and_clients_begin_again_from_it() {
    let server = Postgres::start().await;
    let shell = Shell { server: &server, folder: tempfile::tempdir().expect("a folder") };
    let [backup, restore] = commands("A dump of your own")[..] else { panic!("two blocks") };
    let settings = Settings::unhurried().env("DATABASE_URL", &server.url());
    let mut service = Service::with(settings.set("drain.deadline_ms", 2_000)).await;
    let room = service.room().await;
    let mut emil = Seat::take(&service, "emil", &room).await;
    let (kept, lost): (Vec<_>, Vec<_>) = (0..5).map(|_| (new_id(), new_id())).unzip();
    for (id, hour) in kept.iter().zip(0..) {
        emil.write(id, hour).await;
    }
    shell.run(backup);
    // Acked, and seen by everybody, after the backup.
    for (id, hour) in lost.iter().zip(5..) {
        emil.write(id, hour).await;
    }
    emil.copy.follow(&mut emil.client, 10).await;
    let old = emil.copy.epoch.clone();
    let page = feed(&service, None).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(10), "{page}");
    let cursor = page["nextCursor"].as_str().expect("a cursor").to_owned();
    service.signal("TERM");
    assert!(service.exited().await.success());

    shell.run(restore);
    service.restart().await;
    // Somebody writes on from the backup, past the place where emil was: his numbers exist again.
    let mut nele = Seat::take(&service, "nele", &room).await;
    assert_eq!((nele.copy.seq, nele.copy.len()), (5, 5), "the backup's state");
    for hour in 20..26 {
        nele.write(&new_id(), hour).await;
    }
    let joined = emil.come_back(&service).await;
    assert_eq!((&joined["sync"], &joined["seq"]), (&json!("snapshot"), &json!(11)), "{joined}");
    assert_ne!(joined["epoch"], old, "another log under the same numbers");
    emil.copy.resume(&joined);

    // What he has kept is decided again: the backup's operations took effect once, the others now.
    for (id, hour) in kept.iter().zip(0..) {
        let ack = emil.write(id, hour).await;
        assert_eq!((&ack["seq"], &ack["duplicate"]), (&json!(hour + 1), &json!(true)), "{ack}");
    }
    for (id, hour) in lost.iter().zip(5..) {
        assert_eq!(emil.write(id, hour).await["duplicate"], false);
    }
    emil.copy.follow(&mut emil.client, 16).await;
    emil.copy.assert_equals(&nele.client.snapshot(&room, None).await);
    let page = feed(&service, Some(&cursor)).await;
    assert_eq!(page["reset"], true, "a follower knows that its events are gone");
}

#[actix_web::test]
async fn a_restore_may_be_declared_while_the_service_runs() {
    let server = Postgres::start().await;
    let shell = Shell { server: &server, folder: tempfile::tempdir().expect("a folder") };
    let service = Service::with(Settings::default().env("DATABASE_URL", &server.url())).await;
    let room = service.room().await;
    let mut emil = Seat::take(&service, "emil", &room).await;
    emil.write(&new_id(), 0).await;
    emil.copy.follow(&mut emil.client, 1).await;
    shell.run("kyo-collaboration restored");
    let resync = emil.client.expect("resync").await;
    assert_eq!(resync["reason"], "rebuilt");
    let metrics = service.rest_with(None).get("/metrics").await.text();
    assert!(metrics.contains("kyo_resyncs_total{reason=\"log_replaced\"} 1"), "{metrics}");
    let joined = emil.client.rejoin(&room, &emil.copy.epoch, 1).await;
    assert_eq!((&joined["sync"], &joined["seq"]), (&json!("snapshot"), &json!(1)));
    emil.write(&new_id(), 1).await;
}
