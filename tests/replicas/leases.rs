//! Soft locks hold on all replicas: one holder, growing numbers, and no lock outlives its holder.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Class, Client, Cluster, Person, Whim, until, within};

const ROUNDS: usize = 12;

async fn lock(client: &mut Client, room: &str, class: &Class) -> Value {
    client.request("lock", json!({"room": room, "courseId": class.id(), "ttlMs": 60_000})).await
}

async fn unlock(client: &mut Client, room: &str, class: &Class, token: &Value) -> Value {
    client.request("unlock", json!({"room": room, "courseId": class.id(), "token": token})).await
}

/// Reads `locks` pushes until one says that the course is held, or released.
async fn told(client: &mut Client, class: &Class, part: &str) {
    within(&format!("the course to be {part}"), async {
        loop {
            let frame = client.expect("locks").await;
            let all = frame[part].as_array().cloned().unwrap_or_default();
            if all.iter().any(|one| *one == class.id() || one["courseId"] == class.id()) {
                return;
            }
        }
    })
    .await;
}

/// Two people on two replicas, and a class.
async fn two(whims: &[Whim]) -> (Cluster, String, Client, Client, Class) {
    let cluster = Cluster::with(whims, |_| {}).await;
    let room = cluster.room().await;
    let (mut a, _) = Client::enter(&cluster.replicas[0], &Person::editor("anna"), &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::editor("ben"), &room).await;
    let yoga = Class::new("Yoga", 0);
    a.acked(&room, yoga.create()).await;
    b.expect("events").await;
    (cluster, room, a, b, yoga)
}

#[actix_web::test]
async fn of_many_that_want_a_course_at_once_one_gets_it_and_the_numbers_grow() {
    let (cluster, room, a, b, yoga) = two(&[Whim::Honest; 2]).await;
    let mut people = vec![a, b];
    for n in 0..6 {
        let who = Person::editor(&format!("p{n}"));
        people.push(Client::enter(&cluster.replicas[n % 2], &who, &room).await.0);
    }
    let mut last = 0;
    for round in 0..ROUNDS {
        let replies = join_all(people.iter_mut().map(|one| lock(one, &room, &yoga))).await;
        let won: Vec<_> = (0..people.len()).filter(|n| replies[*n]["type"] == "locked").collect();
        assert_eq!(won.len(), 1, "round {round}: {replies:?}");
        let lost = replies.iter().filter(|one| one["type"] != "locked");
        for refused in lost {
            assert_eq!(refused["code"], "locked", "{refused}");
            // A replica that has not heard of the last unlocking yet names who held it before.
            let named = refused["details"]["sessionId"].as_str().expect("a holder");
            assert!(people.iter().any(|one| one.session() == named), "{refused}");
        }
        let token = replies[won[0]]["token"].clone();
        assert!(token.as_u64() > Some(last), "{token} after {last}");
        last = token.as_u64().expect("a number");
        let unlocked = unlock(&mut people[won[0]], &room, &yoga, &token).await;
        assert_eq!(unlocked["type"], "unlocked", "{unlocked}");
        // The bus hears of it a little later than the client.
        let next = (won[0] + 1) % people.len();
        last = until("the course to be free", async || {
            let token = lock(&mut people[next], &room, &yoga).await["token"].as_u64()?;
            assert!(token > last, "{token} after {last}");
            Some(token)
        })
        .await;
        // So it does of the end of a membership.
        people[next].request("leave", json!({"room": room})).await;
        people[next].join(&room).await;
        let free = json!({"room": room, "courseId": yoga.id()});
        until("the leaver's lock to end", async || {
            let token = people[won[0]].request("lock", free.clone()).await["token"].as_u64()?;
            last = token;
            Some(())
        })
        .await;
        people[won[0]].request("leave", json!({"room": room})).await;
        people[won[0]].join(&room).await;
        until("the bus to be free", async || {
            let look = &mut people[next];
            let token = lock(look, &room, &yoga).await["token"].clone();
            last = token.as_u64()?;
            unlock(look, &room, &yoga, &token).await;
            Some(())
        })
        .await;
    }
}

#[actix_web::test]
async fn who_was_told_that_a_course_is_free_can_take_it_before_the_bus_knows() {
    let (_cluster, room, mut a, mut b, yoga) = two(&[Whim::Clinging; 2]).await;
    let mut last = lock(&mut a, &room, &yoga).await["token"].clone();
    for leaves in [false, true, false] {
        if leaves {
            a.request("leave", json!({"room": room})).await;
        } else {
            unlock(&mut a, &room, &yoga, &last).await;
            // Read now, so that it is not taken for a later one.
            told(&mut a, &yoga, "released").await;
        }
        told(&mut b, &yoga, "released").await;
        let locked = lock(&mut b, &room, &yoga).await;
        assert_eq!(locked["type"], "locked", "{locked}");
        assert!(locked["token"].as_u64() > last.as_u64(), "{locked} after {last}");
        last = locked["token"].clone();
        if leaves {
            a.join(&room).await;
            a.waiting().for_each(drop);
        } else {
            told(&mut a, &yoga, "held").await;
        }
        std::mem::swap(&mut a, &mut b);
    }
}

#[actix_web::test]
async fn a_course_locked_on_one_replica_is_refused_on_the_other_until_it_is_given_back() {
    let (cluster, room, mut a, mut b, yoga) = two(&[Whim::Honest; 3]).await;
    let token = lock(&mut a, &room, &yoga).await["token"].clone();
    told(&mut b, &yoga, "held").await;
    let refused = b.refused(&room, yoga.move_to(3), "locked").await;
    assert!(refused["details"].to_string().contains("anna"), "{refused}");
    assert_eq!(lock(&mut b, &room, &yoga).await["code"], "locked");
    a.acked(&room, yoga.move_to(4)).await;
    // A room that begins late knows it as well.
    let (mut c, joined) = Client::enter(&cluster.replicas[2], &Person::editor("cleo"), &room).await;
    assert_eq!(joined["locks"][0]["courseId"], yoga.id(), "{joined}");
    c.refused(&room, yoga.move_to(5), "locked").await;
    unlock(&mut a, &room, &yoga, &token).await;
    for client in [&mut b, &mut c] {
        told(client, &yoga, "released").await;
        client.acked(&room, yoga.move_to(6)).await;
    }
}

#[actix_web::test]
async fn a_lock_ends_everywhere_with_its_session() {
    let (_cluster, room, mut a, mut b, yoga) = two(&[Whim::Honest; 2]).await;
    assert_eq!(lock(&mut a, &room, &yoga).await["type"], "locked");
    told(&mut b, &yoga, "held").await;
    drop(a.into_stream());
    told(&mut b, &yoga, "released").await;
    b.acked(&room, yoga.move_to(3)).await;
}

#[actix_web::test]
async fn a_lock_ends_everywhere_with_its_replica() {
    let (cluster, room, mut a, mut b, yoga) = two(&[Whim::Honest; 2]).await;
    let first = lock(&mut a, &room, &yoga).await["token"].as_u64();
    told(&mut a, &yoga, "held").await;
    told(&mut b, &yoga, "held").await;
    cluster.replicas[0].bus.set(Whim::Silent);
    told(&mut b, &yoga, "released").await;
    b.acked(&room, yoga.move_to(3)).await;
    let second = lock(&mut b, &room, &yoga).await;
    assert!(second["token"].as_u64() > first, "the dead one's lease is no obstacle: {second}");
    // It wakes, and learns that it lost the lock.
    cluster.replicas[0].bus.set(Whim::Honest);
    told(&mut a, &yoga, "held").await;
    a.refused(&room, yoga.move_to(4), "locked").await;
}

#[actix_web::test]
async fn locks_that_the_bus_lost_a_word_about_are_known_soon() {
    let (_cluster, room, mut a, mut b, yoga) = two(&[Whim::Deaf, Whim::Honest]).await;
    let first = lock(&mut b, &room, &yoga).await["token"].clone();
    told(&mut a, &yoga, "held").await;
    unlock(&mut b, &room, &yoga, &first).await;
    told(&mut a, &yoga, "released").await;
    // Nothing that a's replica says arrives; the bus itself says who holds it.
    assert_eq!(lock(&mut a, &room, &yoga).await["type"], "locked");
    assert_eq!(lock(&mut b, &room, &yoga).await["code"], "locked");
    b.refused(&room, yoga.move_to(3), "locked").await;
}

#[actix_web::test]
async fn without_the_bus_locks_hold_on_their_replica_and_one_is_left_when_it_is_back() {
    let (cluster, room, mut a, mut b, yoga) = two(&[Whim::Honest; 2]).await;
    for replica in &cluster.replicas {
        replica.bus.set(Whim::Down);
    }
    let (mut other, _) = Client::enter(&cluster.replicas[0], &Person::editor("otto"), &room).await;
    let locked = lock(&mut a, &room, &yoga).await;
    assert_eq!(locked["type"], "locked", "{locked}");
    assert_eq!(lock(&mut other, &room, &yoga).await["code"], "locked");
    other.refused(&room, yoga.move_to(3), "locked").await;
    assert_eq!(lock(&mut b, &room, &yoga).await["type"], "locked", "as far as b's replica knows");
    for replica in &cluster.replicas {
        replica.bus.set(Whim::Honest);
    }
    // One of the two has it in the end, and both replicas know which.
    until("one of them to be refused", async || {
        let codes = [a.op(&room, yoga.move_to(4)).await, b.op(&room, yoga.move_to(5)).await]
            .map(|reply| reply["code"] == "locked");
        (codes == [true, false] || codes == [false, true]).then_some(())
    })
    .await;
}

/// A room that slept counted from one again.
#[actix_web::test]
async fn a_lock_taken_after_the_room_slept_has_a_higher_number() {
    let cluster = Cluster::with(&[Whim::Honest], |config| {
        config.realtime.presence_grace_ms = 500;
        config.realtime.hibernate_after_ms = 1_000;
    })
    .await;
    let room = cluster.room().await;
    let yoga = Class::new("Yoga", 0);
    let (mut a, _) = Client::enter(&cluster.replicas[0], &Person::editor("anna"), &room).await;
    a.acked(&room, yoga.create()).await;
    let first = lock(&mut a, &room, &yoga).await["token"].as_u64();
    a.request("leave", json!({"room": room})).await;
    until("the room to sleep", async || {
        (cluster.replicas[0].metric("kyo_rooms_active").await == 0.0).then_some(())
    })
    .await;
    a.join(&room).await;
    let second = lock(&mut a, &room, &yoga).await;
    assert!(second["token"].as_u64() > first, "{second} after {first:?}");
}
