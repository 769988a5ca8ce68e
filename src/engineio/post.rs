//! Delivery of the few messages that must not be lost to a full mailbox: one waiting future each,
//! at most a handful a session.

use actix::dev::SendError;
use actix::prelude::*;

/// Hands over `message` now, or as soon as there is room; silently dropped when the receiver has
/// ended. Call it on a thread with an actix system.
pub(super) fn post<M>(to: &Recipient<M>, message: M)
where
    M: Message<Result = ()> + Send + 'static,
{
    if let Err(SendError::Full(message)) = to.try_send(message) {
        let to = to.clone();
        actix::spawn(async move {
            to.send(message).await.ok();
        });
    }
}
