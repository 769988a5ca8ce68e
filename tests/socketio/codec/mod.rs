//! The Socket.IO codec against another one, against its own laws, and against noise.

mod differential;
mod laws;
mod minifuzz;
mod samples;
