//! Following a room or a person live, as server-sent events. A follower that does not read is let go;
//! its last event says why.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::rt::time::{Instant, sleep, sleep_until};
use actix_web::web::{Bytes, Data};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc::Receiver;

use super::Operator;
use super::audit::{Deed, record};
use crate::actors::lookout::Whom;
use crate::auth::Principal;
use crate::http::error::ErrorBody;
use crate::http::query::Query;
use crate::http::{ApiError, State};
use crate::lifecycle::{Lifecycle, Phase};
use crate::protocol::operator::Sight;
use crate::protocol::text::Text;

/// Silence after which a line says that the stream lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What happens to one room or person of the tenant on this replica, from now on.
#[utoipa::path(get, path = "/api/collaboration/v1/operator/follow", tag = "operator",
    params(("room" = Option<Uuid>, Query, description = "This or `user`"),
           ("user" = Option<String>, Query)),
    responses((status = 200, body = String, content_type = "text/event-stream"),
              (status = 503, body = ErrorBody, description = "`busy`: as many as may follow do"),
              (status = "4XX", body = ErrorBody)))]
pub async fn follow(
    state: Data<State>,
    Operator(who): Operator,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (whom, target) = whom(&query)?;
    if let Whom::Room(room) = &whom {
        let known = state.store.room(&who.tenant, *room).await?;
        known.filter(|room| room.archived_at.is_none()).ok_or_else(ApiError::not_found)?;
    }
    let sights = state.operators.oversight.watch(&who.tenant, whom.clone()).await?;
    let deed = Deed { action: "follow", target: &target, reason: "", granted: true };
    record(&state, &who, deed).await?;
    let stream = live(Following {
        sights,
        life: state.lifecycle.clone(),
        ends: Instant::now() + left(&state, &who),
        step: Step::Begin(hello(&state, &who, &whom)),
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream))
}

fn whom(query: &Query) -> Result<(Whom, String), ApiError> {
    match (query.room("room")?, query.user("user")?) {
        (Some(room), None) => Ok((Whom::Room(room), format!("room {room}"))),
        (None, Some(user)) => {
            let target = format!("user {user}");
            Ok((Whom::User(user), target))
        }
        _ => Err(ApiError::invalid("room", "must be given, or user, and not both")),
    }
}

fn left(state: &State, who: &Principal) -> Duration {
    Duration::from_millis((who.expires_at.0 - state.clock.now().0).max(0) as u64)
}

fn hello(state: &State, who: &Principal, whom: &Whom) -> Bytes {
    let (node, until) = (&state.operators.node, Text(who.expires_at));
    let data = match whom {
        Whom::Room(room) => json!({ "node": node, "until": until, "room": Text(*room) }),
        Whom::User(user) => json!({ "node": node, "until": until, "user": user.as_str() }),
    };
    line("following", &data)
}

struct Following {
    sights: Receiver<Arc<Sight>>,
    life: Lifecycle,
    ends: Instant,
    step: Step,
}

enum Step {
    Begin(Bytes),
    Live,
    Over,
}

fn live(following: Following) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(following, async |mut following| {
        let said = following.next().await?;
        Some((Ok(said), following))
    })
}

impl Following {
    async fn next(&mut self) -> Option<Bytes> {
        match std::mem::replace(&mut self.step, Step::Live) {
            Step::Begin(hello) => Some(hello),
            Step::Live => Some(self.await_sight().await),
            Step::Over => None,
        }
    }

    async fn await_sight(&mut self) -> Bytes {
        tokio::select! {
            biased;
            () = sleep_until(self.ends) => self.end("token_expired"),
            sight = self.sights.recv() => match sight {
                Some(sight) => line(sight.name(), &*sight),
                None if self.life.phase() >= Phase::Draining => self.end("draining"),
                None => self.end("too_slow"),
            },
            () = self.life.reached(Phase::Draining) => self.end("draining"),
            () = sleep(HEARTBEAT) => Bytes::from_static(b": still here\n\n"),
        }
    }

    fn end(&mut self, reason: &str) -> Bytes {
        self.step = Step::Over;
        line("end", &json!({ "reason": reason }))
    }
}

fn line(name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).expect("facts have string keys");
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use tokio::sync::mpsc;

    use super::*;

    #[actix_web::test]
    async fn a_follower_that_was_let_go_reads_what_it_has_and_why() {
        let (way, sights) = mpsc::channel(1);
        let life = Lifecycle::new();
        let ends = Instant::now() + Duration::from_hours(1);
        let step = Step::Begin(line("following", &json!({})));
        let seen = crate::protocol::operator::Disconnection {
            at: Text(crate::domain::Instant(0)),
            session_id: Text(crate::domain::SessionId::parse("s1").expect("is an id")),
            user_id: Text(crate::domain::UserId::parse("mei").expect("is an id")),
        };
        way.try_send(Arc::new(Sight::Disconnected(seen))).expect("there is room");
        drop(way);
        let lines: Vec<_> = live(Following { sights, life, ends, step }).collect().await;
        let text: Vec<_> = lines
            .into_iter()
            .flatten()
            .map(|line| String::from_utf8_lossy(&line).into_owned())
            .collect();
        assert_eq!(text.len(), 3);
        assert!(text[1].starts_with("event: disconnected\ndata: {\"at\":\"1970"), "{}", text[1]);
        assert_eq!(text[2], "event: end\ndata: {\"reason\":\"too_slow\"}\n\n");
    }
}
