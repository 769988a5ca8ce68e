//! Rooms and their members.

use kyo_collaboration::domain::{Instant, Role, RoomId};
use kyo_collaboration::store::{Head, NewRoom, RoomRecord, StoreError};
use uuid::Uuid;

use super::Database;
use super::build::*;

pub async fn are_made_with_owner_and_snapshot<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let new = new_room("acme");
    let made = store.create_room(new.clone()).await.unwrap();
    let expected = RoomRecord {
        id: new.id,
        tenant: new.tenant.clone(),
        name: new.name.clone(),
        timezone: new.timezone.clone(),
        policy: new.policy.clone(),
        head: Head { epoch: new.epoch, seq: 0 },
        created_at: new.created_at,
        archived_at: None,
    };
    assert_eq!(made, expected);
    assert_eq!(store.room(&new.tenant, new.id).await.unwrap(), Some(expected));
    assert_eq!(store.members(new.id).await.unwrap(), [(new.owner.clone(), Role::Owner)]);
    let snapshot = store.snapshot_at(new.id, 0).await.unwrap().unwrap();
    assert_eq!((snapshot.seq, snapshot.body), (0, new.snapshot.clone()));
    assert!(matches!(store.create_room(new).await, Err(StoreError::Failed(_))), "its id is taken");
}

pub async fn are_not_there_for_other_tenants<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let (store, stranger) = (&room.store, tenant("globex"));
    assert_eq!(store.room(&stranger, room.id).await.unwrap(), None);
    assert!(store.load(&stranger, room.id, 9).await.unwrap().is_none());
    assert_eq!(store.rooms(&stranger, None, 9).await.unwrap(), []);
    let name = Some("Mine now".to_owned());
    assert_eq!(store.update_room(&stranger, room.id, name, None).await.unwrap(), None);
    assert_eq!(store.update_room(&stranger, room.id, None, None).await.unwrap(), None);
    assert!(!store.archive_room(&stranger, room.id, Instant(1)).await.unwrap());
    let untouched = store.room(&room.tenant, room.id).await.unwrap().unwrap();
    assert_eq!((untouched.name.as_str(), untouched.archived_at), ("Main street", None));
    assert_eq!(store.room(&room.tenant, RoomId(Uuid::nil())).await.unwrap(), None);
}

pub async fn are_listed_in_pages<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(Room::new(&store, "acme").await.id);
        Room::new(&store, "globex").await;
    }
    ids.sort_unstable();
    let gone = ids.remove(3);
    store.archive_room(&tenant("acme"), gone, Instant(1)).await.unwrap();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = store.rooms(&tenant("acme"), after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        listed.extend(page.iter().map(|room| room.id));
    }
    assert_eq!(listed, ids);
    assert_eq!(store.rooms(&tenant("acme"), None, 0).await.unwrap(), []);
}

pub async fn change_until_archived<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let change = async |name: Option<&str>, zone: Option<&str>| {
        let (name, zone) = (name.map(str::to_owned), zone.map(str::to_owned));
        let changed = room.store.update_room(&room.tenant, room.id, name, zone).await.unwrap();
        changed.map(|room| (room.name, room.timezone))
    };
    let is = |name: &str, zone: &str| Some((name.to_owned(), zone.to_owned()));
    assert_eq!(change(Some("Pool"), None).await, is("Pool", "America/Toronto"));
    assert_eq!(change(None, Some("Asia/Tokyo")).await, is("Pool", "Asia/Tokyo"));
    assert_eq!(change(None, None).await, is("Pool", "Asia/Tokyo"));
    room.store.archive_room(&room.tenant, room.id, Instant(1)).await.unwrap();
    assert_eq!(change(Some("Ghost"), None).await, None);
    assert_eq!(change(None, None).await, None);
}

pub async fn are_archived_once<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.grow(2).await;
    assert!(room.store.archive_room(&room.tenant, room.id, Instant(77)).await.unwrap());
    assert!(!room.store.archive_room(&room.tenant, room.id, Instant(88)).await.unwrap());
    let record = room.store.room(&room.tenant, room.id).await.unwrap().unwrap();
    assert_eq!(record.archived_at, Some(Instant(77)));
    assert!(room.store.load(&room.tenant, room.id, 9).await.unwrap().is_none());
    assert_eq!(room.log().await.len(), 2, "its history stays");
}

pub async fn have_members<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let (store, id) = (&room.store, room.id);
    store.put_member(id, &user("vera"), Role::Viewer).await.unwrap();
    store.put_member(id, &user("emil"), Role::Viewer).await.unwrap();
    store.put_member(id, &user("emil"), Role::Editor).await.unwrap();
    let all =
        [(user("emil"), Role::Editor), (user("olga"), Role::Owner), (user("vera"), Role::Viewer)];
    assert_eq!(store.members(id).await.unwrap(), all);
    assert!(store.delete_member(id, &user("emil")).await.unwrap());
    assert!(!store.delete_member(id, &user("emil")).await.unwrap());
    assert_eq!(store.members(id).await.unwrap(), all[1..]);
    let nowhere = RoomId(Uuid::now_v7());
    let orphan = store.put_member(nowhere, &user("emil"), Role::Editor).await;
    assert!(matches!(orphan, Err(StoreError::Failed(_))), "no room, no member");
}

pub async fn tell_their_heads<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let mut expected = Vec::new();
    for events in 0..4 {
        let room = Room::new(&store, "acme").await;
        if events > 0 {
            room.grow(events).await;
        }
        expected.push((room.id, Head { epoch: EPOCH, seq: events as u64 }));
    }
    let (archived, _) = expected.remove(1);
    store.archive_room(&tenant("acme"), archived, Instant(1)).await.unwrap();
    let mut asked: Vec<RoomId> = expected.iter().map(|(id, _)| *id).collect();
    asked.push(archived);
    asked.extend((0..2_500).map(|_| RoomId(Uuid::now_v7())));
    let mut heads = store.heads(&asked).await.unwrap();
    heads.sort_unstable_by_key(|(id, _)| *id);
    expected.sort_unstable_by_key(|(id, _)| *id);
    assert_eq!(heads, expected);
    assert_eq!(store.heads(&[]).await.unwrap(), []);
}

pub async fn answer_a_ping<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    store.ping().await.unwrap();
}

pub async fn have_new_epochs_after_a_restore<D: Database>() {
    let (database, store) = one_store::<D>().await;
    let future = i64::from(u32::MAX);
    let ahead = NewRoom { epoch: future, ..new_room("globex") };
    store.create_room(ahead.clone()).await.unwrap();
    let room = Room::new(&store, "acme").await;
    let gone = Room::new(&store, "acme").await;
    store.archive_room(&gone.tenant, gone.id, Instant(1)).await.unwrap();
    let before = store.room(&room.tenant, room.id).await.unwrap().unwrap();

    assert_eq!(database.restored().await, 3, "the archived too");
    let after = store.room(&room.tenant, room.id).await.unwrap().unwrap();
    // The time of day, which is later than any epoch that a client can have seen.
    assert!(after.head.epoch > EPOCH, "{after:?}");
    assert_eq!(
        after,
        RoomRecord { head: Head { epoch: after.head.epoch, ..before.head }, ..before }
    );
    let ahead = store.room(&ahead.tenant, ahead.id).await.unwrap().unwrap();
    assert_eq!(ahead.head.epoch, future + 1, "never the same, and never back");
    database.restored().await;
    let again = store.room(&room.tenant, room.id).await.unwrap().unwrap();
    assert!(again.head.epoch > after.head.epoch, "{again:?}");
}
