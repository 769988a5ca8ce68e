//! A `postgres://` address taken apart. Never shown: it may hold a password.

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// How connections are kept from others' eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Disable,
    /// Encrypted where the server offers it, to whoever answers.
    Prefer,
    /// Always encrypted, to whoever answers.
    Require,
    /// Always encrypted, to the server that the authorities of `ca_file` vouch for by name.
    VerifyFull,
}

/// Where a PostgreSQL database is and who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// Shows no part of it.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("tls", &self.tls).finish_non_exhaustive()
    }
}

const FORM: &str = "must be postgres://USER:PASSWORD@HOST:PORT/DATABASE";

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, for people, without any of it but names of parameters.
    pub(in crate::store) fn parse(url: &str) -> Result<Self, String> {
        let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
        let mut config: Config = base
            .parse()
            .map_err(|_| format!("{FORM}; special characters are written as %40 and so on"))?;
        if config.get_hosts().is_empty() {
            return Err(format!("{FORM}: a host is needed"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(format!("{FORM}: a database is needed"));
        }
        let tls = mode(parameters)?;
        config.ssl_mode(match tls {
            Tls::Disable => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
            Tls::Require | Tls::VerifyFull => SslMode::Require,
        });
        Ok(Self { config, tls })
    }

    /// Whether the server must prove its name.
    #[must_use]
    pub fn verifies(&self) -> bool {
        self.tls == Tls::VerifyFull
    }
}

/// Everything else has a setting of its own.
fn mode(parameters: &str) -> Result<Tls, String> {
    let mut tls = Tls::Prefer;
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        tls = match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("sslmode", "disable") => Tls::Disable,
            ("sslmode", "prefer") => Tls::Prefer,
            ("sslmode", "require") => Tls::Require,
            ("sslmode", "verify-full") => Tls::VerifyFull,
            ("sslmode", _) => {
                return Err("sslmode must be disable, prefer, require or verify-full".to_owned());
            }
            (name, _) => {
                let name: String = name.chars().take(40).collect();
                return Err(format!("of parameters it may have sslmode alone, not {name:?}"));
            }
        };
    }
    Ok(tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        let fault = Address::parse(url).unwrap_err();
        assert!(!fault.contains("hunter2"), "{fault}");
        fault
    }

    #[test]
    fn reads_what_libpq_would() {
        let address = Address::parse("postgres://kyo:p%40ss@db.example:6432/gym").unwrap();
        assert_eq!(address.config.get_user(), Some("kyo"));
        assert_eq!(address.config.get_password(), Some(b"p@ss".as_slice()));
        assert_eq!(address.config.get_ports(), [6432]);
        assert_eq!(address.config.get_dbname(), Some("gym"));
        assert_eq!(address.tls, Tls::Prefer);
        for (mode, tls) in [
            ("disable", Tls::Disable),
            ("prefer", Tls::Prefer),
            ("require", Tls::Require),
            ("verify-full", Tls::VerifyFull),
        ] {
            let url = format!("postgresql://kyo@db/kyo?sslmode={mode}");
            assert_eq!(Address::parse(&url).unwrap().tls, tls);
        }
    }

    #[test]
    fn says_what_is_wrong_without_showing_it() {
        assert!(refused("postgres://kyo:hunter2@/kyo").contains("a host"));
        assert!(refused("postgres://kyo:hunter2@db").contains("a database"));
        assert!(refused("postgres://kyo:hunter2@db/").contains("a database"));
        assert!(refused("postgres://kyo:hunter2@db:none/kyo").contains("HOST:PORT"));
        assert!(refused("postgres://kyo:hunter2@db/kyo?sslmode=verify-ca").contains("verify-full"));
        assert!(refused("postgres://db/kyo?password=hunter2").contains("\"password\""));
    }

    #[test]
    fn shows_nothing() {
        let shown = format!("{:?}", Address::parse("postgres://kyo:hunter2@db/kyo").unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("db"), "{shown}");
    }
}
