//! How a client lives: how it connects and comes back, and how much it does meanwhile.

use std::time::Duration;

use super::line::Transport;
use crate::support::Dice;

/// When a client comes back whose connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// At once; a little later where that did not work out.
    AtOnce,
    /// As `web/client` does: at the moment that `draining` gave it; else exponentially, with full jitter.
    AsOurLibrary,
    /// As the official Socket.IO client does, which knows nothing of `draining`: after a second or
    /// half a second more or less, then exponentially.
    AsSocketIo,
}

impl Return {
    /// Whether it leaves by itself, at the moment that `draining` gave it.
    pub fn is_told(self) -> bool {
        self != Self::AsSocketIo
    }

    /// How long it waits before an attempt; the first is 0.
    pub fn pause(self, attempt: u32, dice: &mut Dice) -> Duration {
        let doubled = |base: u64, cap: u64| (base << attempt.min(8)).min(cap);
        let millis = match self {
            Self::AtOnce if attempt == 0 => 0,
            Self::AtOnce => 50 + dice.below(200),
            Self::AsOurLibrary => dice.below(1 + doubled(400, 20_000)),
            Self::AsSocketIo => {
                let middle = doubled(1_000, 5_000);
                middle / 2 + dice.below(middle)
            }
        };
        Duration::from_millis(millis)
    }
}

/// What a client is like.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// How its messages travel: one of these, chosen at each connection.
    pub transports: &'static [Transport],
    pub comes_back: Return,
    /// Its first connection is made within this time, at random.
    pub arrives_within: Duration,
    /// Milliseconds between two turns: at least, and at most so many more.
    pub turn: (u64, u64),
    /// In one of so many turns it does something of its own.
    pub acts_once_in: u64,
    /// How long it tries to connect.
    pub dials: Duration,
    pub ping: Duration,
    /// A connection on which nothing comes for so long is given up.
    pub silence: Duration,
    /// It drops connections, leaves rooms and forgets what it sent.
    pub restless: bool,
}

impl Habits {
    /// Does everything that a client may do, as fast as it likes.
    pub const RESTLESS: Self = Self {
        transports: &[Transport::Native, Transport::SocketIo],
        comes_back: Return::AtOnce,
        arrives_within: Duration::ZERO,
        turn: (40, 120),
        acts_once_in: 1,
        dials: Duration::from_secs(2),
        ping: Duration::from_secs(1),
        silence: Duration::from_secs(4),
        restless: true,
    };

    /// Stays where it is and does little, as most people do most of the time.
    pub const fn calm(transports: &'static [Transport], acts_once_in: u64) -> Self {
        let comes_back = match transports[0] {
            Transport::Native => Return::AsOurLibrary,
            Transport::SocketIo | Transport::Polling => Return::AsSocketIo,
        };
        Self {
            transports,
            comes_back,
            arrives_within: Duration::from_secs(2),
            turn: (1_000, 2_000),
            acts_once_in,
            dials: Duration::from_secs(10),
            ping: Duration::from_secs(15),
            silence: Duration::from_secs(40),
            restless: false,
        }
    }
}
