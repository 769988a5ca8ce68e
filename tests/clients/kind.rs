//! Which client libraries are tried over which transports, and the macro that makes a test of each.

use serde::{Deserialize, Serialize};

/// A client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// socket.io-client, by its minor version.
    Js(&'static str),
    /// python-socketio on asyncio.
    Python,
    /// rust_socketio.
    Rust,
}

/// How a client is allowed to reach the service, or does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// From the first byte.
    WebSocket,
    /// Long-polling for good.
    Polling,
    /// Long-polling first, WebSocket as soon as it works: the default of all libraries.
    Upgrade,
}

impl Kind {
    /// Whether it works over long-polling while it upgrades; the others connect when they have.
    pub fn upgrades_under_way(self) -> bool {
        matches!(self, Self::Js(_))
    }
}

/// Makes a module of tests named after a story, one for each client library and transport. `but_rust` leaves
/// rust_socketio out.
macro_rules! with_every_client {
    ($story:ident, but_rust) => {
        mod $story {
            use crate::kind::{Kind::*, Transport::*};

            crate::kind::with_every_client! { @tests $story
                js_4_8: Js("4.8"), js_4_5: Js("4.5"), js_3_1: Js("3.1"),
                python: Python,
            }
        }
    };
    ($story:ident) => {
        mod $story {
            use crate::kind::{Kind::*, Transport::*};

            crate::kind::with_every_client! { @tests $story
                js_4_8: Js("4.8"), js_4_5: Js("4.5"), js_3_1: Js("3.1"),
                python: Python, rust: Rust,
            }
        }
    };
    (@tests $story:ident $($name:ident: $kind:expr,)*) => { $(
        mod $name {
            use super::*;

            #[actix_web::test]
            async fn over_websocket() {
                super::super::$story($kind, WebSocket).await;
            }

            #[actix_web::test]
            async fn over_polling() {
                super::super::$story($kind, Polling).await;
            }

            #[actix_web::test]
            async fn over_an_upgrade() {
                super::super::$story($kind, Upgrade).await;
            }
        }
    )* };
}

pub(crate) use with_every_client;
