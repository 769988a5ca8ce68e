//! A change of the transport under the feet of an editor: nothing is lost, doubled or reordered.

use serde_json::json;

use crate::driver::Report;
use crate::guest::{Guest, operation};
use crate::kind::{Kind, Transport, with_every_client};
use crate::support::{Class, Person, Replica, Service, Settings, new_id};
use crate::tap::Tap;

const EDITS: usize = 150;
/// How many of them are sent before the WebSocket may come about.
const BEFORE: usize = 30;
/// How many may be without an ack.
const WINDOW: usize = 10;

/// At least 150 edits in a row: before, during and after the upgrade, where there is one.
async fn many_edits_arrive_in_order_and_each_is_acked(kind: Kind, transport: Transport) {
    let service = Service::with(Settings::unhurried()).await;
    let tap = Tap::start(&service.address()).await;
    let room = service.room().await;
    let upgrades = kind.upgrades_under_way() && transport == Transport::Upgrade;
    if upgrades {
        tap.hold_upgrades();
    }
    let mut guest = Guest::start(kind).await;
    guest.come(transport, &tap.address(), &Person::editor("gus").token());
    let first = guest.connected().await;
    assert!(!upgrades || first == Transport::Polling, "{first:?}");
    let mut copy = Replica::of(&guest.join(&room, None).await);

    let (mut sent, mut calls) = (Vec::new(), Vec::new());
    let mut acked = 0;
    let mut upgraded = !upgrades;
    while sent.len() < EDITS || !upgraded {
        if sent.len() == BEFORE {
            tap.release_upgrades();
        }
        let (op_id, class) = (new_id(), Class::new("Yoga", sent.len() as u32));
        calls.push(guest.send("op", &operation(&room, &op_id, &class.create())));
        sent.push(op_id);
        if calls.len() > WINDOW {
            acked += 1;
            assert_acked(&mut guest, calls[acked - 1], acked).await;
        }
        upgraded |= guest.has_told(|report| matches!(report, Report::Upgraded {}));
    }
    while acked < calls.len() {
        acked += 1;
        assert_acked(&mut guest, calls[acked - 1], acked).await;
    }
    guest.follow(&mut copy, sent.len() as u64).await;
    assert_eq!(sent, copy.op_ids(), "in the order in which they were sent");
}

async fn assert_acked(guest: &mut Guest, call: u64, seq: usize) {
    let ack = guest.reply(call).await.expect("it is one connection");
    assert_eq!((&ack["type"], &ack["seq"]), (&json!("ack"), &json!(seq)), "{ack}");
}

with_every_client!(many_edits_arrive_in_order_and_each_is_acked);
