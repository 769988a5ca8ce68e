//! A member's list of participants, folded from its join and the presence frames that follow.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Client, fold_roster, within};

/// Session → user, as one member sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(pub BTreeMap<String, String>);

impl List {
    /// From the reply to a join.
    pub fn of(joined: &Value) -> Self {
        let mut list = Self::default();
        for one in joined["participants"].as_array().expect("participants") {
            let text = |name: &str| one[name].as_str().expect("text").to_owned();
            list.0.insert(text("sessionId"), text("userId"));
        }
        list
    }

    /// Reads presence until the list is as wished; the wish is asked first, and after each frame.
    pub async fn follow(
        &mut self,
        what: &str,
        client: &mut Client,
        mut wish: impl FnMut(&Self) -> bool,
    ) {
        within(what, async {
            while !wish(self) {
                let frame = client.expect("presence").await;
                fold_roster(&mut self.0, &frame);
            }
        })
        .await;
    }

    /// Whether a session is in it.
    pub fn has(&self, session: &str) -> bool {
        self.0.contains_key(session)
    }

    /// Whether a person is in it.
    pub fn has_user(&self, user: &str) -> bool {
        self.0.values().any(|one| one == user)
    }

    /// Its sessions.
    pub fn sessions(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}
