//! The judge before the judge: a history in which every promise is kept passes, and each way of
//! breaking one, planted alone, is found under its own name.

#[path = "planted/story.rs"]
mod story;

use serde_json::{Value, json};

use super::history::{Entry, Line, compact, parse};
use super::judge;
use story::{Story, course, good};

/// The rules that a history breaks.
fn rules(history: &[Line]) -> Vec<&'static str> {
    judge(history).into_iter().map(|violation| violation.rule).collect()
}

/// Plants one fault in the good history and asks for the rule that it breaks.
fn planted(rule: &str, plant: impl FnOnce(&mut Vec<Line>)) {
    let mut history = good();
    plant(&mut history);
    let found = judge(&history);
    assert!(found.iter().any(|one| one.rule == rule), "{rule} was not found, but {found:?}");
}

/// The nth line that fits.
fn nth(history: &mut [Line], n: usize, fits: impl Fn(&Entry) -> bool) -> &mut Line {
    history.iter_mut().filter(|line| fits(&line.entry)).nth(n).expect("there is such a line")
}

fn remove(history: &mut Vec<Line>, n: usize, fits: impl Fn(&Entry) -> bool) {
    let place = history.iter().enumerate().filter(|(_, line)| fits(&line.entry)).nth(n);
    let (place, _) = place.expect("there is such a line");
    history.remove(place);
}

fn is_push(kind: &'static str, of: &'static str) -> impl Fn(&Entry) -> bool {
    move |entry| match entry {
        Entry::Push { client, message, .. } => client == of && message["type"] == kind,
        _ => false,
    }
}

fn is_reply(kind: &'static str, of: &'static str) -> impl Fn(&Entry) -> bool {
    move |entry| match entry {
        Entry::Answer { client, reply, .. } => client == of && reply["type"] == kind,
        _ => false,
    }
}

fn is_op(of: &'static str) -> impl Fn(&Entry) -> bool {
    move |entry| match entry {
        Entry::Invoke { client, request, .. } => client == of && request["type"] == "op",
        _ => false,
    }
}

fn message(line: &mut Line) -> &mut Value {
    match &mut line.entry {
        Entry::Push { message, .. } => message,
        Entry::Answer { reply, .. } => reply,
        Entry::State { snapshot, .. } => snapshot,
        other => panic!("{other:?} has no message"),
    }
}

fn is_log(of: &'static str) -> impl Fn(&Entry) -> bool {
    move |entry| matches!(entry, Entry::Log { node, room, .. } if node == of && room == "r1")
}

fn events(line: &mut Line) -> &mut Vec<Value> {
    match &mut line.entry {
        Entry::Log { events, .. } => events,
        other => panic!("{other:?} is no log"),
    }
}

/// Changes a room's log on every replica.
fn in_all_logs(history: &mut [Line], change: impl Fn(&mut Vec<Value>)) {
    for node in ["n0", "n1"] {
        change(events(nth(history, 0, is_log(node))));
    }
}

#[test]
fn a_good_history_passes_also_through_its_file() {
    let history = good();
    assert_eq!(judge(&history), []);
    let lines = history.iter().map(|line| serde_json::to_string(line).expect("plain data"));
    let text = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(judge(&parse(&text).expect("our own lines")), []);
    assert!(history.len() > 40, "it is not empty");
}

#[test]
fn a_lost_acked_operation_is_found() {
    planted("acked-lost", |history| in_all_logs(history, |events| drop(events.pop())));
}

#[test]
fn an_ack_with_another_place_is_found() {
    planted("acked-lost", |history| {
        message(nth(history, 1, is_reply("ack", "a")))["seq"] = json!(1);
    });
}

#[test]
fn an_operation_that_took_effect_twice_is_found() {
    planted("applied-twice", |history| {
        in_all_logs(history, |events| {
            let mut again = events[0].clone();
            again["seq"] = json!(events.len() + 1);
            events.push(again);
        });
    });
}

#[test]
fn a_gap_in_the_log_is_found() {
    planted("log-gap", |history| in_all_logs(history, |events| drop(events.remove(1))));
}

#[test]
fn replicas_that_tell_different_logs_are_found() {
    planted("logs-differ", |history| {
        events(nth(history, 0, is_log("n1")))[0]["userId"] = json!("x")
    });
    planted("logs-differ", |history| drop(events(nth(history, 0, is_log("n1"))).pop()));
}

#[test]
fn an_event_that_nobody_sent_is_found() {
    planted("never-sent", |history| {
        remove(history, 1, is_op("a"));
    });
}

#[test]
fn a_refused_operation_in_the_log_is_found() {
    planted("refused-applied", |history| {
        let line = nth(history, 0, is_reply("ack", "b"));
        *message(line) = json!({"type": "error", "code": "conflict", "retryable": false});
    });
}

#[test]
fn an_unavailable_operation_in_the_log_is_no_fault() {
    let mut history = good();
    let line = nth(&mut history, 0, is_reply("ack", "b"));
    *message(line) = json!({"type": "error", "code": "unavailable", "retryable": true});
    assert_eq!(judge(&history), []);
}

#[test]
fn duplicates_that_differ_from_the_first_ack_are_found() {
    let duplicate =
        |entry: &Entry| matches!(entry, Entry::Answer { reply, .. } if reply["duplicate"] == true);
    planted("duplicate-elsewhere", |history| message(nth(history, 0, duplicate))["seq"] = json!(2));
    planted("acked-new-twice", |history| {
        message(nth(history, 0, duplicate))["duplicate"] = json!(false);
    });
    planted("repeat-refused", |history| {
        *message(nth(history, 0, duplicate)) = json!({"type": "error", "code": "conflict"});
    });
}

#[test]
fn an_event_under_another_name_is_found() {
    planted("wrong-author", |history| {
        in_all_logs(history, |events| events[0]["userId"] = json!("x"))
    });
}

#[test]
fn an_operation_before_one_that_it_followed_is_found() {
    planted("order", |history| {
        // The first operation of all is acked, and only then sent.
        let at = nth(history, 0, is_reply("ack", "b")).at;
        nth(history, 0, is_op("a")).at = at + 1;
    });
}

#[test]
fn a_missed_repeated_or_reordered_event_is_found() {
    planted("stream", |history| remove(history, 1, is_push("events", "b")));
    planted("stream", |history| {
        let again = nth(history, 1, is_push("events", "b")).clone();
        let place = history.iter().position(|line| is_push("events", "b")(&line.entry));
        history.insert(place.expect("there is one") + 1, again);
    });
    planted("stream", |history| {
        let mut places = (0..history.len()).filter(|n| is_push("events", "b")(&history[*n].entry));
        let (one, other) = (places.next().expect("one"), places.next().expect("two"));
        history.swap(one, other);
    });
    planted("stream", |history| {
        message(nth(history, 0, is_push("events", "b")))["first"] = json!(7)
    });
}

#[test]
fn another_event_under_the_same_number_is_found() {
    planted("stream", |history| {
        message(nth(history, 0, is_push("events", "b")))["events"][0]["print"] = json!("0");
    });
}

#[test]
fn a_wrong_digest_is_found() {
    for line in [is_push("events", "b"), is_push("events", "a")] {
        planted("digest", |history| message(nth(history, 0, line))["digest"] = json!("12345678"));
    }
    planted("digest", |history| {
        message(nth(history, 0, is_reply("joined", "a")))["digest"] = json!("12345678");
    });
}

#[test]
fn a_wrong_snapshot_is_found() {
    planted("snapshot", |history| {
        let joined = message(nth(history, 0, is_reply("joined", "c")));
        joined["snapshot"]["courses"][0]["title"] = json!("Something else");
    });
}

#[test]
fn a_wrong_catch_up_is_found() {
    let delta =
        |entry: &Entry| matches!(entry, Entry::Answer { reply, .. } if reply["sync"] == "delta");
    planted("delta", |history| {
        message(nth(history, 0, delta))["events"].as_array_mut().expect("events").remove(0);
    });
    planted("sync", |history| message(nth(history, 0, delta))["sync"] = json!("current"));
    planted("stepped-back", |history| {
        let joined = message(nth(history, 0, delta));
        joined["seq"] = json!(1);
        joined["sync"] = json!("snapshot");
    });
}

#[test]
fn events_outside_a_join_are_found() {
    planted("uninvited", |history| remove(history, 0, is_reply("joined", "b")));
}

#[test]
fn a_client_that_is_left_behind_is_found() {
    planted("not-converged", |history| {
        let last = history.iter().rposition(|line| is_push("events", "c")(&line.entry));
        history.remove(last.expect("there is one"));
    });
}

#[test]
fn a_state_that_is_not_the_logs_is_found() {
    let state = |entry: &Entry| matches!(entry, Entry::State { .. });
    planted("state", |history| {
        message(nth(history, 0, state))["state"]["courses"][0]["title"] = json!("Something else");
    });
    planted("state", |history| message(nth(history, 1, state))["digest"] = json!("12345678"));
    planted("incomplete", |history| remove(history, 1, state));
}

#[test]
fn a_log_that_does_not_fold_is_found() {
    planted("fold", |history| {
        in_all_logs(history, |events| {
            let delete = events.iter().position(|event| event["kind"] == "course_delete");
            events[delete.expect("one is deleted")]["data"]["courseId"] = json!("unknown");
        });
    });
}

#[test]
fn a_close_that_blames_a_good_client_is_found() {
    planted("closed", |history| {
        let closed = nth(history, 0, |entry| matches!(entry, Entry::Close { .. }));
        if let Entry::Close { code, .. } = &mut closed.entry {
            *code = Some(4_400);
        }
    });
}

#[test]
fn a_run_that_did_not_settle_is_found() {
    planted("unsettled", |history| {
        let at = history.last().expect("a line").at;
        history
            .push(Line { at, entry: Entry::Unsettled { what: "b is not connected".to_owned() } });
    });
}

#[test]
fn a_double_booking_in_one_room_is_found_even_if_it_went_away() {
    let mut story = Story::begin();
    story.enter("a", "n0", "r1");
    story.op("a", "r1", course("one", 1, "tim"));
    story.op("a", "r1", course("two", 1, "tim"));
    story.op("a", "r1", json!({"kind": "course_delete", "courseId": "two"}));
    assert_eq!(rules(&story.finish()), ["double-booking"]);
}

#[test]
fn a_double_booking_between_rooms_is_found_where_it_is_certain() {
    let mut story = Story::begin();
    story.enter("a", "n0", "r1");
    story.enter("b", "n1", "r2");
    story.op("a", "r1", course("one", 1, "tim"));
    story.op("b", "r2", course("two", 1, "tim"));
    story.op("b", "r2", json!({"kind": "course_delete", "courseId": "two"}));
    assert_eq!(rules(&story.finish()), ["double-booking"]);

    let mut story = Story::begin();
    story.enter("a", "n0", "r1");
    story.enter("b", "n1", "r2");
    story.op("a", "r1", course("one", 1, "tim"));
    story.op("a", "r1", json!({"kind": "course_delete", "courseId": "one"}));
    story.op("b", "r2", course("two", 1, "tim"));
    assert_eq!(rules(&story.finish()), [] as [&str; 0], "one after the other is fine");
}

#[test]
fn a_killed_replicas_people_who_stay_are_found() {
    let killed = |seconds: u64| {
        let mut story = Story::begin();
        story.enter("a", "n0", "r1");
        story.enter("b", "n1", "r1");
        story.begin_fault("replica_kill", Some("n0"));
        story.cut("a");
        story.wait(seconds * 1_000);
        story.op("b", "r1", course("one", 1, "tim"));
        story.vanish("a");
        story.end_fault();
        story.finish()
    };
    assert_eq!(rules(&killed(9)), [] as [&str; 0]);
    assert_eq!(rules(&killed(11)), ["presence-bound"]);
}

#[test]
fn lists_that_are_not_true_in_the_end_are_found() {
    planted("presence-end", |history| {
        let present = nth(history, 0, |entry| matches!(entry, Entry::Present { .. }));
        if let Entry::Present { sessions, .. } = &mut present.entry {
            sessions.push("a ghost".to_owned());
        }
    });
    planted("presence-end", |history| remove(history, 0, is_push("presence", "b")));
}

#[test]
fn what_comes_too_late_or_never_during_a_redis_fault_is_found() {
    let told_after = |millis: u64, stall: u64| {
        let mut story = Story::begin();
        story.enter("a", "n0", "r1");
        story.enter("b", "n1", "r1");
        story.begin_fault("redis_loss", None);
        story.op_heard_after("a", "r1", course("one", 1, "tim"), millis, stall);
        story.end_fault();
        story.finish()
    };
    assert_eq!(rules(&told_after(1_900, 0)), [] as [&str; 0]);
    assert_eq!(rules(&told_after(2_500, 0)), ["delivery-bound"]);
    assert_eq!(rules(&told_after(2_500, 500)), [] as [&str; 0], "the recorder itself was late");

    let told_as_before = |before: u64| {
        let mut story = Story::begin();
        story.enter("a", "n0", "r1");
        story.enter("b", "n1", "r1");
        story.op_heard_after("a", "r1", course("one", 1, "tim"), before, 0);
        story.begin_fault("redis_loss", None);
        story.op_heard_after("a", "r1", course("two", 2, "tim"), 2_500, 0);
        story.end_fault();
        story.finish()
    };
    assert_eq!(rules(&told_as_before(100)), ["delivery-bound"]);
    assert_eq!(rules(&told_as_before(400)), [] as [&str; 0], "it was as slow without the fault");

    let mut story = Story::begin();
    story.enter("a", "n0", "r1");
    story.begin_fault("redis_loss", None);
    story.end_fault();
    assert_eq!(rules(&story.finish()), ["no-acks"]);
}

#[test]
fn a_line_that_is_none_is_named() {
    assert!(parse("{\"at\":1}").expect_err("no entry").starts_with("line 1: "));
}

#[test]
fn compact_messages_keep_what_the_judge_needs() {
    let event = json!({"seq": 4, "opId": "o", "data": {"b": 1, "a": 2}});
    let other = json!({"opId": "o", "data": {"a": 2, "b": 1}, "seq": 4});
    let small = compact(json!({"type": "events", "events": [event]}));
    assert_eq!(small, compact(json!({"type": "events", "events": [other]})));
    assert_eq!(small["events"][0]["seq"], 4);
    assert!(small["events"][0]["data"].is_null());
}
