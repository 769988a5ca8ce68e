//! This service: rooms made over REST, tokens signed with the configured secret, three framings.

mod native;
mod ops;
mod rest;
mod socketio;

use kyo_collaboration::auth::{Authenticator, Grant, TenantRole};
use kyo_collaboration::config::{Config, Sources};
use kyo_collaboration::domain::{TenantId, UserId};
use kyo_collaboration::time::Clock;

use super::{Dialect, System};
use crate::names::Framing;
use crate::plan::{Plan, Seat};
use ops::Author;

/// How long a run's tokens are good for.
const TOKEN_LIFE: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// The service, with the rooms of this run.
pub struct Kyo {
    signer: Signer,
    rooms: Vec<String>,
    run: u32,
    courses: usize,
    editors: usize,
}

/// Signs tokens as the `token` command does.
struct Signer {
    authenticator: Authenticator,
    tenant: TenantId,
    clock: Clock,
}

impl Signer {
    fn new(tenant: &str) -> Result<Self, String> {
        let config = Config::load(&Sources::of_process()).map_err(|faults| faults.to_string())?;
        let authenticator = Authenticator::new(&config.auth).map_err(|faults| faults.join("\n"))?;
        let tenant = TenantId::parse(tenant).map_err(|error| format!("tenant: {}", error.rule))?;
        Ok(Self { authenticator, tenant, clock: Clock::system() })
    }

    fn token(&self, user: &str, role: TenantRole) -> Result<String, String> {
        let user = UserId::parse(user).map_err(|error| error.rule.to_string())?;
        let grant = Grant { tenant: self.tenant.clone(), user, name: None, role };
        let token = self.authenticator.sign(&grant, self.clock.now(), TOKEN_LIFE);
        token.map_err(|error| error.to_string())
    }
}

impl Kyo {
    /// Makes rooms with courses in them.
    ///
    /// # Errors
    /// A missing secret, or what the service answered.
    pub fn prepare(plan: &Plan, run: u32) -> Result<Self, String> {
        let signer = Signer::new(&plan.tenant)?;
        let owner = signer.token("load-owner", TenantRole::parse("owner").ok_or("no owner")?)?;
        let rooms = rest::rooms(plan, run, &owner)?;
        let per_room = plan.seats.iter().filter_map(|seat| seat.editor).max();
        let editors = per_room.map_or(1, |last| last + 1);
        Ok(Self { signer, rooms, run, courses: plan.courses, editors })
    }
}

impl System for Kyo {
    fn dialect(&self, seat: &Seat) -> Result<Box<dyn Dialect>, String> {
        let role = if seat.editor.is_some() { "trainer" } else { "member" };
        let role = TenantRole::parse(role).ok_or("no such role")?;
        let token = self.signer.token(&format!("load-{}", seat.number), role)?;
        let room = self.rooms[seat.room].clone();
        let author = Author::new(self, seat);
        Ok(match seat.framing {
            Framing::Json => Box::new(native::Native::json(token, room, author)),
            Framing::Msgpack => Box::new(native::Native::msgpack(token, room, author)),
            Framing::Socketio => Box::new(socketio::Socketio::new(token, room, author)),
        })
    }
}
