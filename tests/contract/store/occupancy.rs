//! No double booking, in whichever rooms.

use kyo_collaboration::domain::{Hold, Instant, Interval, MINUTE};
use kyo_collaboration::store::AppendOutcome::{self, Committed};

use super::Database;
use super::build::*;

async fn two_rooms<D: Database>() -> (D, Room, Room) {
    let (database, one) = one_room::<D>().await;
    let two = Room::new(&one.store, "acme").await;
    (database, one, two)
}

fn refused(index: usize, taken: kyo_collaboration::store::OccupancyRow) -> AppendOutcome {
    AppendOutcome::Refused { index, taken: vec![taken] }
}

pub async fn refuses_overlap_across_rooms<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let first = one.draft(0).event().take("yoga", trainer("anna"), hours(9, 11));
    assert_eq!(one.append(first).await, Committed);
    let taken = one.occupied("yoga", trainer("anna"), hours(9, 11));
    for (start, end) in [(9, 11), (10, 12), (8, 10), (10, 11), (8, 12)] {
        let draft = two.draft(0).event().event().take("spin", trainer("anna"), hours(start, end));
        assert_eq!(two.append(draft).await, refused(1, taken.clone()), "{start} to {end}");
    }
    two.assert_log_is_gapless_to(0).await;
    let elsewhere = two.draft(0).event().take("spin", trainer("bob"), hours(9, 11));
    assert_eq!(two.append(elsewhere).await, Committed);
}

pub async fn refuses_overlap_within_a_room<D: Database>() {
    let (_database, room, _) = two_rooms::<D>().await;
    let draft = room.draft(0).event().take("yoga", studio("red"), hours(9, 11)).event().take(
        "spin",
        studio("red"),
        hours(10, 12),
    );
    let taken = room.occupied("yoga", studio("red"), hours(9, 11));
    assert_eq!(room.append(draft).await, refused(1, taken));
    room.assert_log_is_gapless_to(0).await;
}

pub async fn lets_ends_touch_but_not_buffers<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let buffered = hours(9, 10).extended(15 * MINUTE);
    assert_eq!(
        one.append(one.draft(0).event().take("a", trainer("anna"), buffered)).await,
        Committed
    );
    let before = two.draft(0).event().take("b", trainer("anna"), hours(8, 9));
    assert_eq!(two.append(before).await, Committed);
    let in_buffer = two.draft(1).event().take("c", trainer("anna"), hours(10, 11));
    let taken = one.occupied("a", trainer("anna"), buffered);
    assert_eq!(two.append(in_buffer).await, refused(0, taken));
    let after = Interval { start: buffered.end, end: Instant(buffered.end.0 + 1) };
    let touching = two.draft(1).event().take("c", trainer("anna"), after);
    assert_eq!(two.append(touching).await, Committed);
}

pub async fn lets_warnings_pass<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let slot = || (studio("red"), hours(9, 11));
    let warn = |draft: Draft, by| draft.warn(by, slot().0, slot().1);
    assert_eq!(one.append(warn(warn(one.draft(0).event(), "a"), "b")).await, Committed);
    assert_eq!(two.append(two.draft(0).event().take("c", slot().0, slot().1)).await, Committed);
    assert_eq!(one.append(warn(one.draft(1).event(), "d")).await, Committed);
    let enforced = one.draft(2).event().take("e", slot().0, slot().1);
    assert_eq!(one.append(enforced).await, refused(0, two.occupied("c", slot().0, slot().1)));
}

pub async fn applies_changes_in_order<D: Database>() {
    let (_database, room, _) = two_rooms::<D>().await;
    let (red, slot) = (|| studio("red"), hours(9, 10));
    assert_eq!(room.append(room.draft(0).event().take("a", red(), slot)).await, Committed);
    let swap = room.draft(1).event().clear("a").take("b", red(), slot);
    assert_eq!(room.append(swap).await, Committed);
    let in_two_events = room.draft(2).event().clear("b").event().take("c", red(), slot);
    assert_eq!(room.append(in_two_events).await, Committed);
}

pub async fn applies_rooms_in_the_given_order<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let (anna, slot) = (|| trainer("anna"), hours(9, 10));
    assert_eq!(one.append(one.draft(0).event().take("a", anna(), slot)).await, Committed);
    let give = one.draft(1).event().clear("a");
    let take = two.draft(0).event().take("b", anna(), slot);
    let outcomes = append_all(&one.store, vec![give, take]).await;
    assert_eq!(outcomes, [Committed, Committed]);
}

pub async fn moves_a_course_that_takes_again<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let anna = || trainer("anna");
    let draft = one.draft(0).event().take("a", anna(), hours(9, 11)).event();
    assert_eq!(one.append(draft.take("a", anna(), hours(10, 12))).await, Committed);
    assert_eq!(two.append(two.draft(0).event().take("b", anna(), hours(9, 10))).await, Committed);
    let late = two.draft(1).event().take("c", anna(), hours(11, 13));
    assert_eq!(two.append(late).await, refused(0, one.occupied("a", anna(), hours(10, 12))));
}

/// One event a call, of one course: what a store may treat in a way of its own.
pub async fn changes_what_a_course_has_event_by_event<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let (anna, red) = (|| trainer("anna"), || studio("red"));
    let (early, late) = (hours(9, 10), hours(10, 11));
    let there = one.draft(0).event().take("a", anna(), early);
    assert_eq!(one.append(there).await, Committed);
    assert_eq!(one.append(one.draft(1).event().take("a", red(), early)).await, Committed);
    assert_eq!(one.append(one.draft(2).event().take("a", anna(), late)).await, Committed);
    assert_eq!(two.append(two.draft(0).event().take("b", anna(), early)).await, Committed);
    let stays = two.draft(1).event().take("c", red(), early);
    assert_eq!(two.append(stays).await, refused(0, one.occupied("a", red(), early)));
    let back = one.draft(3).event().clear("a").take("a", red(), late).take("a", anna(), late);
    assert_eq!(one.append(back).await, Committed);
    assert_eq!(two.append(two.draft(1).event().take("c", red(), early)).await, Committed);
    let crossed = one.draft(4).event().clear("a").take("a", anna(), early);
    assert_eq!(one.append(crossed).await, refused(0, two.occupied("b", anna(), early)));
    let held = two.draft(2).event().take("d", red(), late);
    assert_eq!(two.append(held).await, refused(0, one.occupied("a", red(), late)));
    assert_eq!(one.append(one.draft(4).event().clear("a")).await, Committed);
    let both = two.draft(2).event().take("d", red(), late).take("d", anna(), late);
    assert_eq!(two.append(both).await, Committed);
}

pub async fn keeps_tenants_apart<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (ours, theirs) = (Room::new(&store, "acme").await, Room::new(&store, "globex").await);
    for room in [&ours, &theirs] {
        let draft = room.draft(0).event().take("a", trainer("anna"), hours(9, 10));
        assert_eq!(room.append(draft).await, Committed);
    }
    let nobody = kyo_collaboration::domain::RoomId(uuid::Uuid::nil());
    let wanted = [(trainer("anna"), hours(9, 10))];
    let taken = store.taken(&theirs.tenant, nobody, &wanted).await.unwrap();
    assert_eq!(taken, [theirs.occupied("a", trainer("anna"), hours(9, 10))]);
}

pub async fn keeps_trainers_and_studios_apart<D: Database>() {
    let (_database, room, _) = two_rooms::<D>().await;
    let draft = room.draft(0).event().take("a", trainer("1"), hours(9, 10)).take(
        "b",
        studio("1"),
        hours(9, 10),
    );
    assert_eq!(room.append(draft).await, Committed);
}

pub async fn is_freed_by_archiving<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let anna = || trainer("anna");
    assert_eq!(one.append(one.draft(0).event().take("a", anna(), hours(9, 10))).await, Committed);
    assert!(one.store.archive_room(&one.tenant, one.id, Instant(5)).await.unwrap());
    assert_eq!(one.append(one.draft(1).event()).await, AppendOutcome::Gone);
    assert_eq!(two.append(two.draft(0).event().take("b", anna(), hours(9, 10))).await, Committed);
}

pub async fn names_at_most_twenty<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let anna = || trainer("anna");
    let full_week = (0..30).fold(one.draft(0).event(), |draft, hour| {
        draft.take(&format!("course {hour}"), anna(), hours(hour, hour + 1))
    });
    assert_eq!(one.append(full_week).await, Committed);
    let greedy = two.draft(0).event().take("x", anna(), hours(0, 30));
    let AppendOutcome::Refused { index: 0, taken } = two.append(greedy).await else {
        panic!("the trainer is taken")
    };
    assert_eq!(taken.len(), 20);
    let listed = one.store.taken(&two.tenant, two.id, &[(anna(), hours(0, 30))]).await.unwrap();
    assert_eq!(listed.len(), 20);
    let several = (0..5).fold(two.draft(0).event(), |draft, hour| {
        draft.take(&format!("x {hour}"), anna(), hours(hour, hour + 1))
    });
    let AppendOutcome::Refused { index: 0, taken } = two.append(several).await else {
        panic!("the trainer is taken")
    };
    assert_eq!(taken.len(), 5, "all that is in the way of the event is named");
}

pub async fn lists_what_other_rooms_took<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let (anna, red) = (|| trainer("anna"), || studio("red"));
    let draft = one.draft(0).event().take("a", anna(), hours(9, 12)).warn("b", red(), hours(9, 12));
    assert_eq!(one.append(draft).await, Committed);
    let own = (0..25).fold(two.draft(0).event(), |draft, hour| {
        draft.take(&format!("own {hour}"), anna(), hours(20 + hour, 21 + hour))
    });
    assert_eq!(two.append(own).await, Committed);
    let late = one.draft(1).event().take("c", anna(), hours(45, 46));
    assert_eq!(one.append(late).await, Committed);
    let wanted = [(anna(), hours(8, 10)), (anna(), hours(11, 50)), (red(), hours(9, 12))];
    let found = two.store.taken(&two.tenant, two.id, &wanted).await.unwrap();
    let named_once =
        [one.occupied("a", anna(), hours(9, 12)), one.occupied("c", anna(), hours(45, 46))];
    assert_eq!(found, named_once);
    assert_eq!(two.store.taken(&two.tenant, two.id, &[(anna(), hours(12, 20))]).await.unwrap(), []);
}

pub async fn refuses_what_overlaps_another_rooms_override<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let (anna, slot) = (|| trainer("anna"), hours(9, 10));
    let over = |draft: Draft, by| draft.hold(by, anna(), slot, Hold::Overridden);
    assert_eq!(one.append(one.draft(0).event().take("a", anna(), slot)).await, Committed);
    assert_eq!(two.append(over(two.draft(0).event(), "b")).await, Committed);
    assert_eq!(one.append(one.draft(1).event().clear("a")).await, Committed);
    let theirs = || two.held("b", anna(), slot, Hold::Overridden);
    let late = one.draft(2).event().take("c", anna(), slot);
    assert_eq!(one.append(late).await, refused(0, theirs()));
    let wanted = [(anna(), slot)];
    assert_eq!(one.store.taken(&one.tenant, one.id, &wanted).await.unwrap(), [theirs()]);
    let free = one.draft(2).event().warn("d", anna(), slot);
    assert_eq!(one.append(over(free, "e")).await, Committed);
    let own = two.draft(1).event().clear("b").hold("b", anna(), slot, Hold::Enforced);
    let in_the_way = one.held("e", anna(), slot, Hold::Overridden);
    assert_eq!(two.append(own).await, refused(0, in_the_way));
}

pub async fn sees_an_override_of_the_same_call<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let (red, slot) = (|| studio("red"), hours(9, 10));
    let over = one.draft(0).event().hold("a", red(), slot, Hold::Overridden);
    let late = two.draft(0).event().take("b", red(), slot);
    let outcomes = append_all(&one.store, vec![over, late]).await;
    let theirs = one.held("a", red(), slot, Hold::Overridden);
    assert_eq!(outcomes, [Committed, refused(0, theirs)]);
}

pub async fn leaves_overrides_inside_a_room_to_the_room<D: Database>() {
    let (_database, room, _) = two_rooms::<D>().await;
    let (red, slot) = (|| studio("red"), hours(9, 10));
    let over = room.draft(0).event().hold("a", red(), slot, Hold::Overridden);
    assert_eq!(room.append(over.event().take("b", red(), slot)).await, Committed);
}

pub async fn does_not_judge_again_what_is_kept<D: Database>() {
    let (_database, one, two) = two_rooms::<D>().await;
    let (red, slot) = (|| studio("red"), hours(9, 10));
    assert_eq!(one.append(one.draft(0).event().take("a", red(), slot)).await, Committed);
    let over = two.draft(0).event().hold("b", red(), slot, Hold::Overridden);
    assert_eq!(two.append(over).await, Committed);
    let kept = one.draft(1).event().clear("a").keep("a", red(), slot);
    assert_eq!(one.append(kept).await, Committed);
    let again = one.draft(2).event().clear("a").take("a", red(), slot);
    let theirs = two.held("b", red(), slot, Hold::Overridden);
    assert_eq!(one.append(again).await, refused(0, theirs));
}
