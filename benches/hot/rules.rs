//! One operation under the rules: decided, refused, folded in.

use kyo_collaboration::domain::Op;

use super::Bench;
use super::desk::{Desk, clash, room, shift};

/// Each operation once, in order.
fn moves() -> impl FnMut() -> Op {
    let mut turn = 0;
    move || {
        turn += 1;
        shift(turn)
    }
}

pub fn decide_move<B: Bench>(bench: &mut B) {
    let (desk, state) = (Desk::new(), room());
    bench.work(moves(), |op| desk.decide(&state, op).expect("still apart"));
}

pub fn refuse_move<B: Bench>(bench: &mut B) {
    let (desk, state) = (Desk::new(), room());
    bench.work(clash, |op| desk.decide(&state, op).expect_err("the studio is taken"));
}

pub fn evolve_move<B: Bench>(bench: &mut B) {
    let (desk, mut state) = (Desk::new(), room());
    // Runs ahead of `state`, so that each event is made where it will be folded in.
    let mut ahead = state.clone();
    let mut turn = 0;
    let event = || {
        turn += 1;
        let event = desk.event(&ahead, turn);
        ahead.evolve(&event);
        event
    };
    bench.work(event, |event| {
        state.evolve(&event);
        event
    });
}

pub fn decide_and_evolve<B: Bench>(bench: &mut B) {
    let (desk, mut state) = (Desk::new(), room());
    bench.work(moves(), |op| {
        let decision = desk.decide(&state, op).expect("still apart");
        state.evolve(&decision.event);
        decision
    });
}
