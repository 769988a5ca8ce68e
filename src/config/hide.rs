//! Values as they may be shown: secrets hidden, passwords in addresses cut out.

use config::ValueKind;

const HIDDEN: &str = "\"[hidden]\"";

/// A value as TOML, without anything secret.
pub(super) fn shown(section: &str, key: &str, value: &ValueKind) -> String {
    match (section, key, value) {
        (_, _, ValueKind::String(text)) if text.is_empty() => literal(value),
        ("auth", "secret", _) | ("bus", "password", _) => HIDDEN.to_owned(),
        ("aws", "secret_access_key" | "session_token" | "container_authorization", _) => {
            HIDDEN.to_owned()
        }
        ("auth", "keys", ValueKind::Array(keys)) => {
            let names = keys.iter().map(|key| quoted(&named(&key.kind)));
            format!("[{}]", names.collect::<Vec<_>>().join(", "))
        }
        ("auth", "keys", _) => HIDDEN.to_owned(),
        (_, _, ValueKind::String(text)) => quoted(&without_passwords(text)),
        _ => literal(value),
    }
}

/// Cuts the password out of every `scheme://user:password@host` in a comma-separated list.
pub(super) fn without_passwords(addresses: &str) -> String {
    addresses.split(',').map(without_password).collect::<Vec<_>>().join(",")
}

fn without_password(address: &str) -> String {
    let cut = || {
        let (scheme, rest) = address.split_once("://")?;
        // The last @, because a password may hold one.
        let (user, host) = rest.rsplit_once('@')?;
        let name = user.split_once(':').map_or(user, |(name, _)| name);
        Some(format!("{scheme}://{name}:[hidden]@{host}"))
    };
    cut().unwrap_or_else(|| address.to_owned())
}

/// `kid=secret` without the secret.
fn named(entry: &ValueKind) -> String {
    let kid = match entry {
        ValueKind::String(text) => text.split_once('=').map(|(kid, _)| kid),
        _ => None,
    };
    kid.map_or_else(|| "[hidden]".to_owned(), |kid| format!("{kid}=[hidden]"))
}

fn literal(value: &ValueKind) -> String {
    match value {
        ValueKind::String(text) => quoted(text),
        ValueKind::Array(values) => {
            let values = values.iter().map(|value| literal(&value.kind));
            format!("[{}]", values.collect::<Vec<_>>().join(", "))
        }
        ValueKind::Table(_) => "{…}".to_owned(),
        other => other.to_string(),
    }
}

/// A JSON string is a TOML basic string too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_cut_out_of_addresses() {
        for (address, shown) in [
            ("sqlite://data/kyo.db", "sqlite://data/kyo.db"),
            ("postgres://kyo:p@ss:w@db/kyo", "postgres://kyo:[hidden]@db/kyo"),
            ("rediss://:s@a:1,rediss://:s@b:1", "rediss://:[hidden]@a:1,rediss://:[hidden]@b:1"),
            ("redis-a:6379,redis-b:6379", "redis-a:6379,redis-b:6379"),
        ] {
            assert_eq!(without_passwords(address), shown);
        }
    }

    #[test]
    fn secrets_keep_their_names_only() {
        let keys = ValueKind::from(vec!["2026=abc=", "loose"]);
        assert_eq!(shown("auth", "keys", &keys), r#"["2026=[hidden]", "[hidden]"]"#);
        assert_eq!(shown("auth", "secret", &ValueKind::from("abc")), r#""[hidden]""#);
        assert_eq!(shown("auth", "secret", &ValueKind::from("")), r#""""#);
        assert_eq!(shown("bus", "password", &ValueKind::from("abc")), r#""[hidden]""#);
    }
}
