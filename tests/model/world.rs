//! One step in the making: the state it changes and the setting it happens in. The rooms' steps
//! (`room.rs`), the clients' (`client.rs`) and the faults (`faults.rs`) are written on it.

use super::setting::Setting;
use super::state::State;

/// A state that is being changed.
pub struct World<'a> {
    /// The bounds, and what is left out.
    pub setting: &'a Setting,
    /// Everything.
    pub state: &'a mut State,
}
