//! Two replicas behind HAProxy, with and without a cookie that keeps a client's requests together.

use crate::guest::Guest;
use crate::kind::{Kind, Transport, with_every_client};
use crate::pair::{Balance, Pair};
use crate::support::{Class, Client, Person, Replica};

const EDITS: u32 = 10;

async fn all_is_well_behind_a_round_robin_balancer(kind: Kind, transport: Transport) {
    a_day_at_work(Balance::RoundRobin, kind, transport).await;
}

async fn all_is_well_behind_a_sticky_balancer(kind: Kind, transport: Transport) {
    a_day_at_work(Balance::Sticky, kind, transport).await;
}

/// The guest and a native colleague on each replica edit in turn; all see the same, and the library
/// never has to connect again.
async fn a_day_at_work(balance: Balance, kind: Kind, transport: Transport) {
    let pair = Pair::start(balance).await;
    let room = pair.replicas[0].room().await;
    let gus = Person::editor("gus");
    let mut guest = Guest::connect(kind, transport, &pair.address(), &gus).await;
    let session = guest.session().to_owned();
    let mut copy = Replica::of(&guest.join(&room, None).await);
    let (mut anna, joined) = Client::enter(&pair.replicas[0], &Person::editor("anna"), &room).await;
    let mut copy_a = Replica::of(&joined);
    let (mut ben, joined) = Client::enter(&pair.replicas[1], &Person::editor("ben"), &room).await;
    let mut copy_b = Replica::of(&joined);

    for hour in 0..EDITS {
        guest.acked(&room, Class::new("Yoga", hour).create()).await;
        anna.acked(&room, Class::new("Spin", hour).create()).await;
        ben.acked(&room, Class::new("Box", hour).create()).await;
    }
    let all = u64::from(3 * EDITS);
    guest.follow(&mut copy, all).await;
    copy_a.follow(&mut anna, all).await;
    copy_b.follow(&mut ben, all).await;
    assert_eq!(copy.log, copy_a.log);
    assert_eq!(copy.log, copy_b.log);
    copy.assert_equals(&anna.snapshot(&room, None).await);
    assert_eq!(guest.session(), session, "one session all day");
    assert!(!guest.has_lost_connection());
}

with_every_client!(all_is_well_behind_a_round_robin_balancer);
with_every_client!(all_is_well_behind_a_sticky_balancer);
