//! What operators did, and the links of calendar programs.

use kyo_collaboration::domain::{Instant, TenantId, UserId};
use kyo_collaboration::store::{AuditEntry, CalendarLink};

use super::Database;
use super::build::*;

pub fn entry(of: &TenantId, target: &str) -> AuditEntry {
    AuditEntry {
        at: Instant(1_767_225_600_123),
        tenant: of.clone(),
        operator: UserId::parse("olga").unwrap(),
        action: "disconnect".into(),
        target: target.into(),
        reason: "left open at the desk".into(),
        node: "node-1".into(),
        outcome: "done".into(),
    }
}

pub async fn is_read_newest_first_in_pages<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let acme = tenant("acme");
    for target in ["a", "b", "c"] {
        store.add_audit(entry(&acme, target)).await.unwrap();
    }
    let first = store.audit(&acme, None, 2).await.unwrap();
    let targets: Vec<_> = first.iter().map(|row| row.entry.target.as_str()).collect();
    assert_eq!(targets, ["c", "b"]);
    assert_eq!(first[1].entry, entry(&acme, "b"));
    let rest = store.audit(&acme, Some(first[1].id), 2).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].entry.target, "a");
    assert_eq!(store.audit(&acme, Some(rest[0].id), 2).await.unwrap(), []);
}

pub async fn is_kept_apart_by_tenant<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    store.add_audit(entry(&tenant("acme"), "a")).await.unwrap();
    assert_eq!(store.audit(&tenant("globex"), None, 9).await.unwrap(), []);
}

fn link(room: &Room, key: &str) -> CalendarLink {
    CalendarLink {
        tenant: tenant("acme"),
        room: room.id,
        user: UserId::parse("mei").unwrap(),
        key: key.into(),
        created_at: Instant(1_767_225_600_123),
    }
}

pub async fn has_one_calendar_link_a_person<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let (store, first) = (&room.store, link(&room, "first"));
    assert_eq!(store.keep_calendar_link(first.clone()).await.unwrap(), first);
    assert_eq!(store.keep_calendar_link(link(&room, "second")).await.unwrap(), first);
    assert_eq!(store.calendar_link(room.id, "first").await.unwrap(), Some(first.clone()));
    assert_eq!(store.calendar_link(room.id, "second").await.unwrap(), None);
    let other = new_room("acme").id;
    assert_eq!(store.calendar_link(other, "first").await.unwrap(), None);
    assert!(store.end_calendar_link(room.id, &first.user).await.unwrap());
    assert!(!store.end_calendar_link(room.id, &first.user).await.unwrap());
    assert_eq!(store.calendar_link(room.id, "first").await.unwrap(), None);
}
