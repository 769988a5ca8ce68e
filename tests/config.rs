//! Configurations as operators get them wrong. The library is asked for values, the real binary for
//! what a person sees.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use kyo_collaboration::auth::{Algorithm, DEVELOPMENT_SECRET};
use kyo_collaboration::balancer::Source;
use kyo_collaboration::config::{Config, Faults, Sources};
use kyo_collaboration::telemetry::Format;

const SECRET: &str = "a secret of more than thirty-two bytes";

fn sources(variables: &[(&str, &str)]) -> Sources {
    let environment =
        variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Sources { environment: environment.collect(), ..Sources::embedded() }
}

fn load(variables: &[(&str, &str)]) -> Config {
    Config::load(&sources(variables)).unwrap()
}

fn faults(variables: &[(&str, &str)]) -> Vec<String> {
    let Faults(faults) = Config::load(&sources(variables)).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

/// The one fault, up to its origin.
fn fault(name: &str, value: &str) -> String {
    let faults = faults(&[(name, value)]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].clone()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn in_folder(folder: &Path, variables: &[(&str, &str)]) -> Sources {
    Sources { folder: Some(folder.to_path_buf()), ..sources(variables) }
}

#[test]
fn without_anything_it_is_a_development_configuration() {
    let config = load(&[]);
    assert!(config.app_env.is_development());
    assert_eq!((config.server.host.to_string(), config.server.port), ("0.0.0.0".to_owned(), 3001));
    assert_eq!(config.server.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(config.database.url, "sqlite://data/kyo.db");
    assert_eq!(config.bus.redis_cluster_endpoint, None);
    assert_eq!(config.auth.algorithms, Algorithm::ALL);
    assert_eq!(config.limits.ops_per_second, 50);
    assert_eq!(config.realtime.ping_interval_ms, 25_000);
    assert_eq!(config.telemetry.format, Format::Pretty);
    assert_eq!(config.drain.deadline_ms, 60_000);
}

#[test]
fn the_development_secret_is_announced() {
    let config = load(&[]);
    assert_eq!(config.auth.secret.as_ref().unwrap().reveal(), DEVELOPMENT_SECRET);
    assert!(config.warnings()[0].starts_with("DEVELOPMENT SECRET IN USE"));
    assert!(load(&[("JWT_SECRET", "mine")]).warnings().is_empty());
}

#[test]
fn the_seeds_names_come_last() {
    let config = load(&[
        ("PORT", "4001"),
        ("KYO__SERVER__PORT", "4002"),
        ("DATABASE_URL", "sqlite:///srv/kyo.db"),
        ("JWT_SECRET", "mine"),
        ("SERVICE_VERSION", "9.9.9"),
    ]);
    assert_eq!(config.server.port, 4001);
    assert_eq!(config.server.version, "9.9.9");
    assert_eq!(config.database.url, "sqlite:///srv/kyo.db");
    assert_eq!(config.auth.secret.unwrap().reveal(), "mine");
}

#[test]
fn the_bus_takes_a_redis_with_its_patience() {
    let config = load(&[
        ("REDIS_CLUSTER_ENDPOINT", "rediss://clustercfg.example.com:6379"),
        ("KYO__BUS__USERNAME", "kyo"),
        ("KYO__BUS__COMMAND_TIMEOUT_MS", "500"),
    ]);
    let bus = config.bus;
    assert_eq!(bus.redis_cluster_endpoint.as_deref(), Some("rediss://clustercfg.example.com:6379"));
    assert_eq!((bus.username.as_deref(), bus.namespace.as_str()), (Some("kyo"), "kyo"));
    assert_eq!(bus.ca_file, None);
    assert_eq!((bus.connect_timeout_ms, bus.command_timeout_ms), (5_000, 500));
    let name = fault("KYO__BUS__NAMESPACE", "{kyo}");
    assert!(name.contains("must be 1 to 32 of a-z, 0-9 and -"), "{name}");
    let patience = fault("KYO__BUS__CALL_TIMEOUT_MS", "400");
    assert!(patience.contains("must be at least bus.command_timeout_ms (1000)"), "{patience}");
    let missing = faults(&[
        ("REDIS_CLUSTER_ENDPOINT", "rediss://cache"),
        ("KYO__BUS__CA_FILE", "nowhere.pem"),
    ]);
    assert!(missing[0].starts_with("bus.ca_file = \"nowhere.pem\": nowhere.pem: "), "{missing:?}");
}

#[test]
fn where_a_replica_is_reached_is_an_address_of_plain_http() {
    assert_eq!(load(&[]).server.advertise_url, None);
    for (given, kept) in [
        ("http://10.0.3.7:3001", "http://10.0.3.7:3001"),
        ("http://replica-a.gym.internal:80/", "http://replica-a.gym.internal:80"),
        ("http://[fd00::7]:3001", "http://[fd00::7]:3001"),
    ] {
        let config = load(&[("KYO__SERVER__ADVERTISE_URL", given)]);
        assert_eq!(config.server.advertise_url.as_deref(), Some(kept));
    }
    for wrong in [
        "10.0.3.7:3001",
        "https://10.0.3.7:3001",
        "http://10.0.3.7",
        "http://10.0.3.7:0",
        "http://10.0.3.7:3001/path",
        "http://user@10.0.3.7:3001",
        "http://:3001",
        "http://[10.0.3.7]:3001",
        "http://a b:1",
    ] {
        let fault = fault("KYO__SERVER__ADVERTISE_URL", wrong);
        assert!(fault.starts_with("server.advertise_url = "), "{fault}");
        assert!(fault.contains("must be http://HOST:PORT"), "{fault}");
    }
}

#[test]
fn an_empty_seed_name_counts_as_absent() {
    let config = load(&[("PORT", ""), ("DATABASE_URL", ""), ("REDIS_CLUSTER_ENDPOINT", "")]);
    assert_eq!(config.server.port, 3001);
    assert_eq!(config.database.url, "sqlite://data/kyo.db");
}

#[test]
fn lists_are_written_with_commas_in_the_environment() {
    let config = load(&[
        ("KYO__SERVER__ALLOWED_ORIGINS", "https://a.example, http://localhost:5173"),
        ("KYO__AUTH__KEYS", "a=one=two,b=three"),
        ("KYO__AUTH__ALGORITHMS", "HS256"),
    ]);
    assert_eq!(config.server.allowed_origins, ["https://a.example", "http://localhost:5173"]);
    let keys = config.auth.keys;
    assert_eq!((keys[0].kid.as_str(), keys[0].secret.reveal()), ("a", "one=two"));
    assert_eq!((keys[1].kid.as_str(), keys[1].secret.reveal()), ("b", "three"));
    assert_eq!(config.auth.algorithms, [Algorithm::Hs256]);
}

#[test]
fn files_lie_over_each_other_and_below_the_environment() {
    let folder = folder(&[
        ("default.toml", "[server]\nport = 1\nworkers = 1\n[limits]\nops_per_second = 1\n"),
        ("staging.toml", "[server]\nport = 2\nworkers = 2\n"),
        ("development.toml", "[server]\nport = 3\n"),
    ]);
    let staging = [("APP_ENV", "staging"), ("JWT_SECRET", SECRET), ("KYO__SERVER__WORKERS", "4")];
    let config = Config::load(&in_folder(folder.path(), &staging)).unwrap();
    assert_eq!((config.server.port, config.server.workers), (2, 4));
    assert_eq!(config.limits.ops_per_second, 1);
    assert_eq!(config.warnings().len(), 1, "{:?}", config.warnings());
}

#[test]
fn everything_wrong_is_listed_at_once_with_value_rule_and_origin() {
    let folder = folder(&[
        ("default.toml", "loose = 1\n[server]\nport = \"3001\"\n[sever]\nport = 1\n"),
        ("production.toml", "[realtime]\nping_timeout_ms = 30000\n[drain]\ndeadline_ms = 1\n"),
    ]);
    let variables = [
        ("APP_ENV", "production"),
        ("DATABASE_URL", "mysql://kyo:hunter2@db/kyo"),
        ("REDIS_CLUSTER_ENDPOINT", "rediss://:hunter2@cache:port"),
        ("KYO__LIMITS__OPS_BURST", "10"),
        ("KYO__TELEMETRY__FORMAT", "xml"),
        ("KYO__TELEMETRY__FILTER", "info,kyo=loudly"),
        ("KYO__SERVER__HOST", "everywhere"),
        ("KYO__SERVER__PROT", "1"),
        ("KYO__PORT", "1"),
        ("KYO__AUTH__PEM_FILES", "nowhere.pem"),
    ];
    let refusal = Config::load(&in_folder(folder.path(), &variables)).unwrap_err();
    let text = refusal.to_string();
    let place = folder.path().display();
    for part in [
        &format!(
            "loose: no such section; there are auth, aws, bus, database, drain, limits, operator, realtime, server, telemetry (from {place}/default.toml)"
        ),
        &format!(
            "sever.port: no such section; there are auth, aws, bus, database, drain, limits, operator, realtime, server, telemetry (from {place}/default.toml)"
        ),
        &format!(
            "server.port = \"3001\": must be a whole number from 0 to 65535 (from {place}/default.toml)"
        ),
        &format!(
            "realtime.ping_timeout_ms = 30000: must be at most realtime.ping_interval_ms (25000) (from {place}/production.toml)"
        ),
        &format!(
            "drain.deadline_ms = 1: must be a whole number from 1000 to 115000 (from {place}/production.toml)"
        ),
        "database.url = \"mysql://kyo:[hidden]@db/kyo\": must be postgres://USER:PASSWORD@HOST:PORT/DATABASE or sqlite://PATH",
        "bus.redis_cluster_endpoint = \"rediss://:[hidden]@cache:port\": must be host:port",
        "limits.ops_burst = 10: must be at least limits.ops_per_second (50) (from KYO__LIMITS__OPS_BURST)",
        "telemetry.format = \"xml\": must be pretty or json (from KYO__TELEMETRY__FORMAT)",
        "telemetry.filter = \"info,kyo=loudly\": must be log directives",
        "server.host = \"everywhere\": must be an IP address (from KYO__SERVER__HOST)",
        "server.prot: no such setting; [server] has advertise_url, allowed_origins, host, port, public_url, version, workers (from KYO__SERVER__PROT)",
        "KYO__PORT: must be KYO__SECTION__FIELD",
        "auth.pem_files = [\"nowhere.pem\"]: nowhere.pem: No such file",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(text.starts_with("the configuration has 14 faults:\n"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_file_that_is_no_toml_does_not_hide_the_other_faults() {
    let folder = folder(&[("default.toml", "[server\nport = 1")]);
    let refusal = Config::load(&in_folder(folder.path(), &[("PORT", "x")])).unwrap_err();
    let Faults(faults) = &refusal;
    assert_eq!(faults.len(), 2, "{refusal}");
    assert!(faults[0].key.ends_with("default.toml"), "{refusal}");
    assert_eq!(faults[1].key, "server.port");
}

#[test]
fn production_demands_a_secret_of_its_own() {
    let missing = faults(&[("APP_ENV", "production")]);
    assert_eq!(missing.len(), 1);
    assert!(missing[0].starts_with("auth.secret = \"\": must be set (JWT_SECRET)"), "{missing:?}");

    let public = faults(&[("APP_ENV", "production"), ("JWT_SECRET", DEVELOPMENT_SECRET)]);
    assert_eq!(
        public,
        [
            "auth.secret = \"[hidden]\": is the development secret, which anybody knows (from JWT_SECRET)"
        ]
    );

    let short = faults(&[
        ("APP_ENV", "staging"),
        ("JWT_SECRET", "hunter2"),
        ("KYO__AUTH__KEYS", "a=hunter2"),
    ]);
    assert_eq!(
        short,
        [
            "auth.secret = \"[hidden]\": must be at least 32 bytes outside development (from JWT_SECRET)",
            "auth.keys = [\"a=[hidden]\"]: must be at least 32 bytes outside development (from KYO__AUTH__KEYS)",
        ]
    );
    let config = load(&[("APP_ENV", "production"), ("JWT_SECRET", SECRET)]);
    assert!(config.warnings().is_empty());
    assert_eq!(config.telemetry.format, Format::Json);
}

#[test]
fn production_runs_on_public_keys_alone() {
    let file = format!("idp={}/tests/keys/rsa.pub.pem", env!("CARGO_MANIFEST_DIR"));
    let config = load(&[("APP_ENV", "production"), ("KYO__AUTH__PEM_FILES", &file)]);
    assert!(config.auth.secret.is_none());
    assert_eq!(config.auth.pem_files[0].kid.as_deref(), Some("idp"));
}

#[test]
fn databases_that_this_build_does_not_have_are_refused() {
    for url in ["postgres://db", "sqlite://", "sqlite://:memory:", "data/kyo.db", "mysql://x"] {
        let fault = fault("DATABASE_URL", url);
        assert!(fault.contains("must be ") && fault.contains(url), "{fault}");
    }
}

#[test]
fn a_database_server_has_its_settings() {
    let server = ("DATABASE_URL", "postgresql://kyo:hunter2@db:5433/kyo?sslmode=require");
    let config = load(&[server, ("KYO__DATABASE__STATEMENT_TIMEOUT_MS", "20000")]);
    let settings = config.database.settings();
    assert_eq!((settings.url.as_str(), settings.statement_timeout_ms), (server.1, 20_000));
    for (variables, expected) in [
        (vec![("KYO__DATABASE__LOCK_TIMEOUT_MS", "10001")], "database.lock_timeout_ms = 10001"),
        (vec![("KYO__DATABASE__POOL", "0")], "database.pool = 0: must be a whole number"),
        (vec![server, ("KYO__DATABASE__CA_FILE", "x.pem")], "database.ca_file = \"x.pem\""),
        (vec![("DATABASE_URL", "postgres://kyo:hunter2@db/kyo?sslmode=no")], "database.url = "),
        (
            vec![("DATABASE_URL", "postgres://db/kyo?sslmode=verify-full")],
            "database.ca_file = \"\"",
        ),
    ] {
        let found = faults(&variables);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        assert!(!found[0].contains("hunter2"), "{found:?}");
    }
}

#[test]
fn addresses_and_origins_are_checked() {
    for url in ["timetable.example.com", "https://", "https:///x", "ftp://x", "http://a b"] {
        assert!(fault("KYO__SERVER__PUBLIC_URL", url).starts_with("server.public_url"), "{url}");
    }
    assert_eq!(
        load(&[("KYO__SERVER__PUBLIC_URL", "https://t.example/")]).server.public_url.as_deref(),
        Some("https://t.example")
    );
    for origin in ["a.example", "https://a.example/", "https://a.example/x"] {
        let fault = fault("KYO__SERVER__ALLOWED_ORIGINS", origin);
        assert!(fault.starts_with("server.allowed_origins"), "{fault}");
    }
}

#[test]
fn numbers_are_whole_and_within_bounds() {
    for value in ["-1", "70000", "1.5", "1e3", "0x10", "ninety", "99999999999999999999", " 1"] {
        assert!(fault("PORT", value).contains("must be a whole number from 0 to 65535"), "{value}");
    }
}

#[test]
fn relations_are_checked() {
    assert!(
        fault("KYO__LIMITS__TENANT_OPS_PER_SECOND", "10").contains("limits.ops_per_second (50)")
    );
    let fault = fault("KYO__REALTIME__HIBERNATE_AFTER_MS", "1000");
    assert!(fault.contains("realtime.presence_grace_ms (5000)"), "{fault}");
}

#[test]
fn a_relation_is_not_blamed_when_a_part_of_it_is_wrong() {
    assert!(fault("KYO__LIMITS__OPS_BURST", "many").contains("must be a whole number"));
}

#[test]
fn an_environment_that_is_no_name_is_refused() {
    for name in ["../etc/passwd", "Production", "a b", &"x".repeat(33)] {
        assert!(fault("APP_ENV", name).starts_with("APP_ENV = "), "{name}");
    }
}

#[test]
fn text_that_is_not_utf8_is_a_fault_only_where_it_is_read() {
    let noise = || OsString::from_vec(vec![0xff, 0xfe]);
    let environment = BTreeMap::from([
        (noise(), noise()),
        (OsString::from("OTHER"), noise()),
        (OsString::from("PORT"), noise()),
    ]);
    let Faults(faults) = Config::load(&Sources { environment, ..Sources::embedded() }).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].to_string(), "PORT: must be UTF-8");
}

#[test]
fn the_effective_configuration_is_one_that_loads_to_the_same() {
    let variables = [
        ("PORT", "4001"),
        ("KYO__SERVER__ALLOWED_ORIGINS", "https://a.example,*"),
        ("KYO__TELEMETRY__FILTER", "info,a[b{c=\"d\"}]=debug"),
    ];
    let text = Config::effective(&sources(&variables)).unwrap();
    assert!(text.contains("\nport = 4001 # from PORT\n"), "{text}");
    assert!(text.contains("\nworkers = 0\n"), "{text}");
    assert!(text.contains("# Milliseconds between pings to a client.\nping_interval_ms"), "{text}");
    assert!(!text.contains(DEVELOPMENT_SECRET), "{text}");

    let folder = folder(&[("default.toml", &text)]);
    let again = Config::load(&in_folder(folder.path(), &[])).unwrap();
    let config = load(&variables);
    assert_eq!(again.server, config.server);
    assert_eq!(again.telemetry, config.telemetry);
}

#[test]
fn traces_take_the_names_of_opentelemetry_and_are_off_without_an_endpoint() {
    assert_eq!(load(&[("OTEL_TRACES_SAMPLER_ARG", "1")]).telemetry.trace, None);
    let config = load(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        ("KYO__TELEMETRY__TRACE_RATIO", "1"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("OTEL_SERVICE_NAME", ""),
        ("OTEL_RESOURCE_ATTRIBUTES", "cloud.provider=aws, team = gyms"),
    ]);
    let trace = config.telemetry.trace.expect("there is an endpoint");
    assert_eq!((trace.endpoint.as_str(), trace.ratio), ("http://127.0.0.1:4318", 0.25));
    assert_eq!(trace.service, "kyo-collaboration");
    let attribute = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let attributes = [attribute("cloud.provider", "aws"), attribute("team", "gyms")];
    assert_eq!(trace.attributes, attributes);
}

#[test]
fn every_fault_of_traces_is_listed() {
    assert_eq!(
        faults(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://xray.eu-central-1.amazonaws.com"),
            ("OTEL_TRACES_SAMPLER_ARG", "5%"),
            ("OTEL_RESOURCE_ATTRIBUTES", "cloud.provider"),
        ]),
        [
            "telemetry.otlp_endpoint = \"https://xray.eu-central-1.amazonaws.com\": must be http://HOST:PORT, the collector beside the service (from OTEL_EXPORTER_OTLP_ENDPOINT)",
            "telemetry.trace_ratio = \"5%\": must be from 0 to 1 (from OTEL_TRACES_SAMPLER_ARG)",
            "telemetry.resource_attributes = [\"cloud.provider\"]: must be key=value, several with commas (from OTEL_RESOURCE_ATTRIBUTES)",
        ]
    );
}

#[test]
fn every_setting_is_documented_and_no_other() {
    let text = Config::effective(&sources(&[])).unwrap();
    let docs = include_str!("../docs/CONFIGURATION.md");
    let mut section = "";
    let mut settings = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(" = ") {
            Some((key, _)) => settings.push(format!("`{section}.{key}`")),
            None => section = line.trim_matches(['[', ']']),
        }
    }
    let rows = docs.lines().filter(|line| line.starts_with("| `"));
    let documented: Vec<String> =
        rows.filter_map(|row| row.split(" | ").next()).map(|cell| cell[2..].to_owned()).collect();
    assert_eq!(documented, settings);
}

#[test]
fn passwords_do_not_show_in_debug() {
    let mut config = load(&[("KYO__BUS__PASSWORD", "hunter2")]);
    config.database.url = "postgres://kyo:hunter2@db/kyo".to_owned();
    config.bus.redis_cluster_endpoint = Some("rediss://:hunter2@cache:6379".to_owned());
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains(DEVELOPMENT_SECRET), "{shown}");
}

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/kyo/73e2";

#[test]
fn who_asks_the_load_balancer_needs_keys_and_an_address() {
    let group = ("KYO__DRAIN__TARGET_GROUP_ARN", GROUP);
    assert_eq!(faults(&[group]).len(), 2, "neither keys nor an address");
    assert!(
        fault("KYO__DRAIN__TARGET_GROUP_ARN", "kyo").contains("must be the ARN of a target group")
    );
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
    let address = ("KYO__DRAIN__TARGET_ADDRESS", "10.0.3.7");
    let config = load(&[group, keys[0], keys[1], address]);
    assert_eq!(config.drain.target_group.as_ref().unwrap().region(), "eu-west-1");
    let variables = [group, keys[0], keys[1], address, ("AWS_SESSION_TOKEN", "hunter2")];
    let shown = Config::effective(&sources(&variables)).unwrap();
    assert!(!format!("{config:?}{shown}").contains("hunter2"), "{shown}");

    // As ECS sets them.
    let config = load(&[
        group,
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/7d1f"),
        ("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/7d1f"),
    ]);
    let role = Source::Container {
        url: "http://169.254.170.2/v2/credentials/7d1f".to_owned(),
        authorization: None,
    };
    assert_eq!(config.aws.credentials, Some(role));
}
