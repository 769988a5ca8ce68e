//! The settings of all sources laid over each other. `default.toml`, compiled in, says which
//! settings there are and of which type; whatever another source adds to it is a fault.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;

use config::{File, FileFormat, Map, Source, Value, ValueKind};

use super::hide::shown;
use super::source::{AppEnv, Origin, Sources};
use super::{DEFAULTS, Fault};

/// Names that the platform sets, the seed's, OpenTelemetry's and AWS's, for settings of ours.
const PLATFORM_NAMES: &[(&str, &str, &str)] = &[
    ("PORT", "server", "port"),
    ("DATABASE_URL", "database", "url"),
    ("REDIS_CLUSTER_ENDPOINT", "bus", "redis_cluster_endpoint"),
    ("JWT_SECRET", "auth", "secret"),
    ("SERVICE_VERSION", "server", "version"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry", "otlp_endpoint"),
    ("OTEL_TRACES_SAMPLER_ARG", "telemetry", "trace_ratio"),
    ("OTEL_SERVICE_NAME", "telemetry", "service_name"),
    ("OTEL_RESOURCE_ATTRIBUTES", "telemetry", "resource_attributes"),
    ("AWS_ENDPOINT_URL", "aws", "endpoint_url"),
    ("AWS_ACCESS_KEY_ID", "aws", "access_key_id"),
    ("AWS_SECRET_ACCESS_KEY", "aws", "secret_access_key"),
    ("AWS_SESSION_TOKEN", "aws", "session_token"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "aws", "container_credentials_path"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "aws", "container_credentials_url"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "aws", "container_authorization"),
    ("ECS_CONTAINER_METADATA_URI_V4", "aws", "container_metadata_url"),
];
const PREFIX: &str = "KYO__";

/// A setting's value and who gave it.
pub(super) struct Entry {
    pub(super) value: ValueKind,
    pub(super) origin: Origin,
}

/// All settings, by section and name, and what was wrong on the way.
pub(super) struct Layers {
    pub(super) app_env: AppEnv,
    settings: BTreeMap<String, BTreeMap<String, Entry>>,
    faults: Vec<Fault>,
}

impl Layers {
    /// Lays all sources over each other, the weakest first.
    pub(super) fn collect(sources: &Sources) -> (Self, Vec<Fault>) {
        let mut layers =
            Self { app_env: AppEnv::default(), settings: BTreeMap::new(), faults: Vec::new() };
        layers.app_env = layers.read_app_env(sources);
        let environment_file = layers.app_env.as_str().to_owned();
        layers.add_defaults();
        layers.add_file(sources, "default");
        layers.add_embedded(&environment_file);
        layers.add_file(sources, &environment_file);
        layers.add_environment(sources);
        layers.add_platform_names(sources);
        let faults = std::mem::take(&mut layers.faults);
        (layers, faults)
    }

    /// One setting; every setting that code asks for is in `default.toml`.
    pub(super) fn get(&self, section: &str, key: &str) -> &Entry {
        self.settings
            .get(section)
            .and_then(|settings| settings.get(key))
            .expect("default.toml has every setting that is read")
    }

    fn read_app_env(&mut self, sources: &Sources) -> AppEnv {
        let text = self.variable(sources, "APP_ENV").unwrap_or_default();
        AppEnv::parse(&text).unwrap_or_else(|rule| {
            self.faults.push(Fault {
                key: "APP_ENV".to_owned(),
                value: Some(format!("{text:?}")),
                rule: rule.to_owned(),
                origin: None,
            });
            AppEnv::default()
        })
    }

    fn add_defaults(&mut self) {
        let tables = parse(DEFAULTS).expect("the built-in default.toml is well-formed");
        for (section, table) in tables {
            let table = table.into_table().expect("default.toml has sections alone");
            let entries = table.into_iter().map(|(key, value)| {
                let origin = Origin::Embedded("default".to_owned());
                (key, Entry { value: value.kind, origin })
            });
            self.settings.insert(section, entries.collect());
        }
    }

    fn add_embedded(&mut self, name: &str) {
        if let Some(text) = super::embedded(name) {
            self.add_text(text, &Origin::Embedded(name.to_owned()));
        }
    }

    fn add_file(&mut self, sources: &Sources, name: &str) {
        let Some(folder) = &sources.folder else { return };
        let path = folder.join(format!("{name}.toml"));
        match fs::read_to_string(&path) {
            Ok(text) => self.add_text(&text, &Origin::File(path)),
            Err(error) if is_absent(&error) => {}
            Err(error) => self.fault_of_source(&Origin::File(path), &error.to_string()),
        }
    }

    fn add_text(&mut self, text: &str, origin: &Origin) {
        let tables = match parse(text) {
            Ok(tables) => tables,
            Err(error) => return self.fault_of_source(origin, &error),
        };
        for (section, table) in tables {
            match table.kind {
                ValueKind::Table(table) => {
                    for (key, value) in table {
                        self.set(&section, &key, value.kind, origin.clone());
                    }
                }
                _ => self.unknown(&section, None, origin),
            }
        }
    }

    fn add_environment(&mut self, sources: &Sources) {
        for name in sources.environment.keys() {
            let Some(path) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else {
                continue;
            };
            let name = format!("{PREFIX}{path}");
            let Some(text) = self.variable(sources, &name) else { continue };
            let origin = Origin::Variable(name);
            match path.to_ascii_lowercase().split_once("__") {
                Some((section, key)) => self.set_text(section, key, text, origin),
                None => self.fault_of_source(&origin, "must be KYO__SECTION__FIELD"),
            }
        }
    }

    /// An empty one counts as absent: compose files and task definitions pass those.
    fn add_platform_names(&mut self, sources: &Sources) {
        for &(name, section, key) in PLATFORM_NAMES {
            if let Some(text) = self.variable(sources, name).filter(|text| !text.is_empty()) {
                self.set_text(section, key, text, Origin::Variable(name.to_owned()));
            }
        }
    }

    fn variable(&mut self, sources: &Sources, name: &str) -> Option<String> {
        let text: Option<&OsString> = sources.environment.get(OsStr::new(name));
        let text = text.map(|text| text.to_str().map(str::to_owned))?;
        if text.is_none() {
            let origin = Origin::Variable(name.to_owned());
            self.fault_of_source(&origin, "must be UTF-8");
        }
        text
    }

    /// Text from the environment takes the type of the default, where it can.
    fn set_text(&mut self, section: &str, key: &str, text: String, origin: Origin) {
        let default = self.settings.get(section).and_then(|settings| settings.get(key));
        let value = match default.map(|entry| &entry.value) {
            Some(ValueKind::I64(_)) => text.parse().map_or(ValueKind::String(text), ValueKind::I64),
            Some(ValueKind::Array(_)) => list(&text),
            _ => ValueKind::String(text),
        };
        self.set(section, key, value, origin);
    }

    fn set(&mut self, section: &str, key: &str, value: ValueKind, origin: Origin) {
        match self.settings.get_mut(section).and_then(|settings| settings.get_mut(key)) {
            Some(entry) => *entry = Entry { value, origin },
            None => self.unknown(section, Some((key, &value)), &origin),
        }
    }

    fn unknown(&mut self, section: &str, setting: Option<(&str, &ValueKind)>, origin: &Origin) {
        let names = |names: Vec<&String>| {
            names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let rule = match self.settings.get(section) {
            Some(known) => {
                format!("no such setting; [{section}] has {}", names(known.keys().collect()))
            }
            None => format!("no such section; there are {}", names(self.settings.keys().collect())),
        };
        let key = setting.map_or(section.to_owned(), |(key, _)| format!("{section}.{key}"));
        // The value stays unsaid: it may be a secret under a misspelt name.
        self.faults.push(Fault { key, value: None, rule, origin: Some(origin.to_string()) });
    }

    fn fault_of_source(&mut self, origin: &Origin, rule: &str) {
        let key = origin.to_string();
        self.faults.push(Fault { key, value: None, rule: rule.to_owned(), origin: None });
    }
}

impl Entry {
    /// A fault of this setting.
    pub(super) fn fault(&self, section: &str, key: &str, rule: impl Into<String>) -> Fault {
        Fault {
            key: format!("{section}.{key}"),
            value: Some(shown(section, key, &self.value)),
            rule: rule.into(),
            origin: Some(self.origin.to_string()),
        }
    }
}

fn parse(text: &str) -> Result<Map<String, Value>, String> {
    File::from_str(text, FileFormat::Toml).collect().map_err(|error| error.to_string())
}

fn list(text: &str) -> ValueKind {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    ValueKind::from(items.collect::<Vec<_>>())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
