//! What a node of a cluster says about it: the lines of `CLUSTER NODES`.

use std::ops::RangeInclusive;

/// One line: a node as another one sees it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub id: String,
    pub port: u16,
    pub is_primary: bool,
    pub is_replica: bool,
    /// Marked as failed or perhaps failed.
    pub has_failed: bool,
    /// The id of the primary that it copies.
    pub copies: Option<String>,
    pub slots: Vec<RangeInclusive<u16>>,
}

impl Seen {
    /// Whether it owns a slot.
    pub fn owns(&self, slot: u16) -> bool {
        self.slots.iter().any(|range| range.contains(&slot))
    }
}

/// Reads the whole answer.
pub(super) fn parse(text: &str) -> Vec<Seen> {
    text.lines().filter_map(parse_line).collect()
}

/// `id ip:port@bus[,name] flags primary ping pong epoch link slots…`
fn parse_line(line: &str) -> Option<Seen> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [id, address, flags, copies, ..] = words[..] else { return None };
    let port = address.split('@').next()?.rsplit(':').next()?.parse().ok()?;
    let flags: Vec<&str> = flags.split(',').collect();
    // Slots on their way are in brackets and are listed with their owner as well.
    let slots = words.iter().skip(8).filter(|word| !word.starts_with('['));
    Some(Seen {
        id: id.to_owned(),
        port,
        is_primary: flags.contains(&"master"),
        is_replica: flags.contains(&"slave"),
        has_failed: flags.iter().any(|flag| flag.starts_with("fail")),
        copies: (copies != "-").then(|| copies.to_owned()),
        slots: slots.filter_map(|word| parse_slots(word)).collect(),
    })
}

fn parse_slots(word: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    Some(first.parse().ok()?..=last.parse().ok()?)
}
