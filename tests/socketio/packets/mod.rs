//! Socket.IO.

mod asks;
mod connect;
mod disconnect;
mod events;
mod violations;
