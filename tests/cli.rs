//! The real binary, as a shell sees it: what is on which stream, and how it ends.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::thread;

use kyo_collaboration::auth::{Authenticator, Principal, TenantRole};
use kyo_collaboration::config::{Config, Sources};
use kyo_collaboration::time::Clock;
use serde_json::Value;

const SECRET: &str = "a secret of more than thirty-two bytes";

/// Runs in an empty folder and an empty environment, as in a container.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_kyo-collaboration"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[track_caller]
fn code(output: &Output, wanted: i32) {
    assert_eq!(output.status.code(), Some(wanted), "{}{}", stdout(output), stderr(output));
}

fn verify(variables: &[(&str, &str)], token: &str) -> Principal {
    let environment = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let sources = Sources { environment: environment.collect(), ..Sources::embedded() };
    let config = Config::load(&sources).unwrap();
    Authenticator::new(&config.auth).unwrap().verify(token, Clock::system().now()).unwrap()
}

#[test]
fn help_and_version_go_to_standard_output() {
    let help = run(&["--help"], &[]);
    code(&help, 0);
    for command in ["serve", "migrate", "restored", "token", "healthcheck", "config"] {
        assert!(stdout(&help).contains(&format!("\n  {command} ")), "{}", stdout(&help));
    }
    let version = run(&["--version"], &[]);
    code(&version, 0);
    assert_eq!(stdout(&version).trim(), concat!("kyo-collaboration ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_it_does_not_know_is_refused_with_2() {
    code(&run(&["dance"], &[]), 2);
    code(&run(&["token", "--tenant", "demo"], &[]), 2);
    code(&run(&["token", "--tenant", "", "--user", "mei"], &[]), 2);
    code(&run(&["token", "--tenant", "demo", "--user", "mei", "--role", "root"], &[]), 2);
    code(&run(&["token", "--tenant", "demo", "--user", "mei", "--ttl", "soon"], &[]), 2);
}

#[test]
fn token_prints_a_good_token_and_nothing_else() {
    let output = run(&["token", "--tenant", "demo", "--user", "mei"], &[]);
    code(&output, 0);
    assert_eq!(stdout(&output).lines().count(), 1);
    assert!(stderr(&output).contains("DEVELOPMENT SECRET IN USE"), "{}", stderr(&output));
    let principal = verify(&[], stdout(&output).trim());
    assert_eq!((principal.tenant.as_str(), principal.user.as_str()), ("demo", "mei"));
    assert_eq!(principal.role, TenantRole::Manager);
    assert!((principal.expires_at.0 - Clock::system().now().0 - 3_600_000).abs() < 60_000);
}

#[test]
fn token_says_what_it_is_told() {
    let variables = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", SECRET),
        ("KYO__AUTH__ISSUER", "kyo"),
        ("KYO__AUTH__AUDIENCE", "gym"),
    ];
    let arguments = ["token", "--tenant", "t", "--user", "u", "--name", "Ann Lee"];
    let arguments = [&arguments[..], &["--role", "owner", "--ttl", "2h"]].concat();
    let output = run(&arguments, &variables);
    code(&output, 0);
    assert_eq!(stderr(&output), "");
    let principal = verify(&variables, stdout(&output).trim());
    assert_eq!((principal.name.as_str(), principal.role), ("Ann Lee", TenantRole::Owner));
    assert!((principal.expires_at.0 - Clock::system().now().0 - 7_200_000).abs() < 60_000);
}

#[test]
fn production_signs_nothing_with_the_development_secret() {
    let public = kyo_collaboration::auth::DEVELOPMENT_SECRET;
    for variables in
        [&[("APP_ENV", "production")][..], &[("APP_ENV", "production"), ("JWT_SECRET", public)]]
    {
        let output = run(&["token", "--tenant", "demo", "--user", "mei"], variables);
        code(&output, 2);
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains("auth.secret"), "{}", stderr(&output));
    }
}

#[test]
fn serve_lists_every_fault_before_it_touches_anything() {
    let variables =
        [("APP_ENV", "production"), ("PORT", "http"), ("KYO__LIMITS__OPS", "1"), ("HOME", "/")];
    for arguments in [&[][..], &["serve"], &["migrate"], &["config", "check"]] {
        let output = run(arguments, &variables);
        code(&output, 2);
        assert_eq!(stdout(&output), "");
        let text = stderr(&output);
        assert!(text.contains("the configuration has 3 faults:"), "{text}");
        for key in ["limits.ops: no such setting", "server.port = \"http\"", "auth.secret"] {
            assert!(text.contains(key), "{text}");
        }
    }
}

#[test]
fn config_check_prints_what_is_in_force() {
    let output = run(&["config", "check"], &[("PORT", "4001"), ("JWT_SECRET", SECRET)]);
    code(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("\nport = 4001 # from PORT\n"), "{text}");
    assert!(text.contains("\nsecret = \"[hidden]\" # from JWT_SECRET\n"), "{text}");
    assert!(!text.contains(SECRET));
}

#[test]
fn log_lines_are_json_objects_where_that_is_asked_for() {
    let output = run(&["migrate"], &[("KYO__TELEMETRY__FORMAT", "json")]);
    let lines: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["level"], "WARN");
    assert!(lines[0]["message"].as_str().unwrap().starts_with("DEVELOPMENT SECRET IN USE"));
}

#[test]
fn log_lines_for_people_have_no_colour_outside_a_terminal() {
    let output = run(&["migrate"], &[]);
    assert!(stdout(&output).contains("DEVELOPMENT SECRET IN USE"));
    assert!(!stdout(&output).contains('\u{1b}'), "{}", stdout(&output));
}

/// Answers one request with a status.
fn answer_once(status: &'static str) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1_024];
        let length = stream.read(&mut request).unwrap();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (port, served)
}

#[test]
fn healthcheck_asks_the_configured_port() {
    for (status, wanted) in [("200 OK", 0), ("503 Service Unavailable", 1), ("302 Found", 1)] {
        let (port, served) = answer_once(status);
        let output = run(&["healthcheck"], &[("PORT", &port.to_string())]);
        code(&output, wanted);
        assert!(served.join().unwrap().starts_with("GET /health HTTP/1.1\r\n"));
    }
}

#[test]
fn healthcheck_asks_another_address_when_told() {
    let (port, served) = answer_once("200 OK");
    let url = format!("http://127.0.0.1:{port}/live");
    code(&run(&["healthcheck", "--url", &url], &[]), 0);
    assert!(served.join().unwrap().starts_with("GET /live HTTP/1.1\r\n"));
}

#[test]
fn healthcheck_fails_with_1_whatever_the_reason() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    code(&run(&["healthcheck"], &[("PORT", &port)]), 1);
    drop(silent);
    code(&run(&["healthcheck"], &[("PORT", &port)]), 1);
    code(&run(&["healthcheck"], &[("PORT", "nonsense")]), 1);
    code(&run(&["healthcheck", "--url", "not an address"], &[]), 1);
}

/// Process 1 of a container has no default for it: it was killed when its stop time was over.
#[test]
fn a_start_that_waits_for_its_database_ends_on_sigterm() {
    let (folder, nobody) = (tempfile::tempdir().unwrap(), closed_port());
    let mut waiting = Command::new(env!("CARGO_BIN_EXE_kyo-collaboration"))
        .env_clear()
        .envs([("PORT", "0"), ("JWT_SECRET", SECRET)])
        .env("DATABASE_URL", format!("postgres://kyo@127.0.0.1:{nobody}/kyo"))
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(waiting.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("can't start yet")));
    let killed = Command::new("kill").args(["-TERM", &waiting.id().to_string()]).status();
    assert!(killed.unwrap().success());
    assert!(lines.any(|line| line.contains("told to end before it served")));
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
}

/// A port that nobody listens on.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
