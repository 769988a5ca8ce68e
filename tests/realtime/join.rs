//! Entering a room, leaving it, and coming back: from any `{epoch, seq}` a client gets what it
//! needs and never an excuse.

use serde_json::json;

use crate::support::{Class, Client, Person, Replica, Service, Settings};

#[actix_web::test]
async fn a_new_room_is_empty_and_has_the_default_rules() {
    let service = Service::start().await;
    let room = service.room().await;
    let (client, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    assert_eq!(joined["room"], room);
    assert_eq!(joined["name"], "Main hall");
    assert_eq!(joined["timezone"], "Europe/Berlin");
    assert_eq!(joined["role"], "editor");
    assert_eq!(joined["seq"], 0);
    assert_eq!(joined["digest"], "00000000");
    assert_eq!(joined["policy"], json!({"staleEdits": "merge", "defaultOverlap": "forbid"}));
    assert_eq!(joined["locks"], json!([]));
    let me = joined["participants"].as_array().expect("a list");
    assert!(me.iter().all(|one| one["sessionId"] == client.session()), "{joined}");
}

#[actix_web::test]
async fn who_missed_a_little_gets_the_events_that_were_missed() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    replica.follow(&mut emil, 1).await;
    drop(emil);

    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    for hour in 1..6 {
        erna.acked(&room, Class::new("Spin", hour).create()).await;
    }

    let mut emil = Client::connect(&service, &Person::editor("emil")).await;
    let joined = emil.rejoin(&room, &replica.epoch, replica.seq).await;
    assert_eq!(joined["sync"], "delta");
    replica.resume(&joined);
    erna.acked(&room, Class::new("Boxing", 9).create()).await;
    replica.follow(&mut emil, 7).await;
    replica.assert_equals(&erna.snapshot(&room, None).await);
}

#[actix_web::test]
async fn who_missed_nothing_gets_nothing() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    replica.follow(&mut emil, 1).await;

    let mut again = Client::connect(&service, &Person::editor("emil")).await;
    let joined = again.rejoin(&room, &replica.epoch, 1).await;
    assert_eq!(joined["sync"], "current");
    replica.resume(&joined);
}

#[actix_web::test]
async fn a_memory_that_cannot_be_right_is_replaced_by_a_snapshot() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    let epoch = joined["epoch"].as_i64().expect("an epoch is a number");

    for (epoch, seq, why) in [(epoch + 1, 1, "another epoch"), (epoch, 99, "ahead of the head")] {
        let mut client = Client::connect(&service, &Person::editor("emil")).await;
        let joined = client.rejoin(&room, &json!(epoch), seq).await;
        assert_eq!(joined["sync"], "snapshot", "{why}");
        let replica = Replica::of(&joined);
        assert_eq!((replica.seq, replica.len()), (1, 1), "{why}");
    }
}

#[actix_web::test]
async fn who_missed_too_much_gets_a_snapshot() {
    let service = Service::with(Settings::unhurried().set("realtime.delta_limit", 5)).await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let start = Replica::of(&joined);
    for hour in 0..8 {
        emil.acked(&room, Class::new("Spin", hour).create()).await;
    }
    for (seq, sync) in [(0, "snapshot"), (2, "snapshot"), (3, "delta"), (7, "delta")] {
        let mut client = Client::connect(&service, &Person::editor("emil")).await;
        let joined = client.rejoin(&room, &start.epoch, seq).await;
        assert_eq!(joined["sync"], sync, "since {seq}");
    }
}

#[actix_web::test]
async fn leaving_ends_the_stream_and_joining_again_continues_it() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let left = emil.request("leave", json!({"room": room})).await;
    assert_eq!((&left["type"], &left["room"]), (&json!("left"), &json!(room)));
    emil.refused(&room, Class::new("Yoga", 0).create(), "forbidden").await;

    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    erna.acked(&room, Class::new("Spin", 1).create()).await;
    let joined = emil.rejoin(&room, &replica.epoch, 0).await;
    assert!(emil.waiting().all(|push| push["type"] != "events"), "events after leaving");
    replica.resume(&joined);
    erna.acked(&room, Class::new("Boxing", 2).create()).await;
    replica.follow(&mut emil, 2).await;
}

#[actix_web::test]
async fn history_can_be_read_in_both_directions_and_any_past_state_at_once() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    for hour in 0..6 {
        emil.acked(&room, Class::new("Spin", hour).create()).await;
    }
    replica.follow(&mut emil, 6).await;

    let seqs = async |emil: &mut Client, page: serde_json::Value| {
        let mut fields = page;
        fields["room"] = json!(room);
        let history = emil.request("history", fields).await;
        let events = history["events"].as_array().expect("events").clone();
        let seqs: Vec<_> = events.iter().map(|event| event["seq"].as_u64().expect("seq")).collect();
        (seqs, history["hasMore"].as_bool().expect("hasMore"))
    };
    assert_eq!(seqs(&mut emil, json!({"after": 0, "limit": 4})).await, (vec![1, 2, 3, 4], true));
    assert_eq!(seqs(&mut emil, json!({"after": 4, "limit": 4})).await, (vec![5, 6], false));
    let (mut newest, more) = seqs(&mut emil, json!({"before": 6, "limit": 3})).await;
    newest.sort_unstable();
    assert_eq!((newest, more), (vec![3, 4, 5], true));

    let all = emil.request("history", json!({"room": room, "after": 0, "limit": 500})).await;
    assert_eq!(all["events"], json!(replica.log), "history is what members were sent");
    let past = emil.snapshot(&room, Some(2)).await;
    assert_eq!(past["state"]["courses"].as_array().map(Vec::len), Some(2));
    assert_eq!(past["seq"], 2);
    let before_all = emil.snapshot(&room, Some(0)).await;
    assert_eq!((&before_all["seq"], &before_all["digest"]), (&json!(0), &json!("00000000")));
}
