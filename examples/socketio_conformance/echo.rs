//! What the Engine.IO suite expects of its server.

use actix_web::HttpRequest;
use kyo_collaboration::engineio::{Batch, Closed, Flow, Handler, Link, Message, Note, Service};

/// Says back what it hears.
pub struct Echo;

struct Echoing(Link);

impl Service for Echo {
    fn open(&self, _: &HttpRequest, link: Link) -> Box<dyn Handler> {
        Box::new(Echoing(link))
    }
}

impl Handler for Echoing {
    fn message(&mut self, message: Message) -> Flow {
        let batch = match message {
            Message::Text(text) => Batch::text(&text),
            Message::Binary(bytes) => Batch::binary(&bytes),
        };
        self.0.outlet.send(&batch).ok();
        None
    }

    fn behind(&mut self) {
        self.0.outlet.close(None, None);
    }

    fn note(&mut self, _: Note) {}

    fn closed(&mut self, _: Closed) {}
}
