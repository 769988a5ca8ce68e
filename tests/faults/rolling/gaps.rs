//! For how long clients were away, read from a history: from the end of a connection until the client is
//! in all its rooms again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::checker::history::{Entry, Line, text};

/// One absence.
#[derive(Clone, Debug)]
pub struct Gap {
    pub client: String,
    /// When its connection ended.
    pub from: u64,
    /// When it was welcomed again.
    pub welcomed: u64,
    /// When it was in its rooms again.
    pub to: u64,
}

impl Gap {
    /// Milliseconds.
    pub fn millis(&self) -> u32 {
        ((self.to - self.from) / 1_000) as u32
    }
}

/// Where a client is.
#[derive(Debug, Default)]
struct Place {
    inside: BTreeSet<String>,
    away: Option<Away>,
}

#[derive(Debug)]
struct Away {
    from: u64,
    welcomed: Option<u64>,
    rooms: BTreeSet<String>,
}

/// All absences that have ended, in the order of their ends.
pub fn read(history: &[Line]) -> Vec<Gap> {
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    let mut joins: HashMap<(&str, u64), &str> = HashMap::new();
    let mut gaps = Vec::new();
    for Line { at, entry } in history {
        match entry {
            Entry::Close { client, .. } => places.entry(client).or_default().leave(*at),
            Entry::Open { client, .. } => places.entry(client).or_default().welcome(*at),
            Entry::Invoke { client, call, request, .. } if request["type"] == "join" => {
                joins.insert((client, *call), text(&request["room"]));
            }
            Entry::Answer { client, call, reply, .. } if reply["type"] == "joined" => {
                let Some(room) = joins.get(&(client.as_str(), *call)) else { continue };
                let back = places.entry(client).or_default().join(room);
                gaps.extend(back.map(|away| Gap {
                    client: client.clone(),
                    from: away.from,
                    welcomed: away.welcomed.unwrap_or(*at),
                    to: *at,
                }));
            }
            _ => {}
        }
    }
    gaps
}

impl Place {
    fn leave(&mut self, at: u64) {
        let inside = std::mem::take(&mut self.inside);
        match &mut self.away {
            // It had not come back to all its rooms: the same absence goes on.
            Some(away) => away.welcomed = None,
            None => self.away = Some(Away { from: at, welcomed: None, rooms: inside }),
        }
    }

    fn welcome(&mut self, at: u64) {
        if let Some(away) = &mut self.away {
            away.welcomed = Some(at);
        }
    }

    /// The absence that ends with this room.
    fn join(&mut self, room: &str) -> Option<Away> {
        self.inside.insert(room.to_owned());
        let inside = &self.inside;
        self.away.take_if(|away| away.rooms.is_subset(inside))
    }
}

/// A history in which one client does this, a millisecond apart.
#[cfg(test)]
fn history(acts: &[&str]) -> Vec<Line> {
    let client = || "ann".to_owned();
    let entry = |act: &&str, at: u64| match act.split_once(' ') {
        None if *act == "open" => {
            let (session, node) = (format!("s{at}"), "n0".to_owned());
            Entry::Open { client: client(), session, node, user: client() }
        }
        None => Entry::Close { client: client(), session: String::new(), code: None },
        Some(("ask", room)) => Entry::Invoke {
            client: client(),
            session: None,
            node: "n0".to_owned(),
            call: u64::from(room.as_bytes()[0]),
            request: serde_json::json!({"type": "join", "room": room}),
        },
        Some((_, room)) => Entry::Answer {
            client: client(),
            session: None,
            call: u64::from(room.as_bytes()[0]),
            reply: serde_json::json!({"type": "joined", "room": room}),
        },
    };
    let acts = acts.iter().zip(0..);
    acts.map(|(act, at)| Line { at: at * 1_000, entry: entry(act, at) }).collect()
}

#[test]
fn a_client_is_away_until_it_is_in_all_its_rooms_again() {
    let (arrives, both) = (["open", "ask a", "joined a", "ask b", "joined b"], ["ask a", "ask b"]);
    let acts = [&arrives[..], &["close", "open"], &both, &["joined a", "joined b"]].concat();
    let gaps = read(&history(&acts));
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!((gaps[0].from, gaps[0].welcomed, gaps[0].to), (5_000, 6_000, 10_000));
    assert_eq!(gaps[0].millis(), 5);
}

#[test]
fn an_attempt_that_was_cut_off_does_not_end_the_absence() {
    let acts = ["open", "ask a", "joined a", "close", "open", "ask a", "close", "open", "ask a"];
    assert!(read(&history(&acts)).is_empty(), "it is still away");
    let gaps = read(&history(&[&acts[..], &["joined a"]].concat()));
    assert_eq!((gaps[0].from, gaps[0].welcomed, gaps[0].to), (3_000, 7_000, 9_000));
}
