//! Delivery of the few messages that must not be lost to a full mailbox: one waiting future each,
//! whose number is bounded by the number of sessions and rooms.

use actix::dev::{MessageResponse, SendError, ToEnvelope};
use actix::prelude::*;

/// Hands over `message` now, or as soon as there is room; silently dropped when the receiver has
/// ended. Call it on a thread with an actix system.
pub fn post<M>(to: Recipient<M>, message: M)
where
    M: Message<Result = ()> + Send + 'static,
{
    if let Err(SendError::Full(message)) = to.try_send(message) {
        actix::spawn(async move {
            to.send(message).await.ok();
        });
    }
}

/// The same for an actor's address.
pub fn post_to<A, M>(to: &Addr<A>, message: M)
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message<Result = ()> + Send + 'static,
    M::Result: MessageResponse<A, M>,
{
    post(to.clone().recipient(), message);
}
