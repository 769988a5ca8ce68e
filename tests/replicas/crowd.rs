//! Every list of participants, on every replica, shows the people of all of them.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Client, Cluster, Dice, List, Person, Whim, until};

const STEPS: usize = 120;

#[actix_web::test]
async fn every_list_on_every_replica_shows_everyone() {
    let cluster = Cluster::start(3).await;
    let room = cluster.room().await;
    let (mut clients, mut lists, mut all) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (n, replica) in cluster.replicas.iter().enumerate() {
        let (client, joined) =
            Client::enter(replica, &Person::editor(&format!("p{n}")), &room).await;
        let list = List::of(&joined);
        all.insert(client.session().to_owned());
        assert_eq!(list.sessions(), all.iter().cloned().collect::<Vec<_>>(), "a newcomer's list");
        // A coming is told with the next tick: before that nobody elsewhere can know of it.
        if let Some(next) = cluster.replicas.get(n + 1) {
            next.hears_of(&room, client.session()).await;
        }
        clients.push(client);
        lists.push(list);
    }
    let all: Vec<_> = all.into_iter().collect();
    for (client, list) in clients.iter_mut().zip(&mut lists) {
        list.follow("everyone", client, |list| list.sessions() == all).await;
    }
    for replica in &cluster.replicas {
        assert_eq!(replica.participants(&room).await, all);
    }
    let gone = clients.remove(0);
    let session = gone.session().to_owned();
    let mut leaver = gone;
    leaver.request("leave", json!({"room": room})).await;
    lists.remove(0);
    for (client, list) in clients.iter_mut().zip(&mut lists) {
        list.follow("the leave", client, |list| !list.has(&session)).await;
    }
}

#[actix_web::test]
async fn a_room_that_begins_late_knows_everyone_who_is_already_there() {
    let cluster = Cluster::start(2).await;
    for n in 0..5 {
        let room = cluster.room().await;
        let who = Person::editor(&format!("early-{n}"));
        let (mut early, _) = Client::enter(&cluster.replicas[0], &who, &room).await;
        early.send("cursor_move", json!({"room": room, "x": 1, "y": 2})).await;
        cluster.replicas[1].hears_of(&room, early.session()).await;
        let listed = cluster.replicas[1].participants(&room).await;
        assert_eq!(listed, [early.session()], "over REST, where nobody has joined");
        let (late, joined) =
            Client::enter(&cluster.replicas[1], &Person::editor("late"), &room).await;
        let list = List::of(&joined);
        assert!(list.has(early.session()) && list.has(late.session()), "{joined}");
    }
}

#[actix_web::test]
async fn a_changed_role_is_seen_by_everyone() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let (_a, _) = Client::enter(&cluster.replicas[0], &Person::editor("anna"), &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::viewer("ben"), &room).await;
    let founder = cluster.replicas[0].rest(&Person::owner("founder"));
    let member = format!("/api/collaboration/v1/rooms/{room}/members/anna");
    founder.put(&member, &json!({"role": "viewer"})).await.expect(200);
    loop {
        let frame = b.expect("presence").await;
        let joined = frame["joined"].as_array().cloned().unwrap_or_default();
        if joined.iter().any(|one| one["userId"] == "anna" && one["role"] == "viewer") {
            break;
        }
    }
}

#[actix_web::test]
async fn lists_agree_after_random_comings_and_goings_over_a_wild_bus() {
    let cluster = Cluster::with(&[Whim::Wild(3), Whim::Wild(5), Whim::Wild(7)], |config| {
        config.realtime.presence_grace_ms = 300;
    })
    .await;
    let room = cluster.room().await;
    let mut watchers = Vec::new();
    for (n, replica) in cluster.replicas.iter().enumerate() {
        let who = Person::viewer(&format!("watcher-{n}"));
        let (client, joined) = Client::enter(replica, &who, &room).await;
        watchers.push((client, List::of(&joined)));
    }
    let (mut dice, mut people) = (Dice::new(11), Vec::<Client>::new());
    for step in 0..STEPS {
        let some = dice.below(people.len().max(1) as u64) as usize;
        match dice.below(6) {
            0 | 1 => {
                // A dozen people, so that some come back elsewhere while they are still shown.
                let who = Person::editor(&format!("p{}", dice.below(12)));
                let replica = dice.pick(&cluster.replicas);
                people.push(Client::enter(replica, &who, &room).await.0);
            }
            2 if !people.is_empty() => {
                people.swap_remove(some).request("leave", json!({"room": room})).await;
            }
            3 if people.len() > 2 => drop(people.swap_remove(some).into_stream()),
            _ if !people.is_empty() => {
                people[some].send("cursor_move", json!({"room": room, "x": step, "y": 0})).await;
            }
            _ => {}
        }
    }
    let here = people.iter().chain(watchers.iter().map(|(client, _)| client));
    let mut here: Vec<_> = here.map(|client| client.session().to_owned()).collect();
    here.sort();
    for (client, list) in &mut watchers {
        list.follow("the true list", client, |list| list.sessions() == here).await;
    }
    for replica in &cluster.replicas {
        until("the true list over REST", async || {
            (replica.participants(&room).await == here).then_some(())
        })
        .await;
    }
}
