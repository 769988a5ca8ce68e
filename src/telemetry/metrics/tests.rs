//! The catalogue as scrapers see it.

use std::time::Duration;

use super::*;
use crate::domain::Instant;

fn metrics() -> Metrics {
    let build = Build { version: "1.2.3", commit: "abc" };
    Metrics::new(build, &Clock::test(Instant(0)))
}

#[test]
fn every_combination_is_there_from_the_start_at_zero() {
    let text = metrics().render();
    for line in [
        "kyo_connections 0",
        "kyo_sessions{transport=\"websocket\"} 0",
        "kyo_operations_total{kind=\"course_move\",outcome=\"conflict\"} 0",
        "kyo_http_requests_total{route=\"board\",status=\"5xx\"} 0",
        "kyo_ack_latency_seconds_p99 0",
        "kyo_ack_latency_seconds_count 0",
        "kyo_digest_mismatches_total 0",
        "kyo_build_info{commit=\"abc\",version=\"1.2.3\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn every_family_has_a_help_text_of_one_sentence_or_more() {
    let text = metrics().render();
    let helps = text.lines().filter(|line| line.starts_with("# HELP kyo_"));
    for line in helps {
        assert!(line.ends_with('.') && !line.contains("  "), "{line}");
    }
}

#[test]
fn what_is_recorded_is_rendered() {
    let metrics = metrics();
    metrics.operations_total.of(OpKind::Undo, Outcome::Committed).inc();
    metrics.fanout_frames_total.add(7);
    metrics.ack_latency_seconds.observe(Duration::from_millis(20));
    metrics.append_batch_events.observe(3);
    let text = metrics.render();
    for line in [
        "kyo_operations_total{kind=\"undo\",outcome=\"committed\"} 1",
        "kyo_fanout_frames_total 7",
        "kyo_ack_latency_seconds_bucket{le=\"0.025\"} 1",
        "kyo_append_batch_events_bucket{le=\"4\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("kyo_ack_latency_seconds_p50 0.0"), "{text}");
}

#[test]
fn a_guard_takes_its_count_back() {
    let metrics = metrics();
    let guard = metrics.sessions.of(Transport::WebSocket).guard();
    assert!(metrics.render().contains("kyo_sessions{transport=\"websocket\"} 1"));
    drop(guard);
    assert!(metrics.render().contains("kyo_sessions{transport=\"websocket\"} 0"));
}

#[test]
fn a_peak_is_shown_once() {
    let metrics = metrics();
    metrics.outbox_depth_max.observe(12);
    metrics.outbox_depth_max.observe(3);
    assert!(metrics.render().contains("kyo_outbox_depth_max 12"));
    assert!(metrics.render().contains("kyo_outbox_depth_max 0"));
}

#[test]
fn process_metrics_keep_their_common_names() {
    let text = metrics().render();
    assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
}

#[test]
fn labels_are_found_by_their_text() {
    assert_eq!(OpKind::parse("template_apply"), Some(OpKind::TemplateApply));
    assert_eq!(OpKind::parse("nonsense"), None);
    assert_eq!(Status::of(101), Status::Informational);
    assert_eq!(Status::of(503), Status::ServerError);
}
