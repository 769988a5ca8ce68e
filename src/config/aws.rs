//! `[aws]`.

use std::fmt;

use super::Section;
use crate::balancer::{Keys, Place, Source};

/// Where ECS answers inside a task.
const ECS: &str = "http://169.254.170.2";

/// Who asks AWS, and where. All of it has names of AWS's own, which ECS sets.
#[derive(Clone, PartialEq, Eq)]
pub struct Aws {
    /// Instead of the region's endpoint. Default none.
    pub endpoint_url: Option<String>,
    /// Where keys come from, if from anywhere.
    pub credentials: Option<Source>,
    /// What tells this task's address, if anything.
    pub metadata: Option<Place>,
}

impl Aws {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            endpoint_url: section.optional_text("endpoint_url"),
            credentials: keys(section).or_else(|| container(section)),
            metadata: section.optional_text("container_metadata_url").map(Place::Metadata),
        }
    }
}

fn keys(section: &mut Section<'_>) -> Option<Source> {
    let token = section.optional_text("session_token");
    let id = section.optional_text("access_key_id");
    let secret = section.optional_text("secret_access_key");
    id.zip(secret).map(|(id, secret)| Source::Keys(Keys { id, secret, token }))
}

fn container(section: &mut Section<'_>) -> Option<Source> {
    let authorization = section.optional_text("container_authorization");
    let path = section.optional_text("container_credentials_path");
    let path = path.map(|path| format!("{ECS}{path}"));
    let url = path.or_else(|| section.optional_text("container_credentials_url"));
    url.map(|url| Source::Container { url, authorization })
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}
