//! The others see somebody go: at once when they leave, soon after the grace when their connection
//! breaks off.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::guest::Guest;
use crate::kind::{Kind, Transport, with_every_client};
use crate::support::{Client, Person, Service, Settings, within};
use crate::tap::Tap;

const GRACE: Duration = Duration::from_millis(1_000);
/// How long a lost connection may go unnoticed, on a machine that is busy with a dozen of these; a heartbeat
/// would notice after 25 s at the earliest.
const NOTICED: Duration = Duration::from_secs(10);

async fn whoever_goes_is_seen_to_go(kind: Kind, transport: Transport) {
    let settings = Settings::default().set("realtime.presence_grace_ms", GRACE.as_millis());
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (mut watcher, _) = Client::enter(&service, &Person::viewer("wanda"), &room).await;
    let tap = Tap::start(&service.address()).await;
    let gus = Person::editor("gus");

    let mut guest = Guest::connect(kind, transport, &tap.address(), &gus).await;
    guest.join(&room, None).await;
    guest.request("leave", json!({"room": room})).await;
    assert_eq!(gone(&mut watcher, guest.session()).await, "left");

    guest.join(&room, None).await;
    // Who comes and goes within one tick was never there.
    came(&mut watcher, guest.session()).await;
    guest.disconnect();
    gone(&mut watcher, guest.session()).await;

    let mut guest = Guest::start(kind).await;
    guest.come(transport, &tap.address(), &gus.token());
    let first = guest.connected().await;
    guest.join(&room, None).await;
    // While it changes its transport nobody can know that it is gone, nor between two polls.
    if transport == Transport::Upgrade && first == Transport::Polling {
        guest.upgraded().await;
    }
    if transport == Transport::Polling {
        tap.polled().await;
    }
    let session = guest.session().to_owned();
    drop(guest);
    let before = Instant::now();
    assert_eq!(gone(&mut watcher, &session).await, "disconnected");
    let took = before.elapsed();
    assert!(took <= NOTICED + GRACE, "gone after {took:?}");
}

with_every_client!(whoever_goes_is_seen_to_go);

/// Waits until a session is on the list.
async fn came(watcher: &mut Client, session: &str) {
    within("somebody to come", async {
        let came = |frame: &Value| named(&frame["joined"], session).is_some();
        while !came(&watcher.expect("presence").await) {}
    })
    .await;
}

/// Waits until a session has left the list and gives the reason that was told.
pub async fn gone(watcher: &mut Client, session: &str) -> String {
    within("somebody to leave", async {
        loop {
            let frame = watcher.expect("presence").await;
            if let Some(one) = named(&frame["left"], session) {
                return one["reason"].as_str().expect("a reason").to_owned();
            }
        }
    })
    .await
}

/// A session's item in one of the lists of a `presence`.
pub fn named<'a>(list: &'a Value, session: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|one| one["sessionId"] == session)
}
