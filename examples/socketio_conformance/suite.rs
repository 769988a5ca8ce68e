//! What the Socket.IO suite expects of its server.

use actix_web::HttpRequest;
use bytestring::ByteString;
use kyo_collaboration::engineio::{Flow, Link};
use kyo_collaboration::socketio::{Event, Left, Member, Refusal, Service, Socket, Visitor, encode};

/// The server that the Socket.IO suite expects.
pub struct Suite;

struct Guest;

struct Inside {
    auth: ByteString,
    socket: Option<Socket>,
}

impl Service for Suite {
    fn visit(&self, _: &HttpRequest, _: &Link) -> Box<dyn Visitor> {
        Box::new(Guest)
    }
}

impl Visitor for Guest {
    fn connect(
        &mut self,
        namespace: &str,
        auth: Option<&ByteString>,
    ) -> Result<Box<dyn Member>, Refusal> {
        if !["/", "/custom"].contains(&namespace) {
            return Err(Refusal::invalid_namespace());
        }
        let auth = auth.cloned().unwrap_or_else(|| "{}".into());
        Ok(Box::new(Inside { auth, socket: None }))
    }
}

impl Member for Inside {
    fn joined(&mut self, socket: Socket) {
        let packet = encode::event(socket.namespace(), "auth", &[&self.auth], &[]);
        socket.send(&packet).ok();
        self.socket = Some(socket);
    }

    fn event(&mut self, event: Event) -> Flow {
        let Event { name, args, attachments, ack } = event;
        match (&*name, ack, &self.socket) {
            ("message", _, Some(socket)) => {
                let back = encode::event(socket.namespace(), "message-back", &args, &attachments);
                socket.send(&back).ok();
            }
            ("message-with-ack", Some(ack), _) => {
                ack.answer(&args, &attachments).ok();
            }
            _ => {}
        }
        None
    }

    fn behind(&mut self) {
        if let Some(socket) = &self.socket {
            socket.close(None, None);
        }
    }

    fn left(&mut self, _: Left) {}
}
