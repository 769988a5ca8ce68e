//! Two replicas that find each other in a table.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use kyo_collaboration::engineio::{Address, Config, Neighbours};
use tokio::sync::watch;

use super::{Server, settings};

/// Who is where, as a test says; counts how often it is asked.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Arc<watch::Sender<HashMap<String, Address>>>,
    asked: Arc<AtomicUsize>,
}

impl Table {
    /// From now on `owner` is at `address`, which is `host:port`.
    pub fn say(&self, owner: &str, address: &str) {
        let address = Address::parse(&format!("http://{address}")).expect("host:port");
        self.rows.send_modify(|rows| drop(rows.insert(owner.to_owned(), address)));
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Neighbours for Table {
    async fn locate(&self, owner: &str) -> Option<Address> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.rows.borrow().get(owner).cloned()
    }
}

/// The replica `here`, and `there`, which has `changed` settings and knows where `here` is; with the
/// tables of both.
pub async fn two(changed: impl FnOnce(&mut Config)) -> ((Server, Table), (Server, Table)) {
    let (mut engine, socket) = settings();
    let (here, there) = (Table::default(), Table::default());
    engine.neighbours = Some(Arc::new(here.clone()));
    let owner = Server::with(engine.clone(), socket).await;
    engine.node = "there".to_owned();
    engine.neighbours = Some(Arc::new(there.clone()));
    changed(&mut engine);
    let other = Server::with(engine, socket).await;
    there.say("here", &owner.address);
    ((owner, here), (other, there))
}
