//! The hot paths: named pieces of work that every operation, cursor or join goes through. What times
//! them (`benches/micro.rs`) and what counts their instructions (`benches/instructions`) have the
//! same names for the same work, and differ only in their [`Bench`].

mod desk;
mod fanout;
mod rules;
mod state;
mod wire;

/// What is done with a piece of work.
pub trait Bench {
    /// Does `work` again and again, each time on a fresh `input`, in the order of their making.
    /// Making inputs and dropping what comes out are no part of the work.
    fn work<I, O>(&mut self, input: impl FnMut() -> I, work: impl FnMut(I) -> O);

    /// The same for what goes through a whole timetable, and is the same each time.
    fn whole<O>(&mut self, work: impl FnMut() -> O);
}

/// A name, and how its work is prepared and handed to a bench.
pub type HotPath<B> = (&'static str, fn(&mut B));

/// All of them, in the order of an operation's way through a room. Rooms have 1,000 courses.
pub fn paths<B: Bench>() -> [HotPath<B>; 21] {
    [
        ("decode a move, JSON", wire::decode_json),
        ("decode a move, MessagePack", wire::decode_msgpack),
        ("decode a cursor, JSON", wire::decode_cursor),
        ("decide a move", rules::decide_move),
        ("refuse a move with suggestions", rules::refuse_move),
        ("encode an event's record", wire::encode_record),
        ("decode an event's record", wire::decode_record),
        ("evolve by a move", rules::evolve_move),
        ("decide and evolve a move", rules::decide_and_evolve),
        ("digest", state::digest),
        ("encode an ack", wire::encode_ack),
        ("encode events, JSON", wire::events_json),
        ("encode events, MessagePack", wire::events_msgpack),
        ("encode events, Socket.IO", wire::events_socketio),
        ("encode presence of 20 cursors", wire::encode_presence),
        ("fan-out to 20", fanout::to_20),
        ("fan-out to 1000", fanout::to_1000),
        ("clone", state::clone),
        ("encode a snapshot for clients", state::encode_for_clients),
        ("encode a snapshot for the store", state::encode_for_store),
        ("decode a snapshot of the store", state::decode_of_store),
    ]
}
