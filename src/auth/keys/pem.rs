//! A public key in a PEM file. Its own type says which algorithm it serves.

use std::fs;

use jsonwebtoken::DecodingKey;

use super::Found;
use crate::auth::{Algorithm, KeyFault, PemFile};

/// An uncompressed point of P-256: one byte and two coordinates of 32.
const P256_POINT_BYTES: usize = 65;

pub(super) fn read(file: &PemFile) -> Result<Found, KeyFault> {
    let fault =
        |rule: String| KeyFault::new("pem_files", format!("{}: {rule}", file.path.display()));
    let text = fs::read_to_string(&file.path).map_err(|error| fault(error.to_string()))?;
    if text.contains("PRIVATE KEY") {
        return Err(fault("holds a private key, which has no business on a server".to_owned()));
    }
    let (algorithm, decoding) = parse(text.as_bytes()).ok_or_else(|| {
        fault("must be a public key as PEM: RSA, elliptic curve P-256 or Ed25519".to_owned())
    })?;
    Ok(Found { field: "pem_files", kid: file.kid.clone(), algorithm, decoding })
}

fn parse(pem: &[u8]) -> Option<(Algorithm, DecodingKey)> {
    if let Ok(key) = DecodingKey::from_ed_pem(pem) {
        return Some((Algorithm::EdDsa, key));
    }
    if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        let on_p256 = key.try_get_as_bytes().is_ok_and(|point| point.len() == P256_POINT_BYTES);
        return on_p256.then_some((Algorithm::Es256, key));
    }
    DecodingKey::from_rsa_pem(pem).ok().map(|key| (Algorithm::Rs256, key))
}
