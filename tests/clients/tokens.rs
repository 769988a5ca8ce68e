//! Tokens: refused ones are told by their code and not tried again, short ones are renewed under way.

use std::time::Duration;

use serde_json::json;

use crate::guest::Guest;
use crate::kind::{Kind, Transport, with_every_client};
use crate::support::{Class, Person, Service, Settings};
use crate::tap::Tap;

/// Long enough for every client to try again several times, if it were going to.
const SEVERAL_RETRIES: Duration = Duration::from_secs(3);

/// The answer to CONNECT has the code, and the library leaves it at that.
async fn a_bad_token_is_refused_once(kind: Kind, transport: Transport) {
    let service = Service::start().await;
    let tap = Tap::start(&service.address()).await;
    let gus = Person::editor("gus");
    let mut forger = Guest::start(kind).await;
    let mut late = Guest::start(kind).await;
    forger.come(transport, &tap.address(), &gus.forged_token());
    late.come(transport, &tap.address(), &gus.expired_token());
    assert_eq!(forger.refused().await["code"], "unauthenticated");
    assert_eq!(late.refused().await["code"], "token_expired");
    actix_web::rt::time::sleep(SEVERAL_RETRIES).await;
    assert_eq!(tap.handshakes(), 2, "somebody tried again");
}

/// A refresh in time keeps everything going past the first token's end.
async fn a_refreshed_token_keeps_the_session(kind: Kind, transport: Transport) {
    let settings = short_tokens();
    let service = Service::with(settings).await;
    let room = service.room().await;
    let gus = Person::editor("gus");
    let mut loser = Guest::start(kind).await;
    let mut keeper = Guest::start(kind).await;
    let short = gus.token_for(Duration::from_secs(4));
    loser.come(transport, &service.address(), &short);
    keeper.come(transport, &service.address(), &short);
    loser.connected().await;
    keeper.connected().await;
    keeper.join(&room, None).await;

    assert!(keeper.expect("token_expiring").await["expiresAt"].is_string());
    let refreshed = keeper.request("refresh", json!({"token": gus.token()})).await;
    assert_eq!(refreshed["type"], "refreshed", "{refreshed}");
    let session = keeper.session().to_owned();

    // The one who did nothing is let go, and finds its token refused.
    let closing = loser.expect("closing").await;
    assert_eq!((&closing["code"], &closing["reason"]), (&json!(4002), &json!("token_expired")));
    assert_eq!(loser.refused().await["code"], "token_expired");
    keeper.acked(&room, Class::new("Yoga", 0).create()).await;
    assert_eq!(keeper.session(), session);
    assert!(!keeper.has_lost_connection());
}

/// Whoever missed the moment returns by itself, once the program has a new token.
async fn a_new_token_is_taken_along_when_the_old_one_is_over(kind: Kind, transport: Transport) {
    let service = Service::with(short_tokens()).await;
    let gus = Person::editor("gus");
    let mut guest = Guest::start(kind).await;
    let short = gus.token_for(Duration::from_secs(3));
    guest.come(transport, &service.address(), &short);
    guest.connected().await;
    let first = guest.session().to_owned();
    guest.use_token(&gus.token());
    guest.connected().await;
    assert_ne!(guest.session(), first);
}

with_every_client!(a_bad_token_is_refused_once);
with_every_client!(a_refreshed_token_keeps_the_session);
with_every_client!(a_new_token_is_taken_along_when_the_old_one_is_over);

fn short_tokens() -> Settings {
    Settings::default()
        .set("auth.leeway_seconds", 0)
        .set("realtime.token_warning_ms", 2_500)
        .set("realtime.token_grace_ms", 500)
}
