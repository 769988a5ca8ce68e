//! What a room tells operators about itself.

use actix::prelude::*;

use super::live::Live;
use super::{Phase, Room};
use crate::actors::outlet::Outlet;
use crate::protocol::operator::{Backlog, HeadBody, MemberFacts, RoomDetail, RoomFacts};
use crate::protocol::presence::ParticipantBody;
use crate::protocol::text::Text;

/// Asks for the facts; none while it is loading or when it is over.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Option<RoomFacts>")]
pub struct Inspect;

/// Asks for everything.
#[derive(Message, Clone, Copy)]
#[rtype(result = "Option<RoomDetail>")]
pub struct Examine;

impl Live {
    fn facts(&self) -> RoomFacts {
        let depths = || self.members.outlets().map(|(_, outlet)| outlet.backlog());
        let head = self.log.head();
        RoomFacts {
            room: Text(self.key.room),
            name: self.record.name.clone(),
            answering: true,
            sessions: self.members.iter().count(),
            head: HeadBody { epoch: head.epoch, seq: head.seq },
            courses: self.log.committed().courses().len(),
            queue: self.log.pending(),
            late: self.late.len(),
            appending: self.appending,
            locks: self.held_locks().len(),
            loaded_at: Text(self.witness.loaded_at),
            last_operation_at: self.witness.newest.front().map(|operation| operation.at),
            operations: self.witness.tally,
            outbox_frames: depths().map(|depth| depth.frames).sum(),
            outbox_bytes: depths().map(|depth| depth.bytes).sum(),
            outbox_frames_max: depths().map(|depth| depth.frames).max().unwrap_or_default(),
        }
    }

    fn detail(&self) -> RoomDetail {
        let people = self.roster.participants().into_iter().map(|person| {
            let outlet = self.members.outlet(&person.session_id.0);
            member(person, outlet)
        });
        RoomDetail {
            facts: self.facts(),
            members: people.collect(),
            held_locks: self.held_locks(),
            last_operations: self.witness.newest.iter().cloned().collect(),
        }
    }
}

fn member(person: ParticipantBody, outlet: Option<&Outlet>) -> MemberFacts {
    let depth: Option<Backlog> = outlet.map(Outlet::backlog);
    MemberFacts {
        session_id: person.session_id,
        user_id: person.user_id,
        name: person.name,
        role: person.role,
        state: person.state,
        local: outlet.is_some(),
        outbox_frames: depth.map(|depth| depth.frames),
        outbox_bytes: depth.map(|depth| depth.bytes),
        behind: outlet.is_some_and(Outlet::is_behind),
    }
}

impl Room {
    fn looked_at(&self) -> Option<&Live> {
        match &self.phase {
            Phase::Live(live) if live.over.is_none() => Some(live),
            Phase::Live(_) | Phase::Loading(_) | Phase::Over(_) => None,
        }
    }
}

impl Handler<Inspect> for Room {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.looked_at().map(Live::facts))
    }
}

impl Handler<Examine> for Room {
    type Result = MessageResult<Examine>;

    fn handle(&mut self, _: Examine, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.looked_at().map(Live::detail))
    }
}
