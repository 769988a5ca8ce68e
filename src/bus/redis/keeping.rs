//! Addresses, announcements and leases in terms of the scripts, and their answers as values.

use std::time::Duration;

use bytes::Bytes;
use redis::{FromRedisValue, Value};
use uuid::Uuid;

use super::RedisBus;
use super::control::Call;
use super::script::Routine;
use crate::bus::{BusError, Claim, Claimed, Lease, NodeId};
use crate::domain::RoomId;

/// Name, token, milliseconds left, holder.
type Row = (String, Vec<u8>, Vec<u8>, Vec<u8>);

impl RedisBus {
    pub(super) async fn keep_address(&self, address: &str, ttl: Duration) -> Result<(), BusError> {
        let key = self.shared.names.of_node(self.shared.node);
        let args = [address.as_bytes().to_vec(), millis(ttl)];
        self.run(&self.scripts.advertise, &[key], &args).await.map(drop)
    }

    pub(super) async fn keep_no_address(&self) -> Result<(), BusError> {
        let key = self.shared.names.of_node(self.shared.node);
        self.run(&self.scripts.vanish, &[key], &[]).await.map(drop)
    }

    pub(super) async fn read_address(&self, node: NodeId) -> Result<Option<String>, BusError> {
        let key = self.shared.names.of_node(node);
        read(self.run(&self.scripts.whereabouts, &[key], &[]).await?)
    }

    pub(super) async fn keep_announced(
        &self,
        room: RoomId,
        value: &[u8],
        ttl: Duration,
    ) -> Result<(), BusError> {
        let node = self.shared.node.to_string().into_bytes();
        let args = [node, value.to_vec(), millis(ttl)];
        self.run(&self.scripts.announce, &[self.said(room)], &args).await.map(drop)
    }

    pub(super) async fn keep_withdrawn(&self, room: RoomId) -> Result<(), BusError> {
        let node = self.shared.node.to_string().into_bytes();
        self.run(&self.scripts.withdraw, &[self.said(room)], &[node]).await.map(drop)
    }

    pub(super) async fn read_announced(
        &self,
        room: RoomId,
    ) -> Result<Vec<(NodeId, Bytes)>, BusError> {
        let answer = self.run(&self.scripts.announced, &[self.said(room)], &[]).await?;
        let pairs: Vec<(String, Vec<u8>)> = read(answer)?;
        let others = pairs.into_iter().filter_map(|(node, value)| {
            // Not a node: nobody of ours has written it.
            let node = NodeId(Uuid::try_parse(&node).ok()?);
            (node != self.shared.node).then(|| (node, Bytes::from(value)))
        });
        let mut others: Vec<_> = others.collect();
        others.sort_unstable_by_key(|(node, _)| *node);
        Ok(others)
    }

    pub(super) async fn keep_claimed(
        &self,
        room: RoomId,
        claim: Claim,
    ) -> Result<Claimed, BusError> {
        let Claim { name, holder, ttl, instead_of } = claim;
        let instead_of = instead_of.map_or(String::new(), |token| token.to_string());
        let args =
            [name.clone().into_bytes(), holder.to_vec(), millis(ttl), instead_of.into_bytes()];
        let keys = [self.leases_key(room), self.shared.names.key(room, "token")];
        let answer = self.run(&self.scripts.claim, &keys, &args).await?;
        let answer: Vec<Vec<u8>> = read(answer)?;
        match &answer[..] {
            [word, token] if word == b"granted" => Ok(Claimed::Granted(number(token)?)),
            [word, token, left, holder] if word == b"held" => {
                Ok(Claimed::Held(lease(name, token, left, holder)?))
            }
            _ => Err(misread()),
        }
    }

    pub(super) async fn keep_released(
        &self,
        room: RoomId,
        name: &str,
        token: u64,
    ) -> Result<bool, BusError> {
        let args = [name.as_bytes().to_vec(), token.to_string().into_bytes()];
        let answer = self.run(&self.scripts.release, &[self.leases_key(room)], &args).await?;
        read(answer)
    }

    pub(super) async fn read_leases(&self, room: RoomId) -> Result<Vec<Lease>, BusError> {
        let answer = self.run(&self.scripts.leases, &[self.leases_key(room)], &[]).await?;
        let rows: Vec<Row> = read(answer)?;
        let held = rows.into_iter();
        let held = held.map(|(name, token, left, holder)| lease(name, &token, &left, &holder));
        let mut held = held.collect::<Result<Vec<_>, _>>()?;
        held.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(held)
    }

    async fn run(
        &self,
        routine: &Routine,
        keys: &[String],
        args: &[Vec<u8>],
    ) -> Result<Value, BusError> {
        Call { routine, keys, args }.run(&self.shared, &self.routes).await
    }

    fn said(&self, room: RoomId) -> String {
        self.shared.names.key(room, "said")
    }

    fn leases_key(&self, room: RoomId) -> String {
        self.shared.names.key(room, "leases")
    }
}

/// At least one, for Redis takes nothing shorter.
fn millis(ttl: Duration) -> Vec<u8> {
    ttl.as_millis().max(1).to_string().into_bytes()
}

fn lease(name: String, token: &[u8], left: &[u8], holder: &[u8]) -> Result<Lease, BusError> {
    let left = Duration::from_millis(number(left)?);
    Ok(Lease { name, holder: Bytes::copy_from_slice(holder), token: number(token)?, left })
}

fn number(digits: &[u8]) -> Result<u64, BusError> {
    let text = std::str::from_utf8(digits).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(misread)
}

fn read<T: FromRedisValue>(answer: Value) -> Result<T, BusError> {
    redis::from_redis_value(answer).map_err(|_| misread())
}

/// Somebody else writes to our keys.
fn misread() -> BusError {
    BusError::Failed("an answer that no script of ours gives".to_owned())
}
