//! Who is calling: tokens in, principals out. Rooms and HTTP ask [`Authenticator::verify`]; nobody
//! else looks into a token. Keys are read once, at start: a new key needs a restart, which a rolling
//! deploy makes invisible.

mod authenticator;
mod claims;
mod config;
mod error;
mod keys;
mod principal;
mod role;
mod secret;
mod sign;

pub use authenticator::{Authenticator, MAX_TOKEN_BYTES};
pub use config::{Algorithm, Config, NamedSecret, PemFile};
pub use error::{AuthError, KeyFault};
pub use principal::{MAX_NAME_CHARS, Principal};
pub use role::{TenantRole, room_role};
pub use secret::{DEVELOPMENT_SECRET, Secret};
pub use sign::{Grant, SignError};
