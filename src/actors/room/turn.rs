//! How long a room answers at a stretch. All rooms live on one thread and an actor's mailbox is emptied
//! without a pause, so a crowd before one room would keep all the others waiting. A room that has had
//! its turn lets them go first; what waits for it stays in order.

use std::time::Duration;

/// Longer makes others wait, shorter passes the thread on more often than there is something to do.
const TURN: Duration = Duration::from_micros(200);

/// What a room has spent of its turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn(Duration);

impl Turn {
    /// Takes the time of one answer; true when the turn is over and the next one begins.
    pub fn spend(&mut self, time: Duration) -> bool {
        self.0 += time;
        let over = self.0 >= TURN;
        if over {
            self.0 = Duration::ZERO;
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_over_when_its_answers_have_taken_long_enough_together() {
        let mut turn = Turn::default();
        assert!(!turn.spend(TURN / 2));
        assert!(turn.spend(TURN / 2));
        assert!(!turn.spend(TURN / 2), "the next one begins with nothing spent");
        assert!(turn.spend(TURN * 3), "one long answer is a turn");
    }
}
