//! One client: the namespaces it is in, and what each packet means for them. Whatever the official
//! server closes a client for closes it here.

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytestring::ByteString;
use uuid::Uuid;

use super::asks::{Ask, AskError, Asks};
use super::config::Config;
use super::decode::{Body, Decoder, Packet};
use super::encode;
use super::service::{Event, Left, Member, Visitor};
use super::socket::{Ack, Socket, Wish};
use crate::engineio::{Closed, Flow, Handler, Link, Message, Note};
use crate::time::Clock;

/// The client.
pub(super) struct Client {
    visitor: Box<dyn Visitor>,
    link: Link,
    clock: Clock,
    config: Config,
    decoder: Decoder,
    joined: Vec<Joined>,
    /// Until it is in its first namespace.
    connect_by: Option<Instant>,
    /// Closed with this status once it is in no namespace: the replica goes away.
    leaving: Option<u16>,
}

/// A namespace that it is in.
struct Joined {
    namespace: ByteString,
    id: ByteString,
    member: Box<dyn Member>,
    asks: Asks,
}

impl Client {
    pub(super) fn new(visitor: Box<dyn Visitor>, link: Link, clock: Clock, config: Config) -> Self {
        let connect_by = Some(clock.monotonic() + config.connect_timeout);
        let decoder = Decoder::new(config.limits);
        let joined = Vec::new();
        Self { visitor, link, clock, config, decoder, joined, connect_by, leaving: None }
    }

    fn take(&mut self, Packet { namespace, body }: Packet) -> Flow {
        let place = self.joined.iter().position(|joined| joined.namespace == namespace);
        match (body, place) {
            (Body::Connect(auth), None) => self.connect(namespace, auth.as_ref()),
            (Body::Disconnect, Some(place)) => {
                self.joined.remove(place).member.left(Left::ByClient);
                self.leave_if_alone();
            }
            (Body::Event { name, args, attachments, id }, Some(place)) => {
                let ack = id.map(|id| Ack::new(namespace, id, self.link.clone()));
                let event = Event { name, args, attachments, ack };
                return self.joined[place].member.event(event);
            }
            (Body::Ack { id, args, attachments }, Some(place)) => {
                if let Some(id) = id {
                    self.joined[place].asks.answered(id, args, attachments);
                }
            }
            // In twice, or not in, or what only servers say.
            _ => self.violation(),
        }
        None
    }

    fn connect(&mut self, namespace: ByteString, auth: Option<&ByteString>) {
        let mut member = match self.visitor.connect(&namespace, auth) {
            Ok(member) => member,
            Err(refusal) => {
                let refusal = encode::connect_error(&namespace, &refusal);
                self.link.outlet.send(&refusal).ok();
                return;
            }
        };
        self.connect_by = None;
        let id = ByteString::from(URL_SAFE_NO_PAD.encode(Uuid::new_v4()));
        self.link.outlet.send(&encode::connect(&namespace, &id)).ok();
        member.joined(Socket::new(id.clone(), namespace.clone(), self.link.clone()));
        self.joined.push(Joined { namespace, id, member, asks: Asks::default() });
    }

    /// Members have their own moment from whoever they belong to.
    fn leave_if_alone(&self) {
        if self.joined.is_empty() && self.leaving.is_some() {
            self.link.outlet.close(None, self.leaving);
        }
    }

    fn violation(&mut self) {
        self.leave_all(Left::Violation);
        self.link.outlet.close(None, None);
    }

    fn leave_all(&mut self, why: Left) {
        self.joined.drain(..).for_each(|mut joined| joined.member.left(why));
    }

    /// A wish for a namespace that the client has left since, and perhaps joined again, is void.
    fn find(&self, namespace: &str, id: &str) -> Option<usize> {
        self.joined.iter().position(|joined| joined.namespace == namespace && joined.id == id)
    }

    fn ask(&mut self, place: usize, ask: Ask) {
        let Joined { asks, namespace, .. } = &mut self.joined[place];
        let number = Some(asks.number());
        let packet = encode::asking(namespace, &ask.name, &ask.args, &ask.attachments, number);
        let full = asks.len() >= self.config.most_asked;
        if full || self.link.outlet.send(&packet).is_err() {
            ask.reply.send(Err(AskError::Busy)).ok();
            return;
        }
        asks.wait(self.clock.monotonic() + ask.patience, ask.reply);
    }

    fn put_out(&mut self, place: usize) {
        let mut joined = self.joined.remove(place);
        self.link.outlet.send(&encode::disconnect(&joined.namespace)).ok();
        joined.member.left(Left::ByServer);
    }
}

impl Handler for Client {
    fn message(&mut self, message: Message) -> Flow {
        match self.decoder.push(message) {
            Ok(Some(packet)) => return self.take(packet),
            Ok(None) => {}
            Err(violation) => {
                tracing::debug!(%violation, "a Socket.IO client broke the protocol");
                self.violation();
            }
        }
        None
    }

    fn behind(&mut self) {
        if self.joined.is_empty() {
            self.link.outlet.close(None, None);
        }
        self.joined.iter_mut().for_each(|joined| joined.member.behind());
    }

    fn note(&mut self, note: Note) {
        let Ok(wish) = note.downcast::<Wish>() else { return };
        match *wish {
            Wish::Ask { namespace, id, ask } => {
                if let Some(place) = self.find(&namespace, &id) {
                    self.ask(place, ask);
                }
            }
            Wish::Disconnect { namespace, id } => {
                if let Some(place) = self.find(&namespace, &id) {
                    self.put_out(place);
                }
            }
        }
    }

    fn leaving(&mut self, status: u16) {
        self.leaving = Some(status);
        self.leave_if_alone();
    }

    fn upgraded(&mut self) {
        self.visitor.upgraded();
    }

    fn deadline(&self) -> Option<Instant> {
        let asked = self.joined.iter().filter_map(|joined| joined.asks.deadline());
        asked.chain(self.connect_by).min()
    }

    fn due(&mut self, now: Instant) {
        self.joined.iter_mut().for_each(|joined| joined.asks.expire(now));
        if self.connect_by.take_if(|by| *by <= now).is_some() {
            self.link.outlet.close(None, None);
        }
    }

    fn closed(&mut self, why: Closed) {
        self.leave_all(Left::Transport(why));
    }
}
