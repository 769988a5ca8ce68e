//! Messages that come in several frames (RFC 6455, section 5.4), put together under one bound.

use actix_http::ws::Item;
use bytes::{Bytes, BytesMut};

/// A message whose last fragment has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Whole {
    /// Of text frames; not yet known to be UTF-8.
    Text(Bytes),
    /// Of binary frames.
    Binary(Bytes),
}

/// The message is larger than it may be. It can't go on: close with 1009.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

/// The fragments of one connection.
#[derive(Debug)]
pub struct Fragments {
    most: usize,
    partial: Option<(Make, BytesMut)>,
}

type Make = fn(Bytes) -> Whole;

impl Fragments {
    /// Messages of at most `most` bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, partial: None }
    }

    /// Takes the next fragment. A continuation of nothing is skipped: the codec refuses it before.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn push(&mut self, item: Item) -> Result<Option<Whole>, TooLarge> {
        let (bytes, last) = match item {
            Item::FirstText(bytes) => (self.begin(Whole::Text, bytes), false),
            Item::FirstBinary(bytes) => (self.begin(Whole::Binary, bytes), false),
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some((_, partial)) = &mut self.partial else { return Ok(None) };
        if partial.len() + bytes.len() > self.most {
            return Err(TooLarge);
        }
        partial.extend_from_slice(&bytes);
        if !last {
            return Ok(None);
        }
        Ok(self.partial.take().map(|(make, whole)| make(whole.freeze())))
    }

    fn begin(&mut self, make: Make, bytes: Bytes) -> Bytes {
        self.partial = Some((make, BytesMut::new()));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_become_one_message_of_their_first_ones_kind() {
        let mut fragments = Fragments::new(6);
        assert_eq!(fragments.push(Item::FirstText("ab".into())), Ok(None));
        assert_eq!(fragments.push(Item::Continue("cd".into())), Ok(None));
        let whole = fragments.push(Item::Last("ef".into()));
        assert_eq!(whole, Ok(Some(Whole::Text("abcdef".into()))));

        assert_eq!(fragments.push(Item::FirstBinary("x".into())), Ok(None));
        assert_eq!(fragments.push(Item::Last("".into())), Ok(Some(Whole::Binary("x".into()))));
    }

    #[test]
    fn together_they_are_bounded_as_one_frame_is() {
        let mut fragments = Fragments::new(3);
        assert_eq!(fragments.push(Item::FirstText("ab".into())), Ok(None));
        assert_eq!(fragments.push(Item::Last("cd".into())), Err(TooLarge));
    }
}
