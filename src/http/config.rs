//! Where the service listens and who may call it from a browser.

/// Where the service listens and who may call it from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address to listen on. Default `0.0.0.0`.
    pub host: String,
    /// Port to listen on. Default 3001; 0 takes any free one (tests).
    pub port: u16,
    /// Threads that serve connections. Default 0: one a core.
    pub workers: usize,
    /// The address people know the service by, when it stands behind a load balancer.
    pub public_url: Option<String>,
    /// Origins of pages on other hosts that may call, such as `https://app.example.org`. Default
    /// none: only pages that this service serves itself.
    pub allowed_origins: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "0.0.0.0".to_owned(),
            port: 3001,
            workers: 0,
            public_url: None,
            allowed_origins: Vec::new(),
        }
    }
}

impl Config {
    /// Everything that is wrong with it, each with its field.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let origins = self.allowed_origins.iter().filter(|origin| !is_origin(origin));
        let mut faults: Vec<String> = origins
            .map(|origin| {
                format!("server.allowed_origins: {origin:?} is not of the form https://host[:port]")
            })
            .collect();
        if self.host.is_empty() {
            faults.push("server.host: must not be empty".to_owned());
        }
        if self.public_url.as_ref().is_some_and(|url| !url.starts_with("http")) {
            faults.push("server.public_url: must begin with http:// or https://".to_owned());
        }
        faults
    }
}

/// A browser sends exactly scheme, host and port: anything more would never match.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '*', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_listed() {
        let config = Config {
            host: String::new(),
            public_url: Some("example.org".into()),
            allowed_origins: vec!["*".into(), "https://a.example/".into(), "http://b:80".into()],
            ..Config::default()
        };
        assert_eq!(config.faults().len(), 4);
        assert_eq!(Config::default().faults(), Vec::<String>::new());
    }
}
