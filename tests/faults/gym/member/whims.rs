//! What comes to a client's mind.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::{Member, Turn};
use crate::gym::connection::{Connection, End};
use crate::gym::outbox::Wish;
use crate::gym::twin;
use crate::gym::wishes::{seeded_id, wish};

impl Member {
    /// One thing, whatever it is.
    pub(super) async fn live_a_little(
        &mut self,
        connection: &mut Connection,
        inside: &BTreeSet<String>,
    ) -> Result<Turn, End> {
        let rooms: Vec<_> = inside.iter().cloned().collect();
        let room = self.dice.pick(&rooms).clone();
        let edits = self.person.role != "member";
        match self.dice.below(100) {
            0..=59 if edits => self.edit(connection, &room).await?,
            60..=64 if edits => self.edit_twice(connection, &room).await?,
            65..=69 if edits => {
                if let Some(old) = self.outbox.old(&mut self.dice, inside) {
                    self.ask_op(connection, old).await?;
                }
            }
            70..=72 if edits => self.try_out(connection, &room).await?,
            73..=75 if edits => self.lock(connection, &room).await?,
            76..=92 => {
                let (x, y) = (self.dice.below(1_000), self.dice.below(1_000));
                let cursor = json!({"type": "cursor_move", "room": room, "x": x, "y": y});
                connection.send(&cursor).await?;
            }
            93..=94 if self.habits.restless => {
                let pause = Duration::from_millis(self.dice.below(800));
                self.not_before.insert(room.clone(), Instant::now() + pause);
                let request = json!({"type": "leave", "room": room});
                self.ask(connection, request, None).await?;
            }
            95 if self.habits.restless && self.dice.below(2) == 0 => return Ok(Turn::Vanish),
            96 if self.habits.restless && self.dice.below(4) == 0 => return Ok(Turn::Close),
            _ => {}
        }
        Ok(Turn::Stay)
    }

    fn new_wish(&mut self, room: &str) -> Wish {
        let op = wish(&mut self.dice, &self.book.page(room), self.gym.staff);
        Wish { room: room.to_owned(), op_id: seeded_id(&mut self.dice), op }
    }

    async fn edit(&mut self, connection: &mut Connection, room: &str) -> Result<(), End> {
        let wish = self.new_wish(room);
        self.ask_op(connection, wish).await
    }

    /// The same operation here and, at the same moment, on another replica.
    async fn edit_twice(&mut self, connection: &mut Connection, room: &str) -> Result<(), End> {
        let wish = self.new_wish(room);
        let door = self.gym.pick_door(&mut self.dice, Some(&connection.node));
        let (name, open) = (self.name.clone(), self.twins.clone());
        twin::send(self.gym.clone(), name, &self.person, door, wish.clone(), open);
        self.ask_op(connection, wish).await
    }

    /// Asks what would happen.
    async fn try_out(&mut self, connection: &mut Connection, room: &str) -> Result<(), End> {
        let mut request = self.new_wish(room).request();
        request["dryRun"] = json!(true);
        self.ask(connection, request, None).await
    }

    /// Holds a course for a moment, as whoever drags it does.
    async fn lock(&mut self, connection: &mut Connection, room: &str) -> Result<(), End> {
        let page = self.book.page(room);
        let courses: Vec<_> = page.courses.iter().collect();
        if courses.is_empty() {
            return Ok(());
        }
        let course = self.dice.pick(&courses);
        let request = json!({"type": "lock", "room": room, "courseId": course, "ttlMs": 1_000});
        self.ask(connection, request, None).await
    }
}
