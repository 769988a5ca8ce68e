//! Makes the rooms of a run and what is in them, over REST.

use std::time::Duration;

use actix_web::rt::System;
use awc::Client;
use awc::http::header;
use serde_json::{Value, json};

use super::ops;
use crate::plan::Plan;

/// Courses of one `batch`, by the protocol's bound.
const BATCH: usize = 100;

/// Makes the rooms that are wanted, and fills them or those that exist.
///
/// # Errors
/// What the service answered instead.
pub fn rooms(plan: &Plan, run: u32, token: &str) -> Result<Vec<String>, String> {
    System::new().block_on(async {
        let client = Client::builder().timeout(Duration::from_secs(30)).finish();
        let base = format!("http://{}/api/collaboration/v1/rooms", plan.targets[0]);
        let service = Rest { client, base, token };
        let mut rooms = plan.existing.clone();
        while rooms.len() < plan.rooms {
            rooms.push(service.room(rooms.len()).await?);
        }
        for (n, room) in rooms.iter().enumerate() {
            service.fill(room, n, run, plan.courses).await?;
        }
        Ok(rooms)
    })
}

struct Rest<'a> {
    client: Client,
    base: String,
    token: &'a str,
}

impl Rest<'_> {
    async fn room(&self, n: usize) -> Result<String, String> {
        let body = json!({"name": format!("Load {n}"), "timezone": "Europe/Berlin"});
        let made = self.post(&self.base, &body).await?;
        let room = made["room"].as_str();
        room.map(ToOwned::to_owned).ok_or_else(|| format!("no room: {made}"))
    }

    async fn fill(&self, room: &str, n: usize, run: u32, courses: usize) -> Result<(), String> {
        let address = format!("{}/{room}/ops", self.base);
        for begin in (0..courses).step_by(BATCH) {
            let ops = (begin..courses.min(begin + BATCH)).map(|course| ops::create(run, n, course));
            let op = json!({"kind": "batch", "ops": ops.collect::<Vec<_>>()});
            let body = json!({"opId": uuid::Uuid::now_v7().to_string(), "op": op});
            self.post(&address, &body).await?;
        }
        Ok(())
    }

    async fn post(&self, address: &str, body: &Value) -> Result<Value, String> {
        let bearer = format!("Bearer {}", self.token);
        let request = self.client.post(address).insert_header((header::AUTHORIZATION, bearer));
        let request = request.insert_header((header::CONTENT_TYPE, "application/json"));
        let answer = request.send_body(body.to_string()).await;
        let mut answer = answer.map_err(|error| format!("{address}: {error}"))?;
        let text = answer.body().await.map_err(|error| format!("{address}: {error}"))?;
        let told = || format!("{address}: {} {}", answer.status(), String::from_utf8_lossy(&text));
        if !answer.status().is_success() {
            return Err(told());
        }
        serde_json::from_slice(&text).map_err(|_| told())
    }
}
