//! The feed, as a neighbour service follows it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use actix_web::rt::spawn;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::V1;
use crate::support::{Class, Client, Person, Rest, Service, Settings, new_id, until, within};

/// A service that keeps its cursor with what it has made of the items.
struct Follower {
    rest: Rest,
    cursor: Option<String>,
    items: Vec<Value>,
}

impl Follower {
    fn new(service: &Service) -> Self {
        Self { rest: service.rest(&Person::service("notify")), cursor: None, items: Vec::new() }
    }

    async fn page(&mut self, query: &str) -> Value {
        let answer = self.rest.get(&self.path(query)).await;
        self.take(answer.expect(200))
    }

    fn path(&self, query: &str) -> String {
        let after = self.cursor.as_ref().map(|cursor| format!("&after={cursor}"));
        format!("{V1}/feed?{query}{}", after.unwrap_or_default())
    }

    fn take(&mut self, page: Value) -> Value {
        self.items.extend(page["items"].as_array().expect("items").iter().cloned());
        self.cursor = Some(page["nextCursor"].as_str().expect("a cursor").to_owned());
        page
    }
}

async fn submit(rest: &Rest, room: &str, op: Value) -> Value {
    let body = json!({"opId": new_id(), "op": op});
    rest.post(&format!("{V1}/rooms/{room}/ops"), &body).await.expect(200)
}

async fn one_waits(service: &Service) {
    let rest = service.rest_with(None);
    until("a follower to wait", async || {
        rest.get("/metrics").await.text().contains("\nkyo_feed_waiting 1\n").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn all_rooms_come_in_pages_as_their_logs_have_them() {
    let service = Service::start().await;
    let rest = service.rest(&Person::editor("erna"));
    let rooms = [service.room().await, service.room().await];
    for hour in 0..3 {
        for room in &rooms {
            submit(&rest, room, Class::new("Spin", hour).create()).await;
        }
    }
    let mut follower = Follower::new(&service);
    for (count, more) in [(4, true), (2, false), (0, false)] {
        let page = follower.page("limit=4").await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(count), "{page}");
        assert_eq!((&page["hasMore"], &page["reset"]), (&json!(more), &json!(false)), "{page}");
    }
    for room in &rooms {
        let log = rest.get(&format!("{V1}/rooms/{room}/events?after=0")).await.expect(200);
        let ours = follower.items.iter().filter(|item| item["room"] == **room);
        let events = log["events"].as_array().expect("events").iter();
        let expected = events.map(|event| {
            json!({"room": room, "seq": event["seq"], "opId": event["opId"], "at": event["at"],
                   "userId": event["userId"], "kind": event["kind"], "event": event})
        });
        assert_eq!(ours.cloned().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }
    // An archived room's events stay.
    let owner = service.rest(&Person::owner("olga"));
    owner.delete(&format!("{V1}/rooms/{}", rooms[0])).await.expect(204);
    let mut again = Follower::new(&service);
    again.page("limit=500").await;
    assert_eq!(again.items, follower.items);
}

#[actix_web::test]
async fn it_is_for_services_alone_and_shows_their_own_tenant() {
    let service = Service::start().await;
    let (north, south) = (service.room().await, service.room_of("south").await);
    submit(&service.rest(&Person::owner("olga")), &north, Class::new("Yoga", 0).create()).await;
    let sam = service.rest(&Person::owner("sam").of("south"));
    submit(&sam, &south, Class::new("Spin", 0).create()).await;
    let path = format!("{V1}/feed");
    for person in [Person::owner("olga"), Person::editor("emil"), Person::viewer("vera")] {
        service.rest(&person).get(&path).await.expect_error(403, "forbidden");
    }
    service.rest_with(None).get(&path).await.expect_error(401, "unauthenticated");
    let mut ours = Follower::new(&service);
    ours.page("").await;
    let rooms: BTreeSet<_> = ours.items.iter().map(|item| item["room"].to_string()).collect();
    assert_eq!(rooms, BTreeSet::from([json!(north).to_string()]));
    // A place in another tenant's feed is none in ours, like one that never was.
    let theirs = service.rest(&Person::service("notify").of("south")).get(&path).await.expect(200);
    ours.cursor = Some(theirs["nextCursor"].as_str().expect("a cursor").to_owned());
    let page = ours.page("").await;
    assert_eq!((&page["reset"], &page["items"][0]), (&json!(true), &ours.items[0]), "{page}");
}

#[actix_web::test]
async fn what_nobody_gave_out_is_refused_by_field() {
    let service = Service::start().await;
    let rest = service.rest(&Person::service("notify"));
    for (query, field) in [
        ("after=0", "after"),
        ("after=", "after"),
        ("after=Latest", "after"),
        ("after=AQAAAAAA", "after"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("wait=31", "wait"),
        ("wait=-1", "wait"),
    ] {
        let answer = rest.get(&format!("{V1}/feed?{query}")).await;
        assert_eq!(answer.expect_error(422, "invalid")["details"]["field"], field, "{query}");
    }
}

#[actix_web::test]
async fn a_page_that_is_waited_for_comes_with_the_next_event() {
    let service = Service::start().await;
    let room = service.room().await;
    let rest = service.rest(&Person::editor("erna"));
    submit(&rest, &room, Class::new("Yoga", 0).create()).await;
    let mut follower = Follower::new(&service);
    follower.cursor = Some("latest".to_owned());
    assert_eq!(follower.page("wait=30").await["items"], json!([]), "a place is found at once");
    let place = follower.cursor.clone();
    assert_eq!(follower.page("wait=1").await["items"], json!([]));
    assert_eq!(follower.cursor, place, "nothing happened meanwhile");
    let waiting = service.rest(&Person::service("notify"));
    let path = follower.path("wait=30");
    let waiting = spawn(async move { waiting.get(&path).await });
    one_waits(&service).await;
    submit(&rest, &room, Class::new("Spin", 1).create()).await;
    let answer = within("the page", waiting).await.expect("is not cancelled");
    follower.take(answer.expect(200));
    let seqs: Vec<_> = follower.items.iter().map(|item| item["seq"].clone()).collect();
    assert_eq!(seqs, [json!(2)]);
}

#[actix_web::test]
async fn a_node_that_leaves_lets_its_followers_go() {
    let mut service = Service::with(Settings::default().set("drain.deadline_ms", 10_000)).await;
    let room = service.room().await;
    // Of two sessions the second is told to leave later: the node does not end at once.
    let _emil = Client::enter(&service, &Person::editor("emil"), &room).await;
    let _erna = Client::enter(&service, &Person::editor("erna"), &room).await;
    let waiting = service.rest(&Person::service("notify"));
    let path = format!("{V1}/feed?wait=30");
    let waits = spawn(async move { waiting.get(&path).await });
    one_waits(&service).await;
    service.signal("TERM");
    let page = within("the page", waits).await.expect("is not cancelled").expect(200);
    assert_eq!(page["items"], json!([]));
    assert!(service.exited().await.success());
}

const WRITERS: usize = 4;
const KILLS: usize = 3;
/// Operations of one writer before a kill.
const MOST: u32 = 1_000;

/// `kill -9` while several write and one follows: everything acked comes, once and in order.
#[actix_web::test]
async fn a_follower_misses_nothing_when_the_service_is_killed() {
    let mut service = Service::with(Settings::unhurried()).await;
    let rooms = [service.room().await, service.room().await];
    let mut follower = Follower::new(&service);
    let mut acked = BTreeMap::new();
    for round in 0..KILLS {
        let count = Rc::new(Cell::new(0));
        let writers = (0..WRITERS).map(|writer| {
            let rest = service.rest(&Person::editor(&format!("writer-{writer}")));
            let first = (round * WRITERS + writer) as u32 * MOST;
            spawn(write_until_cut(rest, rooms[writer % 2].clone(), first, count.clone()))
        });
        let writers: Vec<_> = writers.collect();
        follower.rest = service.rest(&Person::service("notify"));
        let strike_at = 5 + round * 40;
        within("enough acks", async {
            while count.get() < strike_at {
                follower.page("limit=7&wait=1").await;
            }
        })
        .await;
        service.kill();
        for sent in join_all(writers).await {
            acked.extend(sent.expect("a writer that ends"));
        }
        service.restart().await;
    }
    follower.rest = service.rest(&Person::service("notify"));
    while follower.page("limit=50").await["hasMore"] == true {}
    let mut seqs: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for item in &follower.items {
        let room = item["room"].as_str().expect("a room").to_owned();
        seqs.entry(room).or_default().push(item["seq"].as_u64().expect("a number"));
        acked.remove(item["opId"].as_str().expect("an id"));
    }
    for (room, seqs) in &seqs {
        assert_eq!(*seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "{room}");
    }
    assert!(acked.is_empty(), "acked and missed: {acked:?}");
    let heads = service.rest(&Person::owner("olga")).get(&format!("{V1}/rooms")).await.expect(200);
    for room in heads["items"].as_array().expect("rooms") {
        let came = seqs[room["room"].as_str().expect("an id")].len();
        assert_eq!(room["seq"], json!(came), "{room}");
    }
}

/// What was acked, by operation, with its place.
async fn write_until_cut(
    rest: Rest,
    room: String,
    first: u32,
    count: Rc<Cell<usize>>,
) -> Vec<(String, Value)> {
    let mut acked = Vec::new();
    for n in 0..MOST {
        let op_id = new_id();
        let class = Class::new("Spin", first + n);
        let body = json!({"opId": op_id, "op": class.create()});
        match rest.try_post(&format!("{V1}/rooms/{room}/ops"), &body).await {
            Ok(answer) if answer.status == 200 => {
                acked.push((op_id, answer.json()["seq"].clone()));
                count.set(count.get() + 1);
            }
            _ => break,
        }
    }
    acked
}
