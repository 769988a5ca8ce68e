//! Under which address this replica is a target.

use serde::Deserialize;

use super::client::Client;

/// What tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The configuration.
    Known(String),
    /// ECS, at this address for this container.
    Metadata(String),
}

/// Of the container's metadata, version 4.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    #[serde(default)]
    networks: Vec<Network>,
}

#[derive(Deserialize)]
struct Network {
    #[serde(default, rename = "IPv4Addresses")]
    addresses: Vec<String>,
}

impl Place {
    /// The target's id: an IP address.
    pub(super) async fn find(&self, client: &Client) -> Result<String, String> {
        match self {
            Self::Known(id) => Ok(id.clone()),
            Self::Metadata(url) => {
                let answer = client.get(url, None).await?;
                own(&answer.text).ok_or_else(|| format!("{url}: names no address of this task"))
            }
        }
    }
}

fn own(text: &str) -> Option<String> {
    let metadata: Metadata = serde_json::from_str(text).ok()?;
    metadata.networks.into_iter().flat_map(|network| network.addresses).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_has_its_address_from_its_metadata() {
        // Shortened from the ECS guide on metadata version 4 for Fargate.
        let text = r#"{"DockerId": "cd18", "Name": "collaboration-service", "Networks": [
            {"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.3.7"], "AttachmentIndex": 0,
             "MACAddress": "0a:de", "SubnetGatewayIpv4Address": "10.0.3.1/20"}]}"#;
        assert_eq!(own(text).as_deref(), Some("10.0.3.7"));
        assert_eq!(own("{}"), None);
        assert_eq!(own("not found"), None);
    }
}
