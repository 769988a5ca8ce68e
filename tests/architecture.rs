//! The shape of the code, enforced: who may import whom, which crates appear where, how large files
//! may grow, and what every file begins with. A new arrow needs an ADR and a change here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each top-level module may import from the crate. `app`, `cli` and `main` may import all.
const IMPORTS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("time", &["domain"]),
    ("telemetry", &["domain", "time"]),
    ("lifecycle", &["telemetry", "time"]),
    ("balancer", &["domain", "lifecycle", "telemetry", "time"]),
    ("protocol", &["domain", "socketio"]),
    ("auth", &["domain", "time"]),
    ("store", &["domain", "time", "telemetry"]),
    ("bus", &["domain", "time", "telemetry"]),
    ("websocket", &[]),
    ("engineio", &["time", "telemetry", "websocket"]),
    ("socketio", &["engineio", "time", "telemetry"]),
    (
        "actors",
        &[
            "domain",
            "protocol",
            "auth",
            "store",
            "bus",
            "lifecycle",
            "telemetry",
            "time",
            "websocket",
            "socketio",
        ],
    ),
    ("import", &["domain", "protocol"]),
    (
        "http",
        &[
            "import",
            "actors",
            "protocol",
            "auth",
            "store",
            "domain",
            "lifecycle",
            "telemetry",
            "time",
            "websocket",
            "engineio",
            "socketio",
        ],
    ),
    ("config", &["domain", "auth", "balancer", "telemetry", "http", "store", "bus", "actors"]),
];

/// Crates that may be named under these folders alone.
const HOMES: &[(&str, &[&str])] = &[
    (
        "actix_web_actors",
        &["actors/socket.rs", "http/ws.rs", "engineio/socket.rs", "engineio/http/websocket.rs"],
    ),
    ("actix_web", &["http/", "app/", "cli/", "main.rs", "bin/", "engineio/", "socketio/"]),
    ("diesel", &["store/"]),
    ("diesel_async", &["store/"]),
    ("diesel_migrations", &["store/"]),
    ("redis", &["bus/"]),
    ("deadpool_redis", &["bus/"]),
    ("tokio_postgres", &["store/"]),
    ("deadpool", &["store/"]),
    ("rustls", &["balancer/client.rs", "bus/", "store/", "main.rs"]),
    ("aws_sigv4", &["balancer/health.rs"]),
    ("roxmltree", &["balancer/health.rs"]),
    ("jsonwebtoken", &["auth/", "bin/kyo-load/systems/pusher.rs"]),
    ("prometheus", &["telemetry/"]),
    ("opentelemetry", &["telemetry/trace/"]),
    ("opentelemetry_sdk", &["telemetry/trace/"]),
    ("opentelemetry_otlp", &["telemetry/trace/"]),
    ("opentelemetry_http", &["telemetry/trace/"]),
    ("opentelemetry_aws", &["telemetry/trace/"]),
    ("ureq", &["telemetry/trace/"]),
    ("tracing_subscriber", &["telemetry/"]),
    ("rmp_serde", &["protocol/", "bin/"]),
    ("governor", &["actors/session/"]),
    ("icalendar", &["http/", "import/"]),
    ("awc", &["balancer/client.rs", "cli/", "bin/", "engineio/http/forward.rs"]),
    ("csv", &["import/"]),
    ("clap", &["cli/", "main.rs", "bin/"]),
    ("rust_embed", &["http/"]),
    ("socket2", &["http/", "bus/redis/dial.rs", "bin/"]),
    ("hdrhistogram", &["bin/"]),
    ("memchr", &["bin/"]),
    ("rustix", &["bin/"]),
    ("toml", &["bin/"]),
];

/// Modules in which everything has one owner.
const NO_LOCKS: &[&str] =
    &["actors", "domain", "protocol", "http", "lifecycle", "engineio", "socketio", "websocket"];

/// Most lines of a file, its unit tests left out.
const MAX_LINES: usize = 500;
/// Most lines that nine of ten files have.
const MOST_LINES: usize = 350;

struct Source {
    /// Path below `src/`, with slashes.
    path: String,
    /// Without the unit tests at its end.
    code: String,
    text: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    assert!(paths.len() > 50, "the walk finds the sources");
    paths.into_iter().map(|path| read(&root, &path)).collect()
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("src can be read").path();
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("sources are text");
    let code = text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned();
    let path = path.strip_prefix(root).expect("is below src").to_string_lossy().replace('\\', "/");
    Source { path, code, text }
}

fn is_test(source: &Source) -> bool {
    source.path.ends_with("tests.rs") || source.path.contains("/tests/")
}

/// Words that follow `prefix` in code, comments left out, with their line numbers.
fn words_after<'a>(code: &'a str, prefix: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        for (at, _) in line.match_indices(prefix) {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push((number + 1, &rest[..end]));
        }
    }
    found
}

/// `use crate::{a, b::c}` names several modules at once.
fn crate_imports(code: &str) -> Vec<(usize, String)> {
    let mut found: Vec<_> = words_after(code, "crate::")
        .into_iter()
        .filter(|(_, word)| !word.is_empty())
        .map(|(line, word)| (line, word.to_owned()))
        .collect();
    for (number, line) in code.lines().enumerate() {
        if let Some(list) = line.trim().strip_prefix("use crate::{") {
            let items = list.trim_end_matches(['}', ';']).split(',');
            let names = items.filter_map(|item| item.trim().split("::").next());
            found.extend(names.map(|name| (number + 1, name.to_owned())));
        }
    }
    found
}

#[test]
fn imports_flow_one_way() {
    let allowed: BTreeMap<_, _> = IMPORTS.iter().copied().collect();
    let mut broken = Vec::new();
    for source in sources() {
        let Some(allowed) = allowed.get(source.module()) else { continue };
        for (line, module) in crate_imports(&source.code) {
            let known =
                module == source.module() || !IMPORTS.iter().any(|(name, _)| *name == module);
            let outer = ["app", "cli", "config", "main"].contains(&module.as_str());
            let ours = module == source.module();
            if !ours && (outer || !known && !allowed.contains(&module.as_str())) {
                broken.push(format!("src/{}:{line} imports crate::{module}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "arrows against the map:\n{}", broken.join("\n"));
}

#[test]
fn crates_stay_in_their_homes() {
    let mut broken = Vec::new();
    for source in sources() {
        for (name, homes) in HOMES {
            let at_home = homes.iter().any(|home| source.path.starts_with(home));
            if at_home {
                continue;
            }
            for (line, text) in source.code.lines().enumerate() {
                let code = text.split("//").next().unwrap_or_default();
                if code.contains(&format!("{name}::")) && !code.contains(&format!("_{name}::")) {
                    broken.push(format!("src/{}:{} names {name}", source.path, line + 1));
                }
            }
        }
    }
    assert!(broken.is_empty(), "crates away from home:\n{}", broken.join("\n"));
}

#[test]
fn the_domain_is_pure() {
    let banned =
        ["serde", "tracing", "tokio", "std::time", "std::fs", "std::net", "now_v7", "actix"];
    for source in sources().iter().filter(|source| source.module() == "domain" && !is_test(source))
    {
        for (number, line) in source.code.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for name in banned {
                assert!(!code.contains(name), "src/{}:{} names {name}", source.path, number + 1);
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for source in sources() {
        assert!(
            source.text.starts_with("//! "),
            "src/{} does not begin with a module doc",
            source.path
        );
    }
}

#[test]
fn files_stay_small() {
    let lines = |source: &Source| source.code.lines().count();
    let sources: Vec<_> = sources().into_iter().filter(|source| !is_test(source)).collect();
    for source in &sources {
        assert!(lines(source) <= MAX_LINES, "src/{} has {} lines", source.path, lines(source));
    }
    let large = sources.iter().filter(|source| lines(source) > MOST_LINES).count();
    assert!(large * 10 <= sources.len(), "{large} of {} files are large", sources.len());
}

#[test]
fn nothing_is_unfinished() {
    let banned = ["todo!", "unimplemented!", "dbg!", ".unwrap()", ".do_send("];
    for source in sources().iter().filter(|source| !is_test(source)) {
        assert_absent(source, &banned);
    }
}

#[test]
fn no_lock_where_actors_own_the_state() {
    for source in sources().iter().filter(|source| !is_test(source)) {
        if NO_LOCKS.contains(&source.module()) {
            assert_absent(source, &["Mutex", "RwLock", "static mut", "thread_local!"]);
        }
    }
}

fn assert_absent(source: &Source, banned: &[&str]) {
    for (number, line) in source.code.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for word in banned {
            assert!(!code.contains(word), "src/{}:{} has {word}", source.path, number + 1);
        }
    }
}
