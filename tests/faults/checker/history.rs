//! What a history is: one JSON object a line, in the order in which the recorder saw things. The
//! harness writes it and the checks read it; nothing else passes between the two.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One line: a moment and what happened then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Microseconds since the run began, by the recorder's own clock.
    pub at: u64,
    #[serde(flatten)]
    pub entry: Entry,
}

/// Everything that is ever recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Entry {
    /// The first line: what the run is made of. `shared_presence` is false where replicas have no
    /// bus, and so cannot know of each other's people.
    Run {
        seed: u64,
        tenant: String,
        rooms: Vec<String>,
        nodes: Vec<String>,
        shared_presence: bool,
    },
    /// A client was welcomed. `node` is the harness's name for a place, not for one process.
    Open {
        client: String,
        session: String,
        node: String,
        user: String,
    },
    /// Its connection ended: with the service's close code, or without one.
    Close {
        client: String,
        session: String,
        code: Option<u16>,
    },
    /// A client sent a request. REST requests have no session.
    Invoke {
        client: String,
        session: Option<String>,
        node: String,
        call: u64,
        request: Value,
    },
    /// The reply to it came.
    Answer {
        client: String,
        session: Option<String>,
        call: u64,
        reply: Value,
    },
    /// A client was sent something unasked.
    Push {
        client: String,
        session: String,
        message: Value,
    },
    /// A fault begins, and ends. `node` is the replica it strikes, if it strikes one alone.
    Begin {
        fault: String,
        id: u64,
        node: Option<String>,
    },
    End {
        id: u64,
    },
    /// The recorder itself was late by so much: what it read then may have come earlier.
    Stall {
        micros: u64,
    },
    /// The harness waited in vain for the end that every run has.
    Unsettled {
        what: String,
    },
    /// After everything has healed: a room's whole log, its state and its participants, as one
    /// replica tells them, and who is connected to it in truth.
    Log {
        node: String,
        room: String,
        events: Vec<Value>,
    },
    State {
        node: String,
        room: String,
        snapshot: Value,
    },
    Present {
        node: String,
        room: String,
        sessions: Vec<String>,
    },
    Connected {
        room: String,
        sessions: Vec<String>,
    },
}

/// Reads a history.
///
/// # Errors
/// The number and the fault of the first line that is none.
pub fn parse(text: &str) -> Result<Vec<Line>, String> {
    text.lines()
        .enumerate()
        .map(|(n, line)| serde_json::from_str(line).map_err(|why| format!("line {}: {why}", n + 1)))
        .collect()
}

/// A message with its events cut down to seq, opId and fingerprint: each event stands in full in
/// the log at the end, and is told to a dozen clients.
pub fn compact(mut message: Value) -> Value {
    if let Some(events) = message.get_mut("events").and_then(Value::as_array_mut) {
        for event in events {
            *event = json!({
                "seq": event["seq"],
                "opId": event["opId"],
                "print": fingerprint(event),
            });
        }
    }
    message
}

/// 64-bit FNV-1a over a value's text with its fields in alphabetical order.
pub fn fingerprint(value: &Value) -> String {
    let text = sorted(value).to_string();
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.keys().collect();
            names.sort();
            let fields = names.into_iter().map(|name| (name.clone(), sorted(&fields[name])));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The items of an array; none where there is no array.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Text, or nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
