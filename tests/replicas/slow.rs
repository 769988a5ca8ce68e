//! P8: a client that never reads again is cut, and costs the others nothing.

use serde_json::json;

use crate::support::{Class, Client, Cluster, Open, Person, until};

#[actix_web::test]
async fn a_client_that_never_reads_is_cut_without_its_help() {
    let cluster = Cluster::start(1).await;
    let replica = &cluster.replicas[0];
    let room = cluster.room().await;
    let open = Open {
        token: Some(Person::viewer("sleeper").token()),
        receive_buffer: Some(4_096),
        ..Open::default()
    };
    let mut sleeper = Client::open(replica, open).await.expect("the upgrade");
    sleeper.join(&room).await;
    let (mut writer, _) = Client::enter(replica, &Person::editor("writer"), &room).await;
    let class = Class::new("Yoga", 0);
    writer.acked(&room, class.create()).await;
    let notes = "x".repeat(4_000);
    until("the sleeper to be given up", async || {
        for n in 0..50 {
            let patch = json!({"notes": format!("{n}{}", &notes[4..])});
            writer.acked(&room, class.update(patch)).await;
        }
        writer.waiting().for_each(drop);
        (replica.metric("kyo_slow_closes_total").await > 0.0).then_some(())
    })
    .await;
    let sessions = "kyo_sessions{transport=\"websocket\"}";
    until("its session to end", async || (replica.metric(sessions).await == 1.0).then_some(()))
        .await;
    assert_eq!(replica.metric("kyo_presence_participants").await, 1.0);
    drop(sleeper);
}
