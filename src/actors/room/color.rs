//! The colour of a person who did not choose one: the same in every room and after every reconnect.

use crate::domain::UserId;
use crate::protocol::text::Rgb;

/// Told apart by most eyes, readable on light and dark.
const PALETTE: [&str; 12] = [
    "#e6550d", "#3182bd", "#31a354", "#756bb1", "#d6336c", "#0b7285", "#b08900", "#5f3dc4",
    "#2b8a3e", "#c92a2a", "#1971c2", "#a61e4d",
];

/// A person's colour.
pub(super) fn color_of(user: &UserId) -> Rgb {
    let sum = user.as_str().bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    Rgb(PALETTE[sum as usize % PALETTE.len()].to_owned())
}
