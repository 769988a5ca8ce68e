//! A client that sends faster than anybody can handle slows itself: what it sent waits in its own
//! socket, not in the service's memory.

use std::io::Write;

use serde_json::json;

use crate::support::{Client, Person, Service, Settings};

/// Far more than any buffer between the two: it stays in nobody's memory.
const FLOOD: usize = 96 * 1024 * 1024;
/// A masked text frame with the mask 0.
const HEADER: [u8; 8] = [0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0];

#[actix_web::test]
async fn a_flood_of_cursors_does_not_fill_the_memory() {
    // So that the flood is not ended by the verdict on clients that do not listen.
    let settings = Settings::unhurried().set("limits.presence_per_second", 100_000);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (mut watcher, _) = Client::enter(&service, &Person::editor("watcher"), &room).await;
    let (flooder, _) = Client::enter(&service, &Person::viewer("flooder"), &room).await;
    let before = service.rss_kib();

    let mut stream = flooder.into_stream().into_std().expect("a socket");
    stream.set_nonblocking(false).expect("a socket can block");
    let sending = tokio::task::spawn_blocking(move || {
        let block = cursor(&room).repeat(400);
        // The service may let it go at any time: that ends it as well.
        for _ in 0..FLOOD / block.len() {
            if stream.write_all(&block).is_err() {
                break;
            }
        }
    });
    let mut highest = 0;
    while !sending.is_finished() {
        watcher.request("ping", json!({})).await;
        highest = highest.max(service.rss_kib());
        actix_web::rt::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let grown = highest.saturating_sub(before) / 1024;
    assert!(grown < 48, "{grown} MiB for one client that floods");
}

fn cursor(room: &str) -> Vec<u8> {
    let text = json!({"type": "cursor_move", "room": room, "x": 0.5, "y": 0.25}).to_string();
    let mut frame = HEADER.to_vec();
    if text.len() < 126 {
        frame = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
    } else {
        frame[2..4].copy_from_slice(&(text.len() as u16).to_be_bytes());
    }
    frame.write_all(text.as_bytes()).expect("memory takes bytes");
    frame
}
