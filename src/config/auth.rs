//! `[auth]`, with the rules that hold outside development.

use std::path::PathBuf;

use super::Section;
use super::source::AppEnv;
use crate::auth::{Algorithm, Config, DEVELOPMENT_SECRET, NamedSecret, PemFile, Secret};

/// What HS256 needs to be as strong as its hash (RFC 7518, section 3.2).
const MIN_SECRET_BYTES: usize = 32;

pub(super) fn read(section: &mut Section<'_>, app_env: &AppEnv) -> Config {
    let config = Config {
        secret: section.optional_text("secret").map(|text| Secret::new(&text)),
        keys: section.parsed_list("keys", "each must be kid=secret", named_secret),
        pem_files: section.parsed_list("pem_files", "each must be kid=path or path", pem_file),
        jwks_file: section.optional_text("jwks_file").map(PathBuf::from),
        algorithms: section.parsed_list(
            "algorithms",
            "each must be HS256, RS256, ES256 or EdDSA",
            Algorithm::parse,
        ),
        issuer: section.optional_text("issuer"),
        audience: section.optional_text("audience"),
        leeway_seconds: section.integer("leeway_seconds", 0..=300),
    };
    if section.is_sound() {
        for fault in config.faults() {
            section.fault(fault.field, fault.rule);
        }
    }
    if !app_env.is_development() {
        demand_strong_secrets(&config, section);
    }
    config
}

fn demand_strong_secrets(config: &Config, section: &mut Section<'_>) {
    if let Some(rule) = config.secret.as_ref().and_then(weakness) {
        section.fault("secret", rule);
    }
    if let Some(rule) = config.keys.iter().find_map(|key| weakness(&key.secret)) {
        section.fault("keys", rule);
    }
}

fn weakness(secret: &Secret) -> Option<String> {
    if secret.reveal() == DEVELOPMENT_SECRET {
        return Some("is the development secret, which anybody knows".to_owned());
    }
    (secret.reveal().len() < MIN_SECRET_BYTES)
        .then(|| format!("must be at least {MIN_SECRET_BYTES} bytes outside development"))
}

fn named_secret(text: &str) -> Option<NamedSecret> {
    let (kid, secret) = text.split_once('=')?;
    (!kid.is_empty() && !secret.is_empty())
        .then(|| NamedSecret { kid: kid.to_owned(), secret: Secret::new(secret) })
}

fn pem_file(text: &str) -> Option<PemFile> {
    let (kid, path) = match text.split_once('=') {
        Some((kid, path)) => (Some(kid), path),
        None => (None, text),
    };
    (!path.is_empty() && kid != Some(""))
        .then(|| PemFile { kid: kid.map(str::to_owned), path: PathBuf::from(path) })
}
