//! One timer for one purpose: setting it again replaces it, so that their number stays the number of
//! purposes however often something is put off.

use std::time::Duration;

use actix::prelude::*;

use super::Room;
use super::live::Live;

/// A timer that is set or not.
#[derive(Debug, Default)]
pub struct Alarm(Option<SpawnHandle>);

impl Alarm {
    /// Does `then` after `wait` instead of what was set before; nothing when the room is over.
    pub fn set(
        &mut self,
        ctx: &mut Context<Room>,
        wait: Duration,
        then: impl FnOnce(&mut Live, &mut Context<Room>) + 'static,
    ) {
        if let Some(before) = self.0.take() {
            ctx.cancel_future(before);
        }
        self.0 = Some(ctx.run_later(wait, |room, ctx| {
            if let Some(live) = room.live() {
                then(live, ctx);
            }
        }));
    }
}
