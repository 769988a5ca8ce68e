//! Public keys of an identity provider, as a JSON Web Key Set in a file.

use std::fs;
use std::path::Path;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};

use super::Found;
use crate::auth::{Algorithm, KeyFault};

/// The usable keys of a set. A provider may publish others beside them, so these are passed over.
pub(super) fn read(path: &Path, allowed: &[Algorithm]) -> Result<Vec<Found>, KeyFault> {
    let fault = |rule: String| KeyFault::new("jwks_file", format!("{}: {rule}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let set: JwkSet = serde_json::from_str(&text)
        .map_err(|error| fault(format!("must be a JSON Web Key Set: {error}")))?;
    if set.keys.iter().any(|key| matches!(key.algorithm, AlgorithmParameters::OctetKey(_))) {
        return Err(fault("holds a shared secret: those belong in auth.keys".to_owned()));
    }
    let keys: Vec<_> = set
        .keys
        .iter()
        .filter(|key| is_for_signatures(key))
        .filter_map(usable)
        .filter(|key| allowed.contains(&key.algorithm))
        .collect();
    if keys.is_empty() {
        return Err(fault("has no key for any of auth.algorithms".to_owned()));
    }
    Ok(keys)
}

fn is_for_signatures(key: &Jwk) -> bool {
    matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
}

fn usable(key: &Jwk) -> Option<Found> {
    let algorithm = algorithm_of(key)?;
    let declared = key.common.key_algorithm.map(|declared| declared == declared_as(algorithm));
    if declared == Some(false) {
        return None;
    }
    let decoding = DecodingKey::from_jwk(key).ok()?;
    Some(Found { field: "jwks_file", kid: key.common.key_id.clone(), algorithm, decoding })
}

/// By the kind of key, never by what its `alg` claims.
fn algorithm_of(key: &Jwk) -> Option<Algorithm> {
    match &key.algorithm {
        AlgorithmParameters::RSA(_) => Some(Algorithm::Rs256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Some(Algorithm::Es256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDsa)
        }
        _ => None,
    }
}

fn declared_as(algorithm: Algorithm) -> KeyAlgorithm {
    match algorithm {
        Algorithm::Hs256 => KeyAlgorithm::HS256,
        Algorithm::Rs256 => KeyAlgorithm::RS256,
        Algorithm::Es256 => KeyAlgorithm::ES256,
        Algorithm::EdDsa => KeyAlgorithm::EdDSA,
    }
}
