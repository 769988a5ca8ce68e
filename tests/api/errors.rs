//! What goes wrong looks the same everywhere, and says which request it was.

use serde_json::json;

use crate::V1;
use crate::support::{Person, Service, Settings, new_id};

#[actix_web::test]
async fn without_a_valid_token_there_is_nothing() {
    let service = Service::start().await;
    let room = service.room().await;
    let emil = Person::editor("emil");
    let bad = [None, Some("junk".to_owned()), Some(emil.forged_token())];
    for token in bad {
        let rest = service.rest_with(token);
        for path in ["/rooms".to_owned(), format!("/rooms/{room}"), format!("/rooms/{}", new_id())]
        {
            rest.get(&format!("{V1}{path}")).await.expect_error(401, "unauthenticated");
        }
        rest.post(&format!("{V1}/rooms"), &json!({})).await.expect_error(401, "unauthenticated");
    }
    let expired = service.rest_with(Some(emil.expired_token()));
    expired.get(&format!("{V1}/rooms")).await.expect_error(401, "token_expired");
}

#[actix_web::test]
async fn what_cannot_be_read_is_refused_with_the_envelope() {
    let service = Service::start().await;
    let room = service.room().await;
    let olga = service.rest(&Person::owner("olga"));
    let ops = format!("{V1}/rooms/{room}/ops");
    for body in ["", "{", "null", "[]", "{\"op\":{}}"] {
        let answer = olga.post_text(&ops, body).await;
        assert!([400, 422].contains(&answer.status), "{body:?}: {}", answer.text());
        answer.expect_error(answer.status, "invalid");
    }
    olga.get(&format!("{V1}/nowhere")).await.expect_error(404, "not_found");
    olga.get(&format!("{V1}/rooms/no-uuid")).await.expect_error(404, "not_found");
    let limit = olga.get(&format!("{V1}/rooms/{room}/events?after=0&limit=many")).await;
    assert!([400, 422].contains(&limit.status), "{}", limit.text());
    limit.expect_error(limit.status, "invalid");
    let big = json!({"opId": new_id(), "op": {"kind": "x".repeat(2 << 20)}});
    olga.post(&ops, &big).await.expect_error(413, "too_large");
}

#[actix_web::test]
async fn who_reads_too_fast_is_told_when_to_read_again() {
    let settings = Settings::default().set("limits.tenant_requests_per_second", 1);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let olga = service.rest(&Person::owner("olga"));
    let mut refused = None;
    for _ in 0..100 {
        let answer = olga.get(&format!("{V1}/rooms/{room}/participants")).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a hundred at once are more than one a second");
    refused.expect_error(429, "rate_limited");
    let metrics = service.rest_with(None).get("/metrics").await;
    let counted = "kyo_rate_limited_total{scope=\"tenant\"} 1";
    assert!(metrics.text().contains(counted), "{}", metrics.text());
}
