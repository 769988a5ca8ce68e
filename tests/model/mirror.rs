//! Replicas are interchangeable: a state and its mirror image, the replicas' places changed, behave
//! alike, so the checker looks at one of the two.

use stateright::Representative;

use super::state::{Accepted, Append, Batch, Event, Link, Relay, Room, State};

impl Representative for State {
    fn representative(&self) -> Self {
        let mut mirrored = self.clone();
        mirrored.mirror();
        if mirrored < *self { mirrored } else { self.clone() }
    }
}

impl State {
    fn mirror(&mut self) {
        let Self { log, orphans, bus, rooms, clients, faults_left: _, sent } = self;
        log.iter_mut().for_each(Event::mirror);
        *orphans = std::mem::take(orphans).into_iter().map(Batch::mirrored).collect();
        *bus = std::mem::take(bus).into_iter().map(Relay::mirrored).collect();
        rooms.iter_mut().for_each(Room::mirror);
        rooms.swap(0, 1);
        for client in clients {
            if let Link::Late(r) | Link::Joined(r) = &mut client.link {
                *r = 1 - *r;
            }
            client.view.iter_mut().for_each(Event::mirror);
        }
        sent.iter_mut().for_each(|replicas| *replicas = *replicas >> 1 | (*replicas & 1) << 1);
    }
}

impl Room {
    fn mirror(&mut self) {
        let Self { committed, queue, in_flight, appending, telling, .. } = self;
        committed.iter_mut().for_each(Event::mirror);
        queue.iter_mut().chain(in_flight).for_each(Accepted::mirror);
        if let Some(Append::Sent(batch)) = appending {
            batch.events.iter_mut().for_each(Event::mirror);
        }
        if let Some(relay) = telling.as_mut().and_then(|telling| telling.publish.as_mut()) {
            relay.events.iter_mut().for_each(Event::mirror);
        }
    }
}

impl Batch {
    fn mirrored(mut self) -> Self {
        self.events.iter_mut().for_each(Event::mirror);
        self
    }
}

impl Relay {
    fn mirrored(mut self) -> Self {
        self.events.iter_mut().for_each(Event::mirror);
        self
    }
}

impl Accepted {
    fn mirror(&mut self) {
        self.event.mirror();
    }
}

impl Event {
    fn mirror(&mut self) {
        self.by = 1 - self.by;
    }
}
