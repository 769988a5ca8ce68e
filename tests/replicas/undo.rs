//! Undo belongs to the person, not to the connection or the replica.

use serde_json::json;

use crate::support::{Class, Client, Cluster, Person, Replica};

#[actix_web::test]
async fn what_was_done_on_one_replica_is_undone_and_redone_on_another() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let anna = Person::editor("anna");
    let (mut a, joined) = Client::enter(&cluster.replicas[0], &anna, &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &anna, &room).await;
    let mut replicas = [Replica::of(&joined), Replica::of(&joined)];
    let class = Class::new("Yoga", 0);
    a.acked(&room, class.create()).await;
    replicas[1].follow(&mut b, 1).await;
    b.acked(&room, json!({"kind": "undo"})).await;
    replicas[0].follow(&mut a, 2).await;
    assert_eq!(replicas[0].len(), 0);
    a.acked(&room, json!({"kind": "redo"})).await;
    replicas[1].follow(&mut b, 3).await;
    replicas[1].assert_equals(&a.snapshot(&room, None).await);
    assert_eq!(replicas[1].course(class.id())["title"], "Yoga");
}

#[actix_web::test]
async fn a_colleagues_later_change_on_another_replica_is_not_undone() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let (mut a, joined) = Client::enter(&cluster.replicas[0], &Person::editor("anna"), &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::editor("ben"), &room).await;
    let mut replicas = [Replica::of(&joined), Replica::of(&joined)];
    let class = Class::new("Yoga", 0);
    a.acked(&room, class.create()).await;
    a.acked(&room, class.update(json!({"title": "Pilates"}))).await;
    replicas[1].follow(&mut b, 2).await;
    b.acked(&room, class.update(json!({"title": "Boxing"}))).await;
    // Not awaited on the first replica: it may hear of the change only from the refused append.
    let refused = a.op(&room, json!({"kind": "undo"})).await;
    assert_eq!(refused["type"], "error", "{refused}");
    replicas[0].follow(&mut a, 3).await;
    assert_eq!(replicas[0].course(class.id())["title"], "Boxing");
}
