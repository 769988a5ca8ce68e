//! The list of participants as values: who replaces whom, and what is told of it.

use uuid::Uuid;

use super::*;
use crate::protocol::text::Rgb;

const NODE: NodeId = NodeId(Uuid::from_u128(1));
const OTHER: NodeId = NodeId(Uuid::from_u128(2));
const GRACE: i64 = 5_000;

fn session(id: &str) -> SessionId {
    SessionId::parse(id).unwrap()
}

fn body(id: &str, user: &str, joined: i64) -> ParticipantBody {
    ParticipantBody {
        session_id: Text(session(id)),
        user_id: Text(UserId::parse(user).unwrap()),
        name: user.to_owned(),
        role: Role::Editor.into(),
        color: Text(Rgb("#102030".to_owned())),
        avatar: None,
        joined_at: Text(Instant(joined)),
        state: PresenceState::Active,
        cursor: None,
        selection: None,
    }
}

fn cursor(x: f64) -> Cursor {
    Cursor { x, y: 0.0, component_id: None, component_type: None }
}

/// A session of another replica, active or cut at a moment.
fn told(id: &str, user: &str, joined: i64, cut: Option<i64>) -> PersonSaid {
    let mut who = body(id, user, joined);
    if cut.is_some() {
        who.state = PresenceState::Away;
    }
    PersonSaid { who, cut }
}

fn enter(roster: &mut Roster, node: NodeId, person: PersonSaid) {
    let until = person.cut.map(|at| Instant(at + GRACE));
    roster.enter(node, person, until, Instant(0));
}

fn join(roster: &mut Roster, id: &str, user: &str, at: i64) {
    roster.join(body(id, user, at), TenantRole::Trainer, Instant(at));
}

fn cut(roster: &mut Roster, id: &str, at: i64) {
    roster.cut(&session(id), Cut { at: Instant(at), until: Instant(at + GRACE) });
}

/// Sessions that joined, and those that left with the reason.
fn news(roster: &mut Roster) -> (Vec<String>, Vec<(String, LeaveReason)>) {
    let tick = roster.tick();
    let left = tick.left.iter().map(|one| (one.session_id.0.to_string(), one.reason));
    (tick.joined.iter().map(|(one, _)| one.to_string()).collect(), left.collect())
}

fn shown(roster: &Roster) -> Vec<String> {
    roster.participants().iter().map(|one| one.session_id.0.to_string()).collect()
}

fn replaced(old: &str, new: &str) -> (Vec<String>, Vec<(String, LeaveReason)>) {
    (vec![new.to_owned()], vec![(old.to_owned(), LeaveReason::Reconnected)])
}

#[test]
fn a_reconnect_to_this_replica_replaces_the_cut_session_of_another_in_one_tick() {
    let mut roster = Roster::default();
    enter(&mut roster, NODE, told("old", "emil", 10, None));
    roster.tick();
    enter(&mut roster, NODE, told("old", "emil", 10, Some(100)));
    join(&mut roster, "new", "emil", 200);
    assert_eq!(news(&mut roster), replaced("old", "new"));
    // Its replica does not know yet, and says so again and again.
    enter(&mut roster, NODE, told("old", "emil", 10, Some(100)));
    assert_eq!(news(&mut roster), (vec![], vec![]));
    roster.depart(&session("old"), LeaveReason::Disconnected);
    assert_eq!(news(&mut roster), (vec![], vec![]));
    assert!(roster.replaced.is_empty(), "nothing is kept of it");
}

#[test]
fn a_reconnect_to_another_replica_replaces_the_cut_session_of_this_one() {
    let mut roster = Roster::default();
    join(&mut roster, "old", "emil", 10);
    roster.tick();
    cut(&mut roster, "old", 100);
    enter(&mut roster, NODE, told("new", "emil", 200, None));
    let tick = roster.tick();
    assert_eq!(tick.speech.left.len(), 1, "the others hear it from here");
    assert!(tick.speech.people.is_empty(), "and of the new one from there");
    assert_eq!(shown(&roster), ["new"]);
}

#[test]
fn whichever_message_comes_first_the_cut_session_goes_and_the_new_one_stays() {
    for cut_first in [true, false] {
        let mut roster = Roster::default();
        enter(&mut roster, NODE, told("old", "emil", 10, None));
        roster.tick();
        let (cut, back) = (told("old", "emil", 10, Some(100)), told("new", "emil", 200, None));
        if cut_first {
            enter(&mut roster, NODE, cut);
            enter(&mut roster, OTHER, back);
        } else {
            enter(&mut roster, OTHER, back);
            enter(&mut roster, NODE, cut);
        }
        assert_eq!(news(&mut roster), replaced("old", "new"), "cut first: {cut_first}");
    }
}

#[test]
fn a_cut_that_is_noticed_only_after_the_reconnect_ends_the_old_session_at_once() {
    let mut roster = Roster::default();
    join(&mut roster, "old", "emil", 10);
    enter(&mut roster, NODE, told("new", "emil", 10_000, None));
    roster.tick();
    cut(&mut roster, "old", 10_000 + NOTICED_LATE_MS);
    assert_eq!(news(&mut roster), (vec![], vec![("old".to_owned(), LeaveReason::Reconnected)]));
}

#[test]
fn a_second_window_that_was_there_before_is_no_reconnect() {
    let mut roster = Roster::default();
    join(&mut roster, "one", "emil", 10);
    enter(&mut roster, NODE, told("two", "emil", 20, None));
    cut(&mut roster, "one", 60_000);
    roster.tick();
    assert_eq!(shown(&roster), ["one", "two"], "it is away, and may come back");
    join(&mut roster, "three", "emil", 61_000);
    assert_eq!(news(&mut roster), replaced("one", "three"));
}

#[test]
fn somebody_elses_cut_session_is_left_alone() {
    let mut roster = Roster::default();
    enter(&mut roster, NODE, told("old", "emil", 10, Some(100)));
    join(&mut roster, "new", "erna", 200);
    assert_eq!(shown(&roster), ["new", "old"]);
}

#[test]
fn a_session_that_was_replaced_and_is_connected_after_all_is_shown_again() {
    let mut roster = Roster::default();
    enter(&mut roster, NODE, told("old", "emil", 10, Some(100)));
    join(&mut roster, "new", "emil", 200);
    roster.tick();
    enter(&mut roster, NODE, told("old", "emil", 300, None));
    assert_eq!(shown(&roster), ["new", "old"]);
}

#[test]
fn a_replica_that_dies_takes_its_people_along_and_one_that_leaves_only_the_connected() {
    for in_order in [true, false] {
        let mut roster = Roster::default();
        enter(&mut roster, NODE, told("here", "emil", 10, None));
        enter(&mut roster, NODE, told("away", "erna", 10, Some(100)));
        join(&mut roster, "ours", "olga", 20);
        roster.tick();
        for one in ["here", "away", "ours"] {
            roster.orphan(&session(one), in_order.then_some(Instant(2_000)));
        }
        let mut lost = vec![("here".to_owned(), LeaveReason::Lost)];
        if in_order {
            assert_eq!(news(&mut roster), (vec![], lost));
            assert_eq!(roster.next_expiry(), Some(Instant(2_000)), "not for long");
            join(&mut roster, "back", "erna", 200);
            assert_eq!(news(&mut roster), replaced("away", "back"));
        } else {
            lost.push(("away".to_owned(), LeaveReason::Lost));
            assert_eq!(news(&mut roster), (vec![], lost));
        }
    }
}

#[test]
fn a_grace_ends_here_even_when_its_replica_is_not_heard() {
    let mut roster = Roster::default();
    enter(&mut roster, NODE, told("old", "emil", 10, Some(100)));
    assert_eq!(roster.next_expiry(), Some(Instant(100 + GRACE)));
    roster.expire(Instant(100 + GRACE));
    assert!(shown(&roster).is_empty());
    roster.enter(
        NODE,
        told("old", "emil", 10, Some(100)),
        Some(Instant(100 + GRACE)),
        Instant(9_000),
    );
    assert!(shown(&roster).is_empty(), "an announcement from before");
}

#[test]
fn only_this_replicas_people_are_told_to_others_and_only_what_changed() {
    let mut roster = Roster::default();
    join(&mut roster, "ours", "emil", 10);
    enter(&mut roster, NODE, told("theirs", "erna", 10, None));
    let tick = roster.tick();
    assert_eq!((tick.joined.len(), tick.speech.people.len()), (2, 1));
    roster.point(&session("ours"), cursor(1.0), Instant(20));
    roster.point(&session("ours"), cursor(2.0), Instant(21));
    let session_id = Text(session("theirs"));
    let moved = Some(cursor(3.0));
    roster.moved(PresenceChange { session_id, cursor: moved, selection: None, state: None });
    let tick = roster.tick();
    assert_eq!((tick.changed.len(), tick.speech.moved.len(), tick.speech.people.len()), (2, 1, 0));
    assert!(tick.speech.moved[0].as_str().contains("2.0"), "the newest wins");
    roster.idle(Instant(30));
    let tick = roster.tick();
    assert_eq!(
        (tick.changed.len(), tick.speech.people.len()),
        (1, 1),
        "theirs is not ours to judge"
    );
}

#[test]
fn what_is_told_again_without_news_makes_no_tick() {
    let mut roster = Roster::default();
    enter(&mut roster, NODE, told("theirs", "erna", 10, None));
    roster.tick();
    enter(&mut roster, NODE, told("theirs", "erna", 10, None));
    assert!(!roster.is_dirty());
    let mut moved = told("theirs", "erna", 10, None);
    moved.who.cursor = Some(cursor(1.0));
    enter(&mut roster, NODE, moved);
    assert_eq!(roster.tick().changed.len(), 1);
}

#[test]
fn a_changed_role_is_told_whole() {
    let mut roster = Roster::default();
    join(&mut roster, "ours", "emil", 10);
    enter(&mut roster, NODE, told("theirs", "erna", 10, None));
    roster.tick();
    roster.set_roles(|_, _| Role::Editor);
    assert!(!roster.is_dirty());
    roster.set_roles(|_, _| Role::Viewer);
    let tick = roster.tick();
    assert_eq!((tick.joined.len(), tick.speech.people.len()), (1, 1));
    assert!(tick.joined[0].1.as_str().contains("\"role\":\"viewer\""));
}

/// A frame with a session in both lists left it
/// to the client which of them holds.
#[test]
fn a_rejoin_within_one_tick_is_not_told_as_a_leave() {
    let mut roster = Roster::default();
    join(&mut roster, "ours", "emil", 10);
    roster.tick();
    roster.remove(&session("ours"), LeaveReason::Left);
    join(&mut roster, "ours", "emil", 11);
    assert_eq!(news(&mut roster), (vec!["ours".to_owned()], vec![]));
}
