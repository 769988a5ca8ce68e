//! Which keys and claims are trusted.

use std::path::PathBuf;

use super::Secret;

/// Which keys and claims are trusted. At least one key is needed.
#[derive(Clone, Debug)]
pub struct Config {
    /// HS256 secret of tokens without `kid`. Default none (development: a fixed one). At least 32
    /// bytes in production. Changing it ends every token that it signed.
    pub secret: Option<Secret>,
    /// HS256 secrets by `kid`, for rotation: the first one signs when there is no `secret`.
    pub keys: Vec<NamedSecret>,
    /// Public keys in PEM files, for RS256, ES256 and EdDSA.
    pub pem_files: Vec<PemFile>,
    /// A JSON Web Key Set with public keys. Keys of other algorithms in it are passed over.
    pub jwks_file: Option<PathBuf>,
    /// Algorithms that are accepted. Default all four. Each key works with its own one alone.
    pub algorithms: Vec<Algorithm>,
    /// The `iss` that a token must have. Default none: not looked at.
    pub issuer: Option<String>,
    /// The `aud` that a token must name. Default none: not looked at.
    pub audience: Option<String>,
    /// How long a token is accepted after `exp` and before `nbf`, in seconds, for clocks that differ.
    /// Default 5.
    pub leeway_seconds: u64,
}

/// A secret with the name that tokens call it by.
#[derive(Clone, Debug)]
pub struct NamedSecret {
    /// The `kid` of its tokens.
    pub kid: String,
    /// The secret.
    pub secret: Secret,
}

/// A file with one public key.
#[derive(Clone, Debug)]
pub struct PemFile {
    /// The `kid` of its tokens; without one it serves tokens without `kid`.
    pub kid: Option<String>,
    /// Where it is.
    pub path: PathBuf,
}

/// A way to sign that we accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC with SHA-256: shared secrets.
    Hs256,
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::Hs256, Self::Rs256, Self::Es256, Self::EdDsa];

    /// Its registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm with that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    pub(super) fn jwt(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}
