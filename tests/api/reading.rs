//! Snapshots, the log and the participants, read without a socket.

use serde_json::json;

use crate::V1;
use crate::support::{Class, Client, Person, Replica, Service};

#[actix_web::test]
async fn a_snapshot_is_the_state_that_members_have_and_costs_nothing_twice() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let rest = service.rest(&Person::viewer("vera"));
    let path = format!("{V1}/rooms/{room}/snapshot");
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    emil.acked(&room, Class::new("Spin", 1).create()).await;
    replica.follow(&mut emil, 2).await;

    let answer = rest.get(&path).await;
    replica.assert_equals(&answer.expect(200));
    let tag = answer.header("etag").expect("an ETag").to_owned();
    assert!(tag.contains(&format!("{}-2", joined["epoch"])), "{tag}");
    let again = rest.get_with(&path, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));

    emil.acked(&room, Class::new("Boxing", 2).create()).await;
    let newer = rest.get_with(&path, &[("if-none-match", &tag)]).await;
    assert_eq!(newer.expect(200)["seq"], 3);
    replica.assert_equals(&rest.get(&format!("{path}?seq=2")).await.expect(200));
}

#[actix_web::test]
async fn the_log_is_read_page_by_page_as_members_were_told() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    for hour in 0..5 {
        emil.acked(&room, Class::new("Spin", hour).create()).await;
    }
    replica.follow(&mut emil, 5).await;
    let rest = service.rest(&Person::viewer("vera"));
    let page = async |query: &str| {
        rest.get(&format!("{V1}/rooms/{room}/events?{query}")).await.expect(200)
    };
    let first = page("after=0&limit=3").await;
    let second = page("after=3&limit=3").await;
    assert_eq!((&first["hasMore"], &second["hasMore"]), (&json!(true), &json!(false)));
    let mut all = first["events"].as_array().expect("events").clone();
    all.extend(second["events"].as_array().expect("events").iter().cloned());
    assert_eq!(all, replica.log);
}

#[actix_web::test]
async fn participants_are_those_in_the_room() {
    let service = Service::start().await;
    let room = service.room().await;
    let (emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let path = format!("{V1}/rooms/{room}/participants");
    let people = service.rest(&Person::viewer("vera")).get(&path).await.expect(200);
    assert_eq!(people["items"].as_array().map(Vec::len), Some(1), "{people}");
    assert_eq!(people["items"][0]["sessionId"], emil.session());
    assert_eq!(people["items"][0]["userId"], "emil");
}
