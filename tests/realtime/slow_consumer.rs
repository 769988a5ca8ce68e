//! A client that stops reading costs bounded memory, is let go, and misses nothing in the end.

use serde_json::{Value, json};

use crate::support::{Class, Client, End, Open, Person, Replica, Service, Settings};

const CLASSES: usize = 12;
const MAX_ROUNDS: u32 = 600;

#[actix_web::test]
async fn who_stops_reading_is_let_go_and_resumes_with_nothing_missing() {
    let settings = Settings::unhurried()
        .set("realtime.outbox_bytes", 262_144)
        .set("realtime.delta_limit", 20)
        .set("realtime.presence_grace_ms", 0);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (mut writer, joined) = Client::enter(&service, &Person::editor("writer"), &room).await;
    let mut truth = Replica::of(&joined);
    let classes: Vec<_> = (0..CLASSES).map(|n| Class::new("Spin", n as u32)).collect();
    writer.acked(&room, batch(classes.iter().map(Class::create))).await;
    truth.follow(&mut writer, 1).await;

    let mut stuck = Vec::new();
    for n in 0..4 {
        stuck.push(sleeper(&service, &room, n).await);
    }
    let before = service.rss_kib();
    let rounds = write_until_let_go(&service, &mut writer, &mut truth, &classes).await;
    let grown = service.rss_kib().saturating_sub(before) / 1024;
    assert!(grown < 64, "{grown} MiB for clients that do not read, after {rounds} rounds");

    for (n, (mut client, mut replica)) in stuck.into_iter().enumerate() {
        let end = drain(&mut client, &mut replica).await;
        assert!(matches!(end, End::Cut | End::Closed(4009, _)), "{end:?}");
        let mut client = Client::connect(&service, &Person::viewer(&format!("slow-{n}"))).await;
        replica.resume(&client.rejoin(&room, &replica.epoch, replica.seq).await);
        replica.assert_equals(&client.snapshot(&room, None).await);
        assert_eq!(replica.seq, truth.seq);
    }
}

/// Joins with a small receive buffer and reads nothing more.
async fn sleeper(service: &Service, room: &str, n: usize) -> (Client, Replica) {
    let token = Some(Person::viewer(&format!("slow-{n}")).token());
    let open = Open { token, receive_buffer: Some(8_192), ..Open::default() };
    let mut client = Client::open(service, open).await.expect("an open door");
    client.welcome = client.expect("welcome").await;
    let replica = Replica::of(&client.join(room).await);
    (client, replica)
}

/// Rewrites the notes of all classes, some 48 kB an event, until the sleepers are gone from the
/// participants; the writer meanwhile folds every frame, undisturbed.
async fn write_until_let_go(
    service: &Service,
    writer: &mut Client,
    truth: &mut Replica,
    classes: &[Class],
) -> u32 {
    let rest = service.rest(&Person::owner("olga"));
    let path = format!("/api/collaboration/v1/rooms/{}/participants", truth.room);
    let room = truth.room.clone();
    for round in 0..MAX_ROUNDS {
        let letter = char::from(b'a' + (round % 26) as u8).to_string();
        let patch = json!({"notes": letter.repeat(4_000)});
        let seq =
            writer.acked(&room, batch(classes.iter().map(|one| one.update(patch.clone())))).await;
        truth.follow(writer, seq["seq"].as_u64().expect("committed")).await;
        let people = rest.get(&path).await.expect(200);
        let people = people["items"].as_array().expect("participants").clone();
        if people.iter().all(|one| one["userId"] == "writer") {
            return round;
        }
    }
    panic!("after {MAX_ROUNDS} rounds somebody who does not read is still there");
}

/// Reads what is left in a connection that was given up: gapless as far as it goes.
async fn drain(client: &mut Client, replica: &mut Replica) -> End {
    loop {
        match client.next().await {
            Ok(push) if push["type"] == "events" => replica.apply(&push),
            Ok(_) => {}
            Err(end) => return end,
        }
    }
}

fn batch(ops: impl Iterator<Item = Value>) -> Value {
    json!({"kind": "batch", "ops": ops.collect::<Vec<_>>()})
}
