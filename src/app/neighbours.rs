//! What the Socket.IO endpoint knows of the other replicas: the bridge's answers.

use std::fmt;

use actix::Recipient;
use async_trait::async_trait;

use crate::actors::bridge::Locate;
use crate::bus::NodeId;
use crate::engineio::{Address, Neighbours};

/// The other replicas, as the bridge knows them.
pub(super) struct Replicas(pub Recipient<Locate>);

impl fmt::Debug for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replicas")
    }
}

#[async_trait]
impl Neighbours for Replicas {
    async fn locate(&self, owner: &str) -> Option<Address> {
        // A session's id has its owner's name as `NodeId` writes it.
        let node = NodeId(owner.parse().ok()?);
        let address = self.0.send(Locate(node)).await.ok().flatten()?;
        Address::parse(&address)
    }
}
