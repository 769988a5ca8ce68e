//! Whatever people do to one timetable at once, refused or not, everybody's copy stays equal to the
//! server's, now and at every past moment.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service, Settings, day};

const PEOPLE: usize = 8;
const ATTEMPTS: usize = 40;

#[actix_web::test]
async fn any_mixture_of_operations_leaves_everybody_equal() {
    let service = Service::with(Settings::unhurried()).await;
    let room = service.room().await;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let (client, joined) =
            Client::enter(&service, &Person::owner(&format!("owner-{n}")), &room).await;
        people.push((client, Replica::of(&joined)));
    }
    // Few classes and fewer trainers, so that people are in each other's way.
    let classes: Vec<_> = (0..10).map(|n| Class::new("Shared", n)).collect();
    let busy = people.iter_mut().enumerate();
    let work = busy.map(|(n, (client, _))| attempt_all(client, &room, n as u32, &classes));
    let acked: usize = join_all(work).await.into_iter().sum();
    assert!(acked > PEOPLE * ATTEMPTS / 4, "only {acked} acked: the mixture is too hostile");

    let head = acked as u64;
    join_all(people.iter_mut().map(|(client, replica)| replica.follow(client, head))).await;
    let (mut client, truth) = people.pop().expect("there are people");
    assert!(people.iter().all(|(_, replica)| *replica == truth));
    truth.assert_equals(&client.snapshot(&room, None).await);
    past_moments_are_kept(&mut client, &room, &truth).await;
}

/// The state at a past moment is the fold of the log up to it.
async fn past_moments_are_kept(client: &mut Client, room: &str, truth: &Replica) {
    let mut folded = Replica::empty(&json!({"room": room, "epoch": truth.epoch}));
    for event in &truth.log {
        folded.fold(event);
        if folded.seq.is_multiple_of(17) {
            folded.assert_equals(&client.snapshot(room, Some(folded.seq)).await);
        }
    }
}

/// Gives how many of the attempts were acked; the others must have been refused for a reason.
async fn attempt_all(client: &mut Client, room: &str, who: u32, classes: &[Class]) -> usize {
    let mut dice = Dice(who + 1);
    let mut sent = Vec::new();
    for _ in 0..ATTEMPTS {
        let op = any_operation(&mut dice, classes);
        let fields = json!({"room": room, "opId": crate::support::new_id(), "op": op});
        sent.push((client.send("op", fields).await, op));
    }
    let mut acked = 0;
    for (id, op) in sent {
        let reply = client.reply(id).await;
        match reply["code"].as_str() {
            None => acked += usize::from(reply["type"] == "ack" && reply["seq"].is_u64()),
            Some("conflict" | "not_found" | "stale" | "invalid" | "forbidden") => {}
            Some(_) => panic!("{op} was answered {reply}"),
        }
    }
    acked
}

fn any_operation(dice: &mut Dice, classes: &[Class]) -> Value {
    let class = &classes[dice.up_to(classes.len() as u32) as usize];
    let trainer = format!("trainer-{}", dice.up_to(3));
    match dice.up_to(20) {
        0..5 => class.clone().trainer(&trainer).create(),
        5..8 => class.update(json!({"trainerId": trainer, "capacity": 1 + dice.up_to(50)})),
        8 => class.update(json!({"notes": null, "tags": ["a", "b"], "color": "#00ff00"})),
        9..12 => class.move_to(dice.up_to(12)),
        12 => class.delete(),
        13 => registered(&trainer, ["forbid", "warn", "allow"][dice.up_to(3) as usize]),
        14 => json!({"kind": "resource_delete", "resourceId": trainer}),
        15 => json!({"kind": "batch", "ops": [
            class.update(json!({"title": "Renamed together"})),
            Class::new("Brought along", 20 + dice.up_to(200)).create(),
        ]}),
        16 => json!({"kind": "template_save", "template": {"id": "week", "name": "Week", "slots": [
            {"weekday": 1 + dice.up_to(7), "start": "10:00", "minutes": 50, "title": "Weekly"},
        ]}}),
        17 => json!({"kind": "template_apply", "templateId": "week", "from": day(14),
            "to": day(27), "onConflict": "skip"}),
        18 => json!({"kind": "undo"}),
        _ => json!({"kind": "redo"}),
    }
}

fn registered(id: &str, overlap: &str) -> Value {
    let resource = json!({"id": id, "kind": "trainer", "name": id, "overlap": overlap});
    json!({"kind": "resource_upsert", "resource": resource})
}

/// A small linear congruential generator: the same mixture in every run.
struct Dice(u32);

impl Dice {
    fn up_to(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) % limit
    }
}
