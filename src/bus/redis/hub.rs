//! The owner of a bus's wishes and of what is known about the servers. Looks at the topology when
//! something is amiss and now and then, starts and ends the tasks of each primary, and tells every
//! subscriber what is wanted of it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::backoff::{Backoff, scattered};
use super::discovery::{Blind, View, look};
use super::link::Link;
use super::names::slot_of;
use super::publisher::Publisher;
use super::shared::{Routes, Shared};
use super::subscriber::{Order, Subscriber};
use super::topology::Address;
use crate::bus::BusEvent;
use crate::domain::RoomId;

/// Orders that wait for one subscriber. When it is full the subscriber gets all that is wanted at
/// once, as soon as it has time.
const ORDERS: usize = 1_024;

/// What a node asks of its hub. The answer is dropped when it can't be done now.
pub(super) enum Ask {
    Subscribe(RoomId, oneshot::Sender<()>),
    Unsubscribe(RoomId, oneshot::Sender<()>),
}

pub(super) struct Hub {
    shared: Arc<Shared>,
    seeds: BTreeSet<Address>,
    members: BTreeSet<Address>,
    /// Channels of rooms, for ever until they are taken back.
    wishes: HashSet<String>,
    routes: watch::Sender<Routes>,
    /// In the order of the routes' links.
    shards: Vec<Shard>,
    /// The last look gave nothing, for this reason.
    blind: Option<Blind>,
}

/// The tasks of one primary; they end with it.
struct Shard {
    link: Arc<Link>,
    orders: mpsc::Sender<Order>,
    /// What is wanted has to be told as a whole.
    stale: bool,
    _tasks: JoinSet<()>,
}

impl Hub {
    /// `first` is what was seen at connection. Needs a Tokio runtime.
    pub(super) fn new(
        shared: Arc<Shared>,
        seeds: BTreeSet<Address>,
        routes: watch::Sender<Routes>,
        first: Result<View, Blind>,
    ) -> Self {
        let mut hub = Self {
            shared,
            members: BTreeSet::new(),
            seeds,
            wishes: HashSet::new(),
            routes,
            shards: Vec::new(),
            blind: None,
        };
        hub.take_over(first);
        hub
    }

    /// Runs until the bus is dropped.
    pub(super) async fn run(
        mut self,
        mut asks: mpsc::Receiver<Ask>,
        events: mpsc::Sender<BusEvent>,
    ) {
        let (mut backoff, mut looking, mut deaf) = (Backoff::new(), JoinSet::new(), false);
        let mut next = Instant::now() + backoff.next();
        loop {
            tokio::select! {
                ask = asks.recv() => match ask {
                    None => return,
                    Some(ask) => self.serve(ask, deaf),
                },
                () = events.closed(), if !deaf => {
                    deaf = true;
                    self.wishes.clear();
                    self.shards.iter_mut().for_each(|shard| shard.stale = true);
                    self.tell_wishes(true);
                }
                () = self.shared.look.notified(), if looking.is_empty() => {
                    next = next.min(Instant::now() + backoff.next());
                }
                Some(view) = looking.join_next() => {
                    next = self.seen(view.unwrap_or_else(|error| {
                        Err(Blind::Passing(error.to_string()))
                    }), &mut backoff);
                    self.tell_wishes(deaf);
                }
                () = sleep_until(next), if looking.is_empty() => {
                    looking.spawn(self.look());
                }
            }
        }
    }

    fn serve(&mut self, ask: Ask, deaf: bool) {
        if deaf {
            return;
        }
        let (channel, order) = match ask {
            Ask::Subscribe(room, done) => {
                let channel = self.shared.names.channel(room);
                self.wishes.insert(channel.clone());
                (channel.clone(), Order::Want(channel, done))
            }
            Ask::Unsubscribe(room, done) => {
                let channel = self.shared.names.channel(room);
                self.wishes.remove(&channel);
                (channel.clone(), Order::Leave(channel, done))
            }
        };
        let owner = self.routes.borrow().topology().owner(slot_of(&channel));
        match (owner.and_then(|owner| self.shards.get_mut(owner)), order) {
            (Some(shard), order) => {
                if !shard.stale && shard.orders.try_send(order).is_err() {
                    shard.stale = true;
                    self.shared.look.notify_one();
                }
            }
            // Nobody carries it, so nothing more of it will come.
            (None, Order::Leave(_, done)) => drop(done.send(())),
            (None, _) => {}
        }
    }

    fn look(&self) -> impl Future<Output = Result<View, Blind>> + use<> {
        let mut nodes = self.members.clone();
        if nodes.is_empty() || self.blind.is_some() {
            // All may have been replaced.
            nodes.extend(self.seeds.iter().cloned());
        }
        let shared = self.shared.clone();
        async move { look(&shared.dialer, &nodes, shared.config.topology_timeout).await }
    }

    /// When to look again after this look.
    fn seen(&mut self, view: Result<View, Blind>, backoff: &mut Backoff) -> Instant {
        self.take_over(view);
        let well = self.blind.is_none() && self.shards.iter().all(|shard| shard.link.stands());
        let pause = if well {
            backoff.reset();
            scattered(self.shared.config.topology_interval)
        } else {
            backoff.next()
        };
        Instant::now() + pause
    }

    fn take_over(&mut self, view: Result<View, Blind>) {
        match view {
            Ok(view) => {
                self.blind = None;
                self.apply(view);
            }
            Err(blind) => {
                if self.blind.as_ref() != Some(&blind) {
                    match &blind {
                        Blind::Wrong(reason) => tracing::error!(reason, "the bus is not usable"),
                        Blind::Passing(reason) => tracing::warn!(reason, "the bus is not reached"),
                    }
                }
                self.blind = Some(blind);
            }
        }
    }

    fn apply(&mut self, view: View) {
        let is_first = self.members.is_empty();
        self.members = view.members;
        if view.topology == *self.routes.borrow().topology() {
            return;
        }
        let primaries = view.topology.primaries();
        tracing::info!(primaries = ?primaries.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "the bus has a new topology");
        let known = self.shards.drain(..).map(|shard| (shard.link.address.clone(), shard));
        let mut known: HashMap<_, _> = known.collect();
        for address in primaries {
            let shard = known.remove(address).or_else(|| {
                if !is_first {
                    // It stands for one that is no primary any more.
                    self.shared.rebuilt();
                }
                self.start(address)
            });
            self.shards.extend(shard.map(|shard| Shard { stale: true, ..shard }));
        }
        let links = self.shards.iter().map(|shard| shard.link.clone()).collect();
        self.routes.send_replace(Routes::new(view.topology, links, &self.shared.names));
        self.tell_wishes(false);
    }

    fn start(&self, address: &Address) -> Option<Shard> {
        let (queue, waiting) = mpsc::channel(self.shared.config.queue);
        let (orders, inbox) = mpsc::channel(ORDERS);
        let pool = self.shared.dialer.pool(address);
        let pool = pool.inspect_err(|error| tracing::error!(error, "no pool")).ok()?;
        let link = Arc::new(Link::new(address.clone(), queue, pool));
        let mut tasks = JoinSet::new();
        tasks.spawn(Publisher::new(self.shared.clone(), link.clone()).run(waiting));
        tasks.spawn(Subscriber::new(self.shared.clone(), link.clone()).run(inbox));
        Some(Shard { link, orders, stale: true, _tasks: tasks })
    }

    /// Tells each subscriber that has to know all that is wanted of it; nothing when `deaf`.
    fn tell_wishes(&mut self, deaf: bool) {
        if self.shards.iter().all(|shard| !shard.stale) {
            return;
        }
        let routes = self.routes.borrow().clone();
        let mut wanted = vec![HashSet::new(); self.shards.len()];
        for channel in &self.wishes {
            if let Some(owner) = routes.topology().owner(slot_of(channel)) {
                wanted[owner].insert(channel.clone());
            }
        }
        if !deaf {
            for (place, (_, pulse)) in routes.pulses().enumerate() {
                wanted[place].insert(pulse.to_owned());
            }
        }
        for (shard, wanted) in self.shards.iter_mut().zip(wanted) {
            if shard.stale {
                shard.stale = shard.orders.try_send(Order::Replace(wanted)).is_err();
            }
        }
    }
}
