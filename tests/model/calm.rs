//! Liveness, the part of it that matters: whatever has happened, once nothing more goes wrong every
//! operation is answered and everybody agrees. No timers here: the steps are taken in a fixed order.

use super::actions::{Action, possible};
use super::setting::Setting;
use super::state::{Link, State};
use super::world::World;

/// Steps within which a small setting must have come to rest.
const PATIENCE: usize = 200;

/// Whether calm weather from `state` on leads to agreement.
pub fn settles(setting: &Setting, state: &State) -> bool {
    let mut state = state.clone();
    for _ in 0..PATIENCE {
        match next(setting, &state) {
            Some(later) => state = later,
            None => return is_settled(setting, &state),
        }
    }
    false
}

/// The first step that changes something.
fn next(setting: &Setting, state: &State) -> Option<State> {
    let mut actions = Vec::new();
    possible(setting, state, &mut actions);
    let is_calm =
        |action: &Action| !action.is_fault() && !matches!(action, Action::OrphanCommits { .. });
    actions.into_iter().filter(is_calm).find_map(|action| {
        let mut later = state.clone();
        let mut world = World { setting, state: &mut later };
        world.act(action);
        world.forget_the_dead();
        (later != *state).then_some(later)
    })
}

fn is_settled(setting: &Setting, state: &State) -> bool {
    let ops = setting.ops.iter().enumerate();
    let mut answered = ops.map(|(op, of)| state.clients[of.client].is_answered(op as u8));
    let joined = |link: Link| matches!(link, Link::Joined(_));
    answered.all(|answered| answered)
        && state.rooms.iter().all(|room| room.committed == state.log)
        && state.clients.iter().all(|client| joined(client.link) && client.view == state.log)
}
