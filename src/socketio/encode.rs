//! Packets of the server, ready to be sent to any number of clients. Arguments are JSON texts that
//! are written as they are; placeholders for attachments are in them already.

use std::fmt::Write;

use bytes::Bytes;

use super::service::Refusal;
use crate::engineio::Batch;

/// An event.
pub fn event<A: AsRef<str>>(
    namespace: &str,
    name: &str,
    args: &[A],
    attachments: &[Bytes],
) -> Batch {
    asking(namespace, name, args, attachments, None)
}

/// An event whose answer is awaited under `id`.
pub(super) fn asking<A: AsRef<str>>(
    namespace: &str,
    name: &str,
    args: &[A],
    attachments: &[Bytes],
    id: Option<u64>,
) -> Batch {
    let mut text = head('2', '5', namespace, attachments.len(), id);
    text.push('[');
    text.push_str(&quoted(name));
    for arg in args {
        text.push(',');
        text.push_str(arg.as_ref());
    }
    text.push(']');
    Batch::group(&text, attachments)
}

/// The answer to an event.
pub fn ack<A: AsRef<str>>(namespace: &str, id: u64, args: &[A], attachments: &[Bytes]) -> Batch {
    let mut text = head('3', '6', namespace, attachments.len(), Some(id));
    text.push('[');
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(arg.as_ref());
    }
    text.push(']');
    Batch::group(&text, attachments)
}

/// The client is in; `sid` is its id there.
pub(super) fn connect(namespace: &str, sid: &str) -> Batch {
    let head = head('0', '0', namespace, 0, None);
    Batch::text(&format!("{head}{{\"sid\":{}}}", quoted(sid)))
}

/// The client is not let in.
pub(super) fn connect_error(namespace: &str, refusal: &Refusal) -> Batch {
    let mut text = head('4', '4', namespace, 0, None);
    text.push_str("{\"message\":");
    text.push_str(&quoted(&refusal.message));
    if let Some(data) = &refusal.data {
        text.push_str(",\"data\":");
        text.push_str(data);
    }
    text.push('}');
    Batch::text(&text)
}

/// The client is put out.
pub(super) fn disconnect(namespace: &str) -> Batch {
    Batch::text(&head('1', '1', namespace, 0, None))
}

/// Type, number of attachments, namespace, id. The main namespace goes without saying, others end
/// with a comma even when nothing follows.
fn head(plain: char, binary: char, namespace: &str, attachments: usize, id: Option<u64>) -> String {
    let mut head = String::new();
    if attachments == 0 {
        head.push(plain);
    } else {
        write!(head, "{binary}{attachments}-").expect("a string takes everything");
    }
    if namespace != "/" {
        head.push_str(namespace);
        head.push(',');
    }
    if let Some(id) = id {
        write!(head, "{id}").expect("a string takes everything");
    }
    head
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string can be written as JSON")
}
