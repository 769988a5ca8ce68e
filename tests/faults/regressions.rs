//! Defects that runs have found, each as a story of its own.

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};

use crate::gym::{Connection, Door, Transport};
use crate::support::{Class, PATIENCE, Person, new_id, until, within};
use crate::world::World;

async fn dial(door: &Door, person: &Person) -> Connection {
    let dialled = Connection::dial(door, person, Transport::Native, PATIENCE).await;
    dialled.expect("it is ready")
}

async fn new_room(world: &World, owner: &Person) -> Value {
    let body = json!({"name": "Main hall", "timezone": "Europe/Berlin"});
    let made = world.replicas[0].rest(owner).post("/api/collaboration/v1/rooms", &body).await;
    made.expect(201)["room"].clone()
}

/// Sends a request and waits for its reply.
async fn ask(connection: &mut Connection, id: u64, mut request: Value) -> Value {
    request["id"] = json!(id);
    connection.send(&request).await.expect("the connection holds");
    reply(connection, id).await
}

async fn reply(connection: &mut Connection, id: u64) -> Value {
    within("a reply", async {
        loop {
            let message = connection.next().await.expect("the connection holds");
            if message["re"] == id {
                return message;
            }
        }
    })
    .await
}

/// Found by `postgres`, seed 31: its acked operations vanished from a client's screen.
#[actix_web::test]
async fn a_client_ahead_of_a_replica_without_its_database_is_not_put_back_in_time() {
    let world = World::on_postgres(2).await;
    let person = Person::owner("ann");
    let room = new_room(&world, &person).await;
    let doors = world.doors();
    let join = json!({"type": "join", "room": room});
    let mut there = dial(&doors[1], &person).await;
    assert_eq!(ask(&mut there, 1, join.clone()).await["seq"], 0);

    world.replicas[1].proxy().cut();
    let mut here = dial(&doors[0], &person).await;
    let joined = ask(&mut here, 1, join).await;
    let create = Class::new("Spin", 1).create();
    let op = json!({"type": "op", "room": room, "opId": new_id(), "op": create});
    assert_eq!(ask(&mut here, 2, op).await["seq"], 1);

    let since = json!({"epoch": joined["epoch"], "seq": 1});
    let resume = json!({"type": "join", "room": room, "since": since, "id": 1});
    let mut moved = dial(&doors[1], &person).await;
    moved.send(&resume).await.expect("the connection holds");
    let heal = async {
        // Long enough for several of the questions that it asks its database in vain.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        world.replicas[1].proxy().heal();
    };
    let (joined, ()) = futures_util::future::join(reply(&mut moved, 1), heal).await;
    assert_eq!((&joined["type"], &joined["seq"]), (&json!("joined"), &json!(1)), "{joined}");
}

/// Found by a torture, seed 20261156: it left with an error, which counts against a deployment.
#[actix_web::test]
async fn a_replica_that_starts_while_its_database_does_waits_for_it() {
    let world = World::on_postgres(1).await;
    let replica = &world.replicas[0];
    replica.signal("KILL");
    replica.ended().await;
    replica.proxy().cut();
    let heal = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        replica.proxy().heal();
    };
    futures_util::future::join(world.restart(0), heal).await;
}

/// Found by `postgres`, seed 88386: the answer to an append came after others had gone on, and was
/// taken for news of where the log ends.
#[actix_web::test]
async fn a_client_ahead_of_an_append_answered_late_is_not_put_back_in_time() {
    let world = World::on_postgres(2).await;
    let person = Person::owner("ann");
    let room = new_room(&world, &person).await;
    let doors = world.doors();
    let join = json!({"type": "join", "room": room});
    let mut there = dial(&doors[1], &person).await;
    let joined = ask(&mut there, 1, join.clone()).await;
    let mut here = dial(&doors[0], &person).await;
    ask(&mut here, 1, join).await;
    let op = |n| {
        let create = Class::new("Spin", n).create();
        json!({"type": "op", "id": 2, "room": room, "opId": new_id(), "op": create})
    };

    let rows = HeldRows::hold(&world).await;
    there.send(&op(1)).await.expect("the connection holds");
    rows.waited_for().await;
    world.replicas[1].proxy().black_hole();
    rows.let_go().await;
    committed_once(&world).await;
    assert_eq!(ask(&mut here, 2, op(2)).await["seq"], 2, "the other one is committed");

    let since = json!({"epoch": joined["epoch"], "seq": 2});
    let mut moved = dial(&doors[1], &person).await;
    let resume = json!({"type": "join", "room": room, "since": since, "id": 1});
    moved.send(&resume).await.expect("the connection holds");
    let heal = async {
        // Long enough for the request to be waiting in its room; if not, nothing is tested, and nothing fails.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.replicas[1].proxy().heal();
    };
    let (joined, ()) = futures_util::future::join(reply(&mut moved, 1), heal).await;
    assert_eq!((&joined["type"], &joined["seq"]), (&json!("joined"), &json!(2)), "{joined}");
}

/// Waits until a room of the database has its first event.
async fn committed_once(world: &World) {
    let connected = AsyncPgConnection::establish(world.database()).await;
    let mut observer = connected.expect("PostgreSQL is there");
    until("the first commit", async || {
        let found =
            diesel::sql_query("SELECT FROM events WHERE seq = 1").execute(&mut observer).await;
        (found.expect("anybody may look") > 0).then_some(())
    })
    .await;
}

/// Rows of all rooms, locked in PostgreSQL: whoever appends waits.
struct HeldRows<'a> {
    world: &'a World,
    holder: AsyncPgConnection,
}

impl<'a> HeldRows<'a> {
    async fn hold(world: &'a World) -> Self {
        let connected = AsyncPgConnection::establish(world.database()).await;
        let mut holder = connected.expect("PostgreSQL is there");
        let locking = holder.batch_execute("BEGIN; SELECT FROM rooms FOR UPDATE").await;
        locking.expect("nobody else locks for long");
        Self { world, holder }
    }

    /// Waits until somebody waits for them.
    async fn waited_for(&self) {
        let connected = AsyncPgConnection::establish(self.world.database()).await;
        let mut observer = connected.expect("PostgreSQL is there");
        let waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        until("an append to wait", async || {
            let waiting = diesel::sql_query(waiting).execute(&mut observer).await;
            (waiting.expect("anybody may look") > 0).then_some(())
        })
        .await;
    }

    async fn let_go(mut self) {
        self.holder.batch_execute("COMMIT").await.expect("it was only reading");
    }
}
