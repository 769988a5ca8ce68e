//! Where settings come from: the process environment and a folder of files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// The name of the environment that is used when none is named.
const DEVELOPMENT: &str = "development";

/// Everything that a configuration is made from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Environment variables.
    pub environment: BTreeMap<OsString, OsString>,
    /// The folder with `default.toml` and `{APP_ENV}.toml`; either file may be missing.
    pub folder: Option<PathBuf>,
}

impl Sources {
    /// The process's own: its environment, and `config/` where it was started.
    #[must_use]
    pub fn of_process() -> Self {
        Self { environment: std::env::vars_os().collect(), folder: Some(PathBuf::from("config")) }
    }

    /// What is compiled in, and nothing else.
    #[must_use]
    pub fn embedded() -> Self {
        Self { environment: BTreeMap::new(), folder: None }
    }
}

/// What `APP_ENV` says this process is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppEnv(String);

impl AppEnv {
    /// Empty is development. Names a file, hence the narrow alphabet.
    pub(super) fn parse(name: &str) -> Result<Self, &'static str> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        match name {
            "" => Ok(Self(DEVELOPMENT.to_owned())),
            _ if name.len() <= 32 && name.chars().all(fits) => Ok(Self(name.to_owned())),
            _ => Err("must be 1 to 32 of a-z, 0-9, - and _"),
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is somebody's own machine. Everything else is held to production's rules.
    #[must_use]
    pub fn is_development(&self) -> bool {
        self.0 == DEVELOPMENT
    }
}

impl Default for AppEnv {
    fn default() -> Self {
        Self(DEVELOPMENT.to_owned())
    }
}

impl fmt::Display for AppEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What gave a setting its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Compiled in.
    Embedded(String),
    /// A file in the folder.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded(name) => write!(f, "the built-in {name}.toml"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "{name}"),
        }
    }
}
