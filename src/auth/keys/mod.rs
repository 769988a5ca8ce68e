//! The keys we trust, each bound to its one algorithm, so that a token can't choose how it is
//! checked.

mod jwks;
mod pem;

use std::collections::HashMap;

use jsonwebtoken::{DecodingKey, EncodingKey, Validation};

use super::{Algorithm, Config, KeyFault};

/// A key and the one way in which it is used.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
    pub(super) validation: Validation,
}

/// The key that signs.
pub(super) struct SigningKey {
    pub(super) kid: Option<String>,
    pub(super) encoding: EncodingKey,
}

/// All keys of one configuration.
pub(super) struct KeySet {
    named: HashMap<String, Key>,
    /// For tokens without `kid`: at most one for each algorithm.
    unnamed: Vec<Key>,
    pub(super) signing: Option<SigningKey>,
}

/// A key as it was found, before it is known to fit in.
struct Found {
    field: &'static str,
    kid: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

impl KeySet {
    /// Reads every key.
    ///
    /// # Errors
    /// All faults at once.
    pub(super) fn load(config: &Config) -> Result<Self, Vec<KeyFault>> {
        let mut faults = Vec::new();
        let mut set =
            Self { named: HashMap::new(), unnamed: Vec::new(), signing: signing_key(config) };
        for found in find_all(config, &mut faults) {
            if let Err(fault) = set.add(found, config) {
                faults.push(fault);
            }
        }
        if faults.is_empty() && set.named.is_empty() && set.unnamed.is_empty() {
            faults.push(KeyFault::new(
                "secret",
                "must be set (JWT_SECRET), or keys, pem_files or jwks_file: without a key no token \
                 can be checked",
            ));
        }
        if faults.is_empty() { Ok(set) } else { Err(faults) }
    }

    /// The key that a token names, or the one for tokens that name none.
    pub(super) fn find(
        &self,
        kid: Option<&str>,
        algorithm: jsonwebtoken::Algorithm,
    ) -> Option<&Key> {
        match kid {
            Some(kid) => self.named.get(kid).filter(|key| key.algorithm.jwt() == algorithm),
            None => self.unnamed.iter().find(|key| key.algorithm.jwt() == algorithm),
        }
    }

    fn add(&mut self, found: Found, config: &Config) -> Result<(), KeyFault> {
        let Found { field, kid, algorithm, decoding } = found;
        let name = algorithm.as_str();
        if !config.algorithms.contains(&algorithm) {
            let rule = format!("holds a key for {name}, which auth.algorithms leaves out");
            return Err(KeyFault::new(field, rule));
        }
        let key = Key { algorithm, decoding, validation: validation(algorithm, config) };
        match kid {
            Some(kid) if self.named.contains_key(&kid) => {
                Err(KeyFault::new(field, format!("the kid {kid:?} is there twice")))
            }
            Some(kid) => {
                self.named.insert(kid, key);
                Ok(())
            }
            None if self.unnamed.iter().any(|other| other.algorithm == algorithm) => {
                let rule = format!("a second {name} key without kid: name all but one");
                Err(KeyFault::new(field, rule))
            }
            None => {
                self.unnamed.push(key);
                Ok(())
            }
        }
    }
}

fn find_all(config: &Config, faults: &mut Vec<KeyFault>) -> Vec<Found> {
    let mut found = secrets(config);
    for file in &config.pem_files {
        match pem::read(file) {
            Ok(key) => found.push(key),
            Err(fault) => faults.push(fault),
        }
    }
    if let Some(path) = &config.jwks_file {
        match jwks::read(path, &config.algorithms) {
            Ok(keys) => found.extend(keys),
            Err(fault) => faults.push(fault),
        }
    }
    found
}

fn secrets(config: &Config) -> Vec<Found> {
    let found = |field, kid, text: &str| Found {
        field,
        kid,
        algorithm: Algorithm::Hs256,
        decoding: DecodingKey::from_secret(text.as_bytes()),
    };
    let unnamed = config.secret.iter().map(|secret| found("secret", None, secret.reveal()));
    let named =
        config.keys.iter().map(|key| found("keys", Some(key.kid.clone()), key.secret.reveal()));
    unnamed.chain(named).collect()
}

fn signing_key(config: &Config) -> Option<SigningKey> {
    let unnamed = config.secret.iter().map(|secret| (None, secret));
    let named = config.keys.iter().map(|key| (Some(key.kid.clone()), &key.secret));
    unnamed.chain(named).next().map(|(kid, secret)| SigningKey {
        kid,
        encoding: EncodingKey::from_secret(secret.reveal().as_bytes()),
    })
}

/// What the library checks. Times are ours to check, against the clock we are given.
fn validation(algorithm: Algorithm, config: &Config) -> Validation {
    let mut rules = Validation::new(algorithm.jwt());
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = config.audience.is_some();
    if let Some(audience) = &config.audience {
        rules.set_audience(&[audience]);
        // Without this a token that has no audience at all would pass.
        rules.required_spec_claims.insert("aud".to_owned());
    }
    if let Some(issuer) = &config.issuer {
        rules.set_issuer(&[issuer]);
        rules.required_spec_claims.insert("iss".to_owned());
    }
    rules
}
