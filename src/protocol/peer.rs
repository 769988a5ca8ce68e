//! What replicas tell each other about people and locks of a room, and what they leave on the bus
//! for one that comes later. Nothing of it is durable or trusted beyond a few seconds. Called by
//! rooms and by the bridge.
//!
//! Every such message begins with its `kind`, then its version; a kind or version that a replica
//! does not know is ignored by it. Messages without a kind are committed events (`relay.rs`).

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::presence::{Departure, ParticipantBody, PresenceChange};
use super::raw::RawJson;
use super::text::{CourseRef, SessionRef, UserRef};

/// The version that this binary writes and reads.
const VERSION: u32 = 1;
/// How every message with a kind begins.
const PREFIX: &[u8] = b"{\"kind\":";
/// The most people in one message; the others are left to the announcement.
pub const MAX_TOLD: usize = 500;
/// The most bytes of people in one announcement; what does not fit is left out, and it says so.
pub const MAX_ANNOUNCED: usize = 512 * 1024;

/// A message of another replica.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerMessage {
    /// Who came, went and moved there.
    People(Said),
    /// Locks taken and given back there.
    Locks(LocksSaid),
    /// Something of a newer replica.
    Unknown,
}

/// A participant as the replica of their connection knows them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PersonSaid {
    /// As clients see them.
    pub who: ParticipantBody,
    /// When the connection was cut, in Unix milliseconds, if they are away.
    pub cut: Option<i64>,
}

/// The same, encoded.
#[derive(Clone, Debug, Serialize)]
pub struct PersonSpoken {
    /// As clients see them.
    pub who: RawJson,
    /// When the connection was cut, in Unix milliseconds, if they are away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<i64>,
}

/// Which state of its sender's people a message leads to. What one life of a room says is numbered
/// without gaps, so that a receiver sees what it missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which life of the sender's room; a later one is greater.
    pub life: u64,
    /// The number before this message.
    pub prev: u64,
    /// The number after it; the same when it changes nothing.
    pub seq: u64,
    /// The number of the sender's newest announcement.
    pub announced: u64,
    /// Checksum of the locks that the sender's sessions hold.
    pub locks: u32,
}

/// What a replica says of its people.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Said {
    /// Where it belongs.
    #[serde(flatten)]
    pub mark: Mark,
    /// New, or changed in more than where they point.
    #[serde(default)]
    pub people: Vec<PersonSaid>,
    /// Gone.
    #[serde(default)]
    pub left: Vec<Departure>,
    /// Pointer or selection alone.
    #[serde(default)]
    pub moved: Vec<PresenceChange>,
}

/// What a replica says of its people, to be encoded; the parts are those of its own frames.
#[derive(Clone, Debug, Default)]
pub struct Speech {
    /// New, or changed in more than where they point.
    pub people: Vec<PersonSpoken>,
    /// Gone.
    pub left: Vec<Departure>,
    /// Pointer or selection alone.
    pub moved: Vec<RawJson>,
}

impl Speech {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.left.is_empty() && self.moved.is_empty()
    }

    /// As much of it as one message may hold, if that is not all; first who is gone, then who came.
    #[must_use]
    pub fn shortened(&self) -> Option<Self> {
        let mut room = MAX_TOLD;
        let mut take = |wanted: usize| {
            let taken = wanted.min(room);
            room -= taken;
            taken
        };
        let (left, people) = (take(self.left.len()), take(self.people.len()));
        let moved = take(self.moved.len());
        let all = (left, people, moved) == (self.left.len(), self.people.len(), self.moved.len());
        (!all).then(|| Self {
            people: self.people[..people].to_vec(),
            left: self.left[..left].to_vec(),
            moved: self.moved[..moved].to_vec(),
        })
    }
}

/// All people of one replica, as it leaves them on the bus.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Announcement {
    v: u32,
    /// Which life of the sender's room.
    pub life: u64,
    /// The number that they stand for.
    pub seq: u64,
    /// Whether it is everyone.
    pub whole: bool,
    /// They.
    pub people: Vec<PersonSaid>,
}

/// A lock as the replica of its holder knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LockSaid {
    /// On what.
    pub course_id: CourseRef,
    /// Whose.
    pub user_id: UserRef,
    /// On which connection.
    pub session_id: SessionRef,
    /// Until when, in Unix milliseconds.
    pub until: i64,
    /// Its fencing number.
    pub token: u64,
}

/// A lock that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSaid {
    /// On what.
    pub course_id: CourseRef,
    /// Its fencing number; a later lock is not meant.
    pub token: u64,
}

/// What a replica says of the locks of its sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocksSaid {
    /// Taken or renewed.
    pub held: Vec<LockSaid>,
    /// Given back or ended.
    pub released: Vec<ReleaseSaid>,
}

/// Whose a lease is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderSaid {
    /// On which replica.
    pub node: String,
    /// Who.
    pub user: UserRef,
    /// On which connection.
    pub session: SessionRef,
}

#[derive(Deserialize)]
struct Head<'a> {
    kind: &'a str,
    v: u32,
}

/// Whether a message has a kind, and so is read by [`decode_peer`].
#[must_use]
pub fn has_kind(payload: &[u8]) -> bool {
    payload.starts_with(PREFIX)
}

/// Reads a message with a kind. What can't be read is [`PeerMessage::Unknown`]: it is a hint that
/// says itself again.
#[must_use]
pub fn decode_peer(payload: &[u8]) -> PeerMessage {
    let read = || -> serde_json::Result<PeerMessage> {
        let head: Head<'_> = serde_json::from_slice(payload)?;
        Ok(match (head.kind, head.v) {
            ("people", VERSION) => PeerMessage::People(serde_json::from_slice(payload)?),
            ("locks", VERSION) => PeerMessage::Locks(serde_json::from_slice(payload)?),
            _ => PeerMessage::Unknown,
        })
    };
    read().unwrap_or(PeerMessage::Unknown)
}

/// Encodes what a replica says of its people.
#[must_use]
pub fn encode_people(mark: Mark, speech: &Speech) -> Bytes {
    #[derive(Serialize)]
    struct People<'a> {
        kind: &'a str,
        v: u32,
        #[serde(flatten)]
        mark: Mark,
        #[serde(skip_serializing_if = "<[PersonSpoken]>::is_empty")]
        people: &'a [PersonSpoken],
        #[serde(skip_serializing_if = "<[Departure]>::is_empty")]
        left: &'a [Departure],
        #[serde(skip_serializing_if = "<[RawJson]>::is_empty")]
        moved: &'a [RawJson],
    }
    let Speech { people, left, moved } = speech;
    encode(&People { kind: "people", v: VERSION, mark, people, left, moved })
}

/// Encodes what a replica says of the locks of its sessions.
#[must_use]
pub fn encode_locks(said: &LocksSaid) -> Bytes {
    #[derive(Serialize)]
    struct Locks<'a> {
        kind: &'a str,
        v: u32,
        #[serde(flatten)]
        said: &'a LocksSaid,
    }
    encode(&Locks { kind: "locks", v: VERSION, said })
}

/// Encodes all people of this replica, as many as fit.
#[must_use]
pub fn encode_announcement(life: u64, seq: u64, mut people: Vec<PersonSpoken>) -> Bytes {
    #[derive(Serialize)]
    struct All<'a> {
        v: u32,
        life: u64,
        seq: u64,
        whole: bool,
        people: &'a [PersonSpoken],
    }
    let mut bytes = 0;
    let all = people.len();
    let fit = people.iter().take_while(|person| {
        bytes += person.who.len();
        bytes <= MAX_ANNOUNCED
    });
    let fit = fit.count();
    people.truncate(fit);
    encode(&All { v: VERSION, life, seq, whole: fit == all, people: &people })
}

/// Reads all people of another replica; nothing when it is of another version.
#[must_use]
pub fn decode_announcement(value: &[u8]) -> Option<Announcement> {
    serde_json::from_slice::<Announcement>(value).ok().filter(|said| said.v == VERSION)
}

/// Encodes whose a lease is.
#[must_use]
pub fn encode_holder(holder: &HolderSaid) -> Bytes {
    encode(holder)
}

/// Reads whose a lease is.
#[must_use]
pub fn decode_holder(value: &[u8]) -> Option<HolderSaid> {
    serde_json::from_slice(value).ok()
}

fn encode(value: &impl Serialize) -> Bytes {
    // These types have string keys and finite numbers; an empty message would be ignored.
    serde_json::to_vec(value).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CourseId, SessionId, UserId};
    use crate::protocol::relay::decode_relay;
    use crate::protocol::text::Text;

    fn mark() -> Mark {
        Mark { life: 7, prev: 2, seq: 3, announced: 1, locks: 9 }
    }

    fn person(name: &str) -> PersonSpoken {
        let who = RawJson::of(&serde_json::json!({
            "sessionId": name, "userId": "emil", "name": "Emil", "role": "editor",
            "color": "#102030", "joinedAt": "2026-01-05T09:00:00Z", "state": "active",
        }));
        PersonSpoken { who, cut: Some(5) }
    }

    fn speech() -> Speech {
        let moved = vec![RawJson::of(&serde_json::json!({
            "sessionId": "s2", "cursor": {"x": 1.0, "y": 2.0}}))];
        Speech { people: vec![person("s1")], left: Vec::new(), moved }
    }

    #[test]
    fn people_come_out_as_they_went_in() {
        let PeerMessage::People(said) = decode_peer(&encode_people(mark(), &speech())) else {
            panic!("it is about people");
        };
        assert_eq!(said.mark, mark());
        assert_eq!((said.people[0].who.name.as_str(), said.people[0].cut), ("Emil", Some(5)));
        assert_eq!(said.moved[0].session_id.0.as_str(), "s2");
    }

    #[test]
    fn the_bytes_stay_what_earlier_replicas_read() {
        let nothing = Speech::default();
        let text = r#"{"kind":"people","v":1,"life":7,"prev":2,"seq":3,"announced":1,"locks":9}"#;
        assert_eq!(encode_people(mark(), &nothing), text.as_bytes());
        let held = LockSaid {
            course_id: Text(CourseId::parse("c").unwrap()),
            user_id: Text(UserId::parse("u").unwrap()),
            session_id: Text(SessionId::parse("s").unwrap()),
            until: 4,
            token: 5,
        };
        let said = LocksSaid { held: vec![held], released: Vec::new() };
        let text = r#"{"kind":"locks","v":1,"held":[{"courseId":"c","userId":"u","sessionId":"s","until":4,"token":5}],"released":[]}"#;
        assert_eq!(encode_locks(&said), text.as_bytes());
        assert_eq!(decode_peer(text.as_bytes()), PeerMessage::Locks(said));
    }

    #[test]
    fn what_a_newer_replica_says_is_ignored() {
        for text in [
            r#"{"kind":"weather","v":1}"#,
            r#"{"kind":"people","v":2,"life":1}"#,
            r#"{"kind":"people","v":1,"people":3}"#,
            r#"{"kind":7}"#,
            r#"{"kind":"#,
        ] {
            assert!(has_kind(text.as_bytes()), "{text}");
            assert_eq!(decode_peer(text.as_bytes()), PeerMessage::Unknown, "{text}");
        }
    }

    /// A replica from before these messages takes them for events that it can't read, and asks the
    /// store.
    #[test]
    fn an_earlier_replica_does_not_take_them_for_events() {
        assert!(decode_relay(&encode_people(mark(), &speech())).is_err());
        assert!(decode_relay(&encode_locks(&LocksSaid::default())).is_err());
    }

    #[test]
    fn too_much_to_say_is_shortened() {
        let mut much = speech();
        assert!(much.shortened().is_none());
        much.moved = vec![much.moved[0].clone(); MAX_TOLD + 5];
        let short = much.shortened().unwrap();
        assert_eq!((short.people.len(), short.moved.len()), (1, MAX_TOLD - 1));
    }

    #[test]
    fn an_announcement_is_bounded_and_says_when_it_is_not_whole() {
        let few = encode_announcement(7, 3, vec![person("s1"), person("s2")]);
        let few = decode_announcement(&few).unwrap();
        assert!((few.life, few.seq, few.whole, few.people.len()) == (7, 3, true, 2));
        let one = person("s1").who.len();
        let many = encode_announcement(7, 3, vec![person("s1"); MAX_ANNOUNCED / one + 10]);
        assert!(many.len() < 2 * MAX_ANNOUNCED);
        let many = decode_announcement(&many).unwrap();
        assert!((many.whole, many.people.len()) == (false, MAX_ANNOUNCED / one));
        assert_eq!(
            decode_announcement(br#"{"v":2,"life":1,"seq":1,"whole":true,"people":[]}"#),
            None
        );
    }
}
