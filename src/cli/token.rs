//! `token`

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::{Failure, complain, out};
use crate::auth::{Authenticator, Grant, TenantRole};
use crate::config::{Config, Sources};
use crate::domain::{TenantId, UserId};
use crate::time::Clock;

/// The longest life of a token, in hours: a year.
const MAX_TTL_HOURS: i64 = 366 * 24;

/// What the token says.
#[derive(Args, Clone, Debug)]
pub struct TokenArgs {
    /// Whose customer: tenant_id
    #[arg(long, value_parser = tenant)]
    pub tenant: TenantId,
    /// Who: sub
    #[arg(long, value_parser = user)]
    pub user: UserId,
    /// For people to read; the user when absent
    #[arg(long)]
    pub name: Option<String>,
    /// owner, manager, trainer, member, service or operator
    #[arg(long, default_value = "manager", value_parser = role)]
    pub role: TenantRole,
    /// How long it is good for, such as 1h, 30m or "1h 30m"; a year at most
    #[arg(long, default_value = "1h", value_parser = ttl)]
    pub ttl: Duration,
}

/// Signs with the configured secret and prints the token, nothing else.
///
/// # Errors
/// A faulty configuration (outside development: one that lacks a secret, too), or one with public
/// keys alone.
pub fn run(args: TokenArgs, sources: &Sources, clock: &Clock) -> Result<(), Failure> {
    let config = Config::load(sources)?;
    for warning in config.warnings() {
        complain(format_args!("warning: {warning}"));
    }
    let TokenArgs { tenant, user, name, role, ttl } = args;
    let grant = Grant { tenant, user, name, role };
    Ok(out::result(sign(&config, &grant, clock, ttl)?)?)
}

/// Signs with the configured secret, for the commands that talk to a service.
///
/// # Errors
/// When there is no secret to sign with.
pub fn sign(
    config: &Config,
    grant: &Grant,
    clock: &Clock,
    ttl: Duration,
) -> Result<String, Failure> {
    let authenticator =
        Authenticator::new(&config.auth).map_err(|faults| Failure::misused(faults.join("\n")))?;
    authenticator.sign(grant, clock.now(), ttl).map_err(Failure::misused)
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::parse(text).map_err(|error| error.rule)
}

fn user(text: &str) -> Result<UserId, String> {
    UserId::parse(text).map_err(|error| error.rule)
}

fn role(text: &str) -> Result<TenantRole, String> {
    TenantRole::parse(text).ok_or_else(|| {
        let names = TenantRole::ALL.map(TenantRole::as_str).join(", ");
        format!("must be one of {names}")
    })
}

fn ttl(text: &str) -> Result<Duration, String> {
    let rule = || format!("must be 1s to {MAX_TTL_HOURS}h, such as 1h or 30m");
    let ttl: SignedDuration = text.parse().map_err(|_| rule())?;
    let bounds = SignedDuration::from_secs(1)..=SignedDuration::from_hours(MAX_TTL_HOURS);
    if !bounds.contains(&ttl) {
        return Err(rule());
    }
    Duration::try_from(ttl).map_err(|_| rule())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_are_read_as_people_write_them() {
        for (text, seconds) in
            [("1h", 3_600), ("30m", 1_800), ("1h 30m", 5_400), ("90s", 90), ("8784h", 31_622_400)]
        {
            assert_eq!(ttl(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "0s", "-1h", "8785h", "soon", "10"] {
            assert!(ttl(text).is_err(), "{text}");
        }
    }
}
