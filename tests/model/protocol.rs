//! The model as the checker sees it: where it starts, what may happen, what must hold.

use stateright::{Checker, Expectation, HasDiscoveries, Model, Property};

use super::actions::{Action, possible};
use super::properties;
use super::setting::Setting;
use super::state::State;
use super::world::World;

/// The append protocol in one setting.
pub struct Protocol(pub Setting);

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::first(&self.0)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        possible(&self.0, state, actions);
        if state.faults_left == 0 {
            actions.retain(|action| !action.is_fault());
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let is_fault = action.is_fault();
        let mut world = World { setting: &self.0, state: &mut state };
        world.act(action);
        if *world.state == *last {
            return None;
        }
        world.state.faults_left -= u8::from(is_fault);
        world.forget_the_dead();
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = properties::safety();
        properties.extend(properties::sanity());
        properties.extend(self.0.calm.then(properties::calm));
        properties
    }
}

/// Explores everything within the setting's bounds, a state or its mirror image, and requires that
/// what must always hold does.
///
/// # Panics
/// With the way to a state that breaks a promise, or when something in `possible` never happens.
pub fn prove(protocol: Protocol, possible: &[&'static str]) -> String {
    let setting = format!("{:?}", protocol.0);
    let checker = protocol.checker().symmetry().spawn_dfs().join();
    for promise in checker.model().properties() {
        if matches!(promise.expectation, Expectation::Always) {
            checker.assert_no_discovery(promise.name);
        }
    }
    for name in possible {
        checker.assert_any_discovery(name);
    }
    format!(
        "{setting}: {} states, {} of them different, at most {} steps away",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
    )
}

/// Finds a way to break `promise`, up to the step that does it.
///
/// # Panics
/// When there is none.
pub fn counterexample(protocol: Protocol, promise: &'static str) -> String {
    let wanted = HasDiscoveries::AnyOf([promise].into());
    let checker = protocol.checker().finish_when(wanted).spawn_bfs().join();
    let holds = checker.model().property(promise).condition;
    let steps: Vec<_> = checker
        .assert_any_discovery(promise)
        .into_vec()
        .into_iter()
        .take_while(|(state, _)| holds(checker.model(), state))
        .filter_map(|(_, action)| action.map(|action| format!("{action:?}")))
        .collect();
    let states = checker.unique_state_count();
    format!("not \"{promise}\" after {states} states: {}", steps.join(", "))
}

/// Where a list of steps leads.
///
/// # Panics
/// When one of them is not possible.
pub fn walk(protocol: &Protocol, story: &[Action]) -> State {
    let first = State::first(&protocol.0);
    story.iter().fold(first, |state, action| {
        let mut actions = Vec::new();
        protocol.actions(&state, &mut actions);
        assert!(actions.contains(action), "{action:?} is not possible in {state:#?}");
        protocol.next_state(&state, action.clone()).expect("it changes something")
    })
}
