//! Tokens as attackers and identity providers make them, against real keys.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm as Jwt, EncodingKey, Header};
use kyo_collaboration::auth::{
    Algorithm, AuthError, Authenticator, Config, Grant, NamedSecret, PemFile, Principal, Secret,
    SignError, TenantRole, room_role,
};
use kyo_collaboration::domain::{Instant, Role, TenantId, UserId};
use serde_json::{Value, json};

const NOW: Instant = Instant(1_800_000_000_000);
const NOW_SECONDS: i64 = NOW.0 / 1_000;
const SECRET: &str = "a secret of more than thirty-two bytes";
const OTHER: &str = "another secret of more than 32 bytes..";

fn key_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)
}

fn key(name: &str) -> Vec<u8> {
    std::fs::read(key_path(name)).unwrap()
}

fn config() -> Config {
    Config {
        secret: Some(Secret::new(SECRET)),
        keys: vec![NamedSecret { kid: "2026".to_owned(), secret: Secret::new(OTHER) }],
        pem_files: Vec::new(),
        jwks_file: None,
        algorithms: Algorithm::ALL.to_vec(),
        issuer: None,
        audience: None,
        leeway_seconds: 5,
    }
}

fn pem(kid: Option<&str>, name: &str) -> PemFile {
    PemFile { kid: kid.map(str::to_owned), path: key_path(name) }
}

fn with_public_keys() -> Config {
    let pem_files = vec![
        pem(Some("rsa"), "rsa.pub.pem"),
        pem(Some("ec"), "ec.pub.pem"),
        pem(None, "ed.pub.pem"),
    ];
    Config { pem_files, ..config() }
}

fn claims() -> Value {
    json!({
        "sub": "mei", "tenant_id": "demo", "name": "Mei", "role": "trainer",
        "exp": NOW_SECONDS + 3_600,
    })
}

fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn header(algorithm: Jwt, kid: Option<&str>) -> Header {
    Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) }
}

fn sign(claims: &Value, kid: Option<&str>, secret: &[u8]) -> String {
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&header(Jwt::HS256, kid), claims, &key).unwrap()
}

fn verify(config: &Config, token: &str) -> Result<Principal, AuthError> {
    Authenticator::new(config).unwrap().verify(token, NOW)
}

fn verify_claims(claims: &Value) -> Result<Principal, AuthError> {
    verify(&config(), &sign(claims, None, SECRET.as_bytes()))
}

#[track_caller]
fn refused(result: Result<Principal, AuthError>, reason: &str) {
    match result {
        Err(AuthError::Invalid { reason: found }) => assert_eq!(found, reason),
        other => panic!("{other:?}, not refused with {reason:?}"),
    }
}

const NO_KEY: &str = "no key of ours has that kid and algorithm";

#[test]
fn a_good_token_proves_its_holder() {
    let principal = verify_claims(&claims()).unwrap();
    assert_eq!(principal.tenant.as_str(), "demo");
    assert_eq!(principal.user.as_str(), "mei");
    assert_eq!(principal.name, "Mei");
    assert_eq!(principal.role, TenantRole::Trainer);
    assert_eq!(principal.expires_at, Instant(NOW.0 + 3_600_000));
}

#[test]
fn every_algorithm_works_with_its_own_key() {
    let rsa = EncodingKey::from_rsa_pem(&key("rsa.pem")).unwrap();
    let ec = EncodingKey::from_ec_pem(&key("ec.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(&key("ed.pem")).unwrap();
    let hs = EncodingKey::from_secret(OTHER.as_bytes());
    for (algorithm, kid, key) in [
        (Jwt::RS256, Some("rsa"), rsa),
        (Jwt::ES256, Some("ec"), ec),
        (Jwt::EdDSA, None, ed),
        (Jwt::HS256, Some("2026"), hs),
    ] {
        let token = jsonwebtoken::encode(&header(algorithm, kid), &claims(), &key).unwrap();
        assert!(verify(&with_public_keys(), &token).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn algorithm_none_is_refused() {
    for header in [json!({"alg": "none"}), json!({"alg": "None", "typ": "JWT"}), json!({})] {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.", part(&header), part(&claims()));
        refused(verify(&config(), &token), "malformed");
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    for (kid, name) in [(Some("rsa"), "rsa.pub.pem"), (Some("ec"), "ec.pub.pem")] {
        let token = sign(&claims(), kid, &key(name));
        refused(verify(&with_public_keys(), &token), NO_KEY);
    }
    let alone = Config {
        secret: None,
        keys: vec![],
        pem_files: vec![pem(None, "rsa.pub.pem")],
        ..config()
    };
    refused(verify(&alone, &sign(&claims(), None, &key("rsa.pub.pem"))), NO_KEY);
}

#[test]
fn other_algorithms_of_the_same_family_are_refused() {
    let rsa = EncodingKey::from_rsa_pem(&key("rsa.pem")).unwrap();
    for algorithm in [Jwt::RS384, Jwt::PS256] {
        let token = jsonwebtoken::encode(&header(algorithm, Some("rsa")), &claims(), &rsa).unwrap();
        refused(verify(&with_public_keys(), &token), NO_KEY);
    }
    let hs = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&header(Jwt::HS512, None), &claims(), &hs).unwrap();
    refused(verify(&config(), &token), NO_KEY);
}

#[test]
fn a_kid_picks_its_key_and_no_other() {
    refused(verify(&config(), &sign(&claims(), Some("1999"), SECRET.as_bytes())), NO_KEY);
    refused(verify(&config(), &sign(&claims(), Some(""), SECRET.as_bytes())), NO_KEY);
    refused(verify(&config(), &sign(&claims(), Some("2026"), SECRET.as_bytes())), "bad signature");
    refused(verify(&config(), &sign(&claims(), None, OTHER.as_bytes())), "bad signature");
}

#[test]
fn a_critical_extension_is_refused() {
    let header = Header { crit: Some(vec!["b64".to_owned()]), ..header(Jwt::HS256, None) };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
    refused(verify(&config(), &token), "crit: demands what we don't implement");
}

#[test]
fn a_changed_token_is_refused() {
    let token = sign(&claims(), None, SECRET.as_bytes());
    let parts: Vec<&str> = token.split('.').collect();
    let owner = URL_SAFE_NO_PAD.encode(with(json!({"role": "owner"})).to_string());
    let tampered = format!("{}.{owner}.{}", parts[0], parts[2]);
    refused(verify(&config(), &tampered), "bad signature");
    refused(verify(&config(), &format!("{}.{}.", parts[0], parts[1])), "bad signature");
}

#[test]
fn anything_else_is_answered_without_a_panic() {
    assert_eq!(verify(&config(), ""), Err(AuthError::Missing));
    for nonsense in [".", "..", "a.b.c", "a.b.c.d", "Bearer x", "\u{0}", "ey\u{fc}.e.e"] {
        refused(verify(&config(), nonsense), "malformed");
    }
    refused(verify(&config(), &"a".repeat(8 * 1024 + 1)), "too long");
}

#[test]
fn times_are_kept_to_the_leeway() {
    let exp = |seconds: i64| verify_claims(&with(json!({"exp": NOW_SECONDS + seconds})));
    assert!(exp(0).is_ok());
    assert!(exp(-4).is_ok());
    assert_eq!(exp(-5), Err(AuthError::Expired));
    assert_eq!(exp(-3_600), Err(AuthError::Expired));

    let nbf = |seconds: i64| verify_claims(&with(json!({"nbf": NOW_SECONDS + seconds})));
    assert!(nbf(5).is_ok());
    refused(nbf(6), "nbf: not valid yet");
}

#[test]
fn an_expiry_is_demanded_and_must_be_a_time() {
    refused(verify_claims(&with(json!({"exp": null}))), "claims: missing or of a wrong type");
    for exp in [json!("tomorrow"), json!(true), json!([])] {
        refused(verify_claims(&with(json!({"exp": exp}))), "claims: missing or of a wrong type");
    }
    for exp in [json!(-1), json!(-1.5e300)] {
        let refusal = verify_claims(&with(json!({"exp": exp})));
        assert!(matches!(refusal, Err(AuthError::Invalid { .. })), "{refusal:?}");
    }
}

#[test]
fn an_expiry_beyond_all_calendars_is_cut() {
    for exp in [json!(u64::MAX), json!(1e300), json!(i64::MAX)] {
        // Either answer is safe; what counts is that nothing overflows.
        if let Ok(principal) = verify_claims(&with(json!({"exp": exp}))) {
            assert_eq!(principal.expires_at, Instant(253_402_300_799_000));
        }
    }
    let fraction = verify_claims(&with(json!({"exp": NOW_SECONDS as f64 + 9.75}))).unwrap();
    assert_eq!(fraction.expires_at, Instant(NOW.0 + 9_000));
}

#[test]
fn expiry_is_only_told_of_tokens_that_were_ours() {
    let expired = with(json!({"exp": NOW_SECONDS - 3_600}));
    refused(verify(&config(), &sign(&expired, None, OTHER.as_bytes())), "bad signature");
    let nobody = with(json!({"exp": NOW_SECONDS - 3_600, "tenant_id": ""}));
    refused(verify_claims(&nobody), "tenant_id: must not be empty");
}

#[test]
fn issuer_and_audience_are_checked_when_configured() {
    let strict = Config {
        issuer: Some("https://id.example".to_owned()),
        audience: Some("kyo".to_owned()),
        ..config()
    };
    let check = |changes: Value| verify(&strict, &sign(&with(changes), None, SECRET.as_bytes()));
    let issuer = "https://id.example";
    assert!(check(json!({"iss": issuer, "aud": "kyo"})).is_ok());
    assert!(check(json!({"iss": issuer, "aud": ["shop", "kyo"]})).is_ok());
    refused(check(json!({"iss": issuer, "aud": "shop"})), "aud: not ours");
    refused(check(json!({"iss": issuer, "aud": []})), "aud: not ours");
    refused(check(json!({"iss": issuer})), "aud: missing");
    refused(check(json!({"iss": "https://evil.example", "aud": "kyo"})), "iss: not ours");
    refused(check(json!({"aud": "kyo"})), "iss: missing");

    assert!(verify_claims(&with(json!({"iss": "any", "aud": "any"}))).is_ok());
}

#[test]
fn ids_are_demanded_and_bounded() {
    let missing = "claims: missing or of a wrong type";
    refused(verify_claims(&with(json!({"tenant_id": null}))), missing);
    refused(verify_claims(&with(json!({"sub": null}))), missing);
    refused(verify_claims(&with(json!({"sub": 7}))), missing);
    refused(
        verify_claims(&with(json!({"sub": "x".repeat(65)}))),
        "sub: must be at most 64 characters",
    );
    refused(
        verify_claims(&with(json!({"tenant_id": "x".repeat(65)}))),
        "tenant_id: must be at most 64 characters",
    );
    refused(
        verify_claims(&with(json!({"tenant_id": "de\nmo"}))),
        "tenant_id: must not contain control characters",
    );
    assert!(verify_claims(&with(json!({"sub": "ü".repeat(64)}))).is_ok());
}

#[test]
fn names_are_made_readable() {
    let name = |value: Value| verify_claims(&with(json!({"name": value}))).unwrap().name;
    assert_eq!(name(Value::Null), "mei");
    assert_eq!(name(json!("  ")), "mei");
    assert_eq!(name(json!(" Mei\r\nLin ")), "MeiLin");
    assert_eq!(name(json!("x".repeat(300))).len(), 200);
}

#[test]
fn no_role_watches_and_an_unknown_role_is_refused() {
    assert_eq!(verify_claims(&with(json!({"role": null}))).unwrap().role, TenantRole::Member);
    refused(verify_claims(&with(json!({"role": "root"}))), "role: not one of ours");
    refused(verify_claims(&with(json!({"role": "Owner"}))), "role: not one of ours");
}

#[test]
fn a_refusal_tells_nothing_of_its_reason() {
    let refusal = verify_claims(&with(json!({"role": "root"}))).unwrap_err();
    assert_eq!(refusal.to_string(), "the token is not valid");
    assert_eq!(refusal.reason(), "role: not one of ours");
}

#[test]
fn member_lists_come_before_tenant_roles() {
    assert_eq!(room_role(TenantRole::Owner, None), Role::Owner);
    assert_eq!(room_role(TenantRole::Manager, None), Role::Editor);
    assert_eq!(room_role(TenantRole::Trainer, None), Role::Editor);
    assert_eq!(room_role(TenantRole::Service, None), Role::Editor);
    assert_eq!(room_role(TenantRole::Member, None), Role::Viewer);
    assert_eq!(room_role(TenantRole::Owner, Some(Role::Viewer)), Role::Viewer);
    assert_eq!(room_role(TenantRole::Member, Some(Role::Owner)), Role::Owner);
}

fn grant() -> Grant {
    Grant {
        tenant: TenantId::parse("demo").unwrap(),
        user: UserId::parse("mei").unwrap(),
        name: None,
        role: TenantRole::Owner,
    }
}

#[test]
fn what_we_sign_we_accept() {
    let named_only =
        Config { secret: None, issuer: Some("i".into()), audience: Some("a".into()), ..config() };
    for config in [config(), named_only] {
        let authenticator = Authenticator::new(&config).unwrap();
        let token = authenticator.sign(&grant(), NOW, Duration::from_secs(60)).unwrap();
        let principal = authenticator.verify(&token, NOW).unwrap();
        assert_eq!((principal.name.as_str(), principal.role), ("mei", TenantRole::Owner));
        assert_eq!(principal.expires_at, Instant(NOW.0 + 60_000));
        let late = Instant(NOW.0 + 65_000);
        assert_eq!(authenticator.verify(&token, late), Err(AuthError::Expired));
    }
}

#[test]
fn public_keys_do_not_sign() {
    let public = Config { secret: None, keys: vec![], ..with_public_keys() };
    let signed = Authenticator::new(&public).unwrap().sign(&grant(), NOW, Duration::from_secs(60));
    assert!(matches!(signed, Err(SignError::NoSecret)), "{signed:?}");
}

fn faults(config: &Config) -> String {
    Authenticator::new(config).unwrap_err().join("\n")
}

#[test]
fn faulty_keys_are_all_named() {
    let config = Config {
        keys: vec![
            NamedSecret { kid: "a".to_owned(), secret: Secret::new(SECRET) },
            NamedSecret { kid: "a".to_owned(), secret: Secret::new(OTHER) },
        ],
        pem_files: vec![
            pem(None, "missing.pem"),
            pem(None, "rsa.pem"),
            pem(None, "ec384.pub.pem"),
            pem(None, "README.md"),
            pem(Some("one"), "rsa.pub.pem"),
        ],
        jwks_file: Some(key_path("README.md")),
        algorithms: vec![Algorithm::Hs256],
        ..config()
    };
    let faults = faults(&config);
    for part in [
        "auth.keys: the kid \"a\" is there twice",
        "missing.pem: No such file",
        "rsa.pem: holds a private key",
        "ec384.pub.pem: must be a public key",
        "README.md: must be a public key",
        "auth.pem_files: holds a key for RS256, which auth.algorithms leaves out",
        "auth.jwks_file:",
    ] {
        assert!(faults.contains(part), "{part:?} is not in\n{faults}");
    }
    assert!(!faults.contains(SECRET) && !faults.contains(OTHER), "{faults}");
}

#[test]
fn no_key_at_all_is_a_fault() {
    let none = Config { secret: None, keys: vec![], ..config() };
    assert!(faults(&none).starts_with("auth.secret: must be set (JWT_SECRET)"));
}

fn jwk(private: &str, algorithm: Jwt, kid: Option<&str>) -> Value {
    let key = match algorithm {
        Jwt::RS256 => EncodingKey::from_rsa_pem(&key(private)),
        Jwt::ES256 => EncodingKey::from_ec_pem(&key(private)),
        _ => EncodingKey::from_ed_pem(&key(private)),
    };
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key.unwrap(), algorithm).unwrap();
    let mut jwk = serde_json::to_value(jwk).unwrap();
    if let Some(kid) = kid {
        jwk["kid"] = json!(kid);
    }
    jwk
}

fn jwks_config(folder: &Path, keys: Value) -> Config {
    let path = folder.join("jwks.json");
    std::fs::write(&path, json!({ "keys": keys }).to_string()).unwrap();
    Config { secret: None, keys: vec![], jwks_file: Some(path), ..config() }
}

#[test]
fn a_key_set_serves_its_keys_and_passes_over_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut encryption = jwk("rsa.pem", Jwt::RS256, Some("enc"));
    encryption["use"] = json!("enc");
    let mut foreign = jwk("rsa.pem", Jwt::RS256, Some("rs512"));
    foreign["alg"] = json!("RS512");
    let keys = json!([
        jwk("rsa.pem", Jwt::RS256, Some("r")),
        jwk("ec.pem", Jwt::ES256, Some("e")),
        jwk("ed.pem", Jwt::EdDSA, None),
        encryption,
        foreign,
        {"kty": "AKP", "kid": "future", "pub": "AA"},
    ]);
    let config = jwks_config(folder.path(), keys);
    let rsa = EncodingKey::from_rsa_pem(&key("rsa.pem")).unwrap();
    let ec = EncodingKey::from_ec_pem(&key("ec.pem")).unwrap();
    let ed = EncodingKey::from_ed_pem(&key("ed.pem")).unwrap();
    let token = |algorithm, kid, key| {
        jsonwebtoken::encode(&header(algorithm, kid), &claims(), key).unwrap()
    };
    for token in [
        token(Jwt::RS256, Some("r"), &rsa),
        token(Jwt::ES256, Some("e"), &ec),
        token(Jwt::EdDSA, None, &ed),
    ] {
        assert!(verify(&config, &token).is_ok(), "{:?}", verify(&config, &token));
    }
    for kid in ["enc", "rs512", "future"] {
        refused(verify(&config, &token(Jwt::RS256, Some(kid), &rsa)), NO_KEY);
    }
}

#[test]
fn a_key_set_holds_no_shared_secret_and_some_key() {
    let folder = tempfile::tempdir().unwrap();
    let shared = json!([{"kty": "oct", "kid": "s", "k": "AAAA"}]);
    assert!(faults(&jwks_config(folder.path(), shared)).contains("holds a shared secret"));
    assert!(faults(&jwks_config(folder.path(), json!([]))).contains("has no key for any"));
}

#[test]
fn secrets_do_not_show_themselves() {
    let shown = format!("{:?}", config());
    assert!(!shown.contains(SECRET) && !shown.contains(OTHER), "{shown}");
}
