//! Which primary owns which slots, as a value, and how the nodes' answers are read. Pure.

use std::collections::BTreeSet;
use std::fmt;

use redis::Value;

use super::names::{Names, SLOTS, slot_of};

/// Signs of life have this many names at most; a shard of 16 slots still finds one.
const MAX_PULSES: u32 = 16_384;

/// Where a node listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address {
    pub host: String,
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// A range of slots and its owner's place among the primaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    first: u16,
    last: u16,
    owner: usize,
}

/// Who owns what. Equal when all slots have the same owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Topology {
    /// Sorted.
    primaries: Vec<Address>,
    /// Sorted and apart; a single Redis owns all in one.
    ranges: Vec<Range>,
}

impl Topology {
    /// A Redis that is no cluster.
    pub(super) fn single(address: Address) -> Self {
        let all = Range { first: 0, last: SLOTS - 1, owner: 0 };
        Self { primaries: vec![address], ranges: vec![all] }
    }

    pub(super) fn primaries(&self) -> &[Address] {
        &self.primaries
    }

    /// The owner's place among the primaries, if the slot has one.
    pub(super) fn owner(&self, slot: u16) -> Option<usize> {
        let place = self.ranges.partition_point(|range| range.last < slot);
        self.ranges.get(place).filter(|range| range.first <= slot).map(|range| range.owner)
    }

    /// The channel for signs of life of each primary; the same at all nodes that see the same.
    pub(super) fn pulses(&self, names: &Names) -> Vec<Option<String>> {
        let mut found = vec![None; self.primaries.len()];
        let mut missing = found.len();
        for channel in (0..MAX_PULSES).map(|n| names.pulse(n)) {
            if missing == 0 {
                break;
            }
            if let Some(owner) = self.owner(slot_of(&channel))
                && found[owner].is_none()
            {
                found[owner] = Some(channel);
                missing -= 1;
            }
        }
        found
    }

    /// The answer to `CLUSTER SLOTS` of the node at `asked`: the topology, and all nodes, replicas
    /// too. None when it is no such answer or no slot has an owner yet.
    pub(super) fn parse(answer: &Value, asked: &Address) -> Option<(Self, BTreeSet<Address>)> {
        let Value::Array(entries) = answer else { return None };
        let (mut owned, mut members) = (Vec::new(), BTreeSet::new());
        for entry in entries {
            let Value::Array(parts) = entry else { return None };
            let [Value::Int(first), Value::Int(last), nodes @ ..] = &parts[..] else { return None };
            let addresses: Vec<_> = nodes.iter().map(|node| address(node, asked)).collect();
            let owner = addresses.first()?.clone()?;
            owned.push((u16::try_from(*first).ok()?, u16::try_from(*last).ok()?, owner));
            members.extend(addresses.into_iter().flatten());
        }
        let primaries: BTreeSet<_> = owned.iter().map(|(_, _, owner)| owner.clone()).collect();
        let primaries: Vec<_> = primaries.into_iter().collect();
        let place = |owner| primaries.binary_search(owner).ok();
        let ranges = owned.iter().map(|(first, last, owner)| {
            Some(Range { first: *first, last: *last, owner: place(owner)? })
        });
        let mut ranges = ranges.collect::<Option<Vec<_>>>()?;
        ranges.sort_unstable();
        (!ranges.is_empty()).then(|| (Self { primaries, ranges: joined(ranges) }, members))
    }
}

/// Neighbours of one owner as one, so that equal ownership is equal whoever tells it.
fn joined(ranges: Vec<Range>) -> Vec<Range> {
    let mut whole: Vec<Range> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match whole.last_mut() {
            Some(last) if last.owner == range.owner && last.last + 1 == range.first => {
                last.last = range.last;
            }
            _ => whole.push(range),
        }
    }
    whole
}

/// `[host, port, id, …]`. A node that does not know its own name is where it was asked.
fn address(node: &Value, asked: &Address) -> Option<Address> {
    let Value::Array(parts) = node else { return None };
    let [host, Value::Int(port), ..] = &parts[..] else { return None };
    let host = match host {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?,
        Value::SimpleString(text) => text,
        Value::Nil => "",
        _ => return None,
    };
    let host = match host {
        "" => asked.host.clone(),
        "?" => return None,
        host => host.to_owned(),
    };
    Some(Address { host, port: u16::try_from(*port).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(host: Value, port: i64) -> Value {
        Value::Array(vec![host, Value::Int(port), Value::BulkString(b"id".to_vec())])
    }

    fn named(host: &str, port: i64) -> Value {
        node(Value::BulkString(host.as_bytes().to_vec()), port)
    }

    fn range(first: i64, last: i64, nodes: Vec<Value>) -> Value {
        let mut parts = vec![Value::Int(first), Value::Int(last)];
        parts.extend(nodes);
        Value::Array(parts)
    }

    fn asked() -> Address {
        Address { host: "asked".to_owned(), port: 1 }
    }

    #[test]
    fn owners_and_members_are_read_in_any_order() {
        let one = Value::Array(vec![
            range(8_192, 16_383, vec![named("b", 2), named("d", 4)]),
            range(0, 99, vec![named("a", 1), named("c", 3)]),
            range(100, 8_000, vec![named("a", 1)]),
        ]);
        let (topology, members) = Topology::parse(&one, &asked()).unwrap();
        let names: Vec<_> = members.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["a:1", "b:2", "c:3", "d:4"]);
        assert_eq!(topology.primaries().len(), 2);
        assert_eq!([0, 100, 8_000].map(|slot| topology.owner(slot)), [Some(0); 3]);
        assert_eq!(topology.owner(8_001), None, "nobody's");
        assert_eq!([8_192, 16_383].map(|slot| topology.owner(slot)), [Some(1); 2]);
        let other = Value::Array(vec![
            range(0, 8_000, vec![named("a", 1), named("e", 5)]),
            range(8_192, 16_383, vec![named("b", 2)]),
        ]);
        assert_eq!(Topology::parse(&other, &asked()).unwrap().0, topology, "replicas don't count");
    }

    #[test]
    fn a_node_without_a_name_is_where_it_was_asked() {
        for host in [Value::Nil, Value::BulkString(Vec::new())] {
            let answer = Value::Array(vec![range(0, 16_383, vec![node(host, 7)])]);
            let (topology, _) = Topology::parse(&answer, &asked()).unwrap();
            assert_eq!(topology.primaries()[0].to_string(), "asked:7");
        }
    }

    #[test]
    fn what_is_no_topology_is_none() {
        for wrong in [
            Value::Nil,
            Value::Array(Vec::new()),
            Value::Array(vec![Value::Nil]),
            Value::Array(vec![range(0, 16_383, vec![])]),
            Value::Array(vec![range(0, 16_383, vec![named("?", 1)])]),
            Value::Array(vec![range(-1, 16_383, vec![named("a", 1)])]),
        ] {
            assert_eq!(Topology::parse(&wrong, &asked()), None, "{wrong:?}");
        }
    }

    #[test]
    fn each_primary_has_a_pulse_in_its_own_slots() {
        let names = Names::new("kyo");
        let answer = Value::Array(vec![
            range(0, 5_460, vec![named("a", 1)]),
            range(5_461, 16_000, vec![named("b", 1)]),
            range(16_001, 16_383, vec![named("c", 1)]),
        ]);
        let (topology, _) = Topology::parse(&answer, &asked()).unwrap();
        for (place, pulse) in topology.pulses(&names).into_iter().enumerate() {
            assert_eq!(topology.owner(slot_of(&pulse.unwrap())), Some(place));
        }
        assert_eq!(Topology::single(asked()).pulses(&names), [Some(names.pulse(0))]);
    }
}
