//! What waits for one client, in order. Nearly always that is nothing or one thing, which needs no memory
//! beside the queue's own: in a large room each further piece is one that the processor has to fetch.

use std::collections::VecDeque;

use super::Out;

/// Things that an empty queue keeps memory for.
const KEPT: usize = 16;

/// The queue. What is not first waits in `rest`, which is empty while nothing is first.
#[derive(Debug, Default)]
pub(super) struct Fifo {
    first: Option<Out>,
    rest: VecDeque<Out>,
}

impl Fifo {
    /// Puts it behind all others.
    pub(super) fn push(&mut self, out: Out) {
        if self.first.is_none() {
            self.first = Some(out);
        } else {
            self.rest.push_back(out);
        }
    }

    /// Takes out the first.
    pub(super) fn pop(&mut self) -> Option<Out> {
        let out = self.first.take()?;
        self.first = self.rest.pop_front();
        if self.first.is_none() && self.rest.capacity() > KEPT {
            self.rest = VecDeque::new();
        }
        Some(out)
    }

    /// What [`Fifo::pop`] would take.
    pub(super) fn first(&self) -> Option<&Out> {
        self.first.as_ref()
    }

    /// How much waits.
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Instant;
    use crate::protocol::server::{Pong, ServerMessage, encode};
    use crate::protocol::text::Text;

    fn frame(n: i64) -> Out {
        let server_time = Text(Instant(n));
        Out::Frame(encode(None, &ServerMessage::Pong(Pong { server_time })))
    }

    fn number(out: Option<&Out>) -> Option<String> {
        out.map(|out| match out {
            Out::Frame(frame) => frame.json().to_string(),
            Out::Ping | Out::Close(_) => panic!("none was put in"),
        })
    }

    #[test]
    fn what_comes_first_goes_first_however_they_come() {
        let (mut queue, mut wanted) = (Fifo::default(), VecDeque::new());
        for n in 0..200 {
            queue.push(frame(n));
            wanted.push_back(frame(n));
            assert_eq!(queue.len(), wanted.len());
            for _ in 0..n % 3 {
                let (first, expected) = (number(queue.first()), number(wanted.front()));
                assert_eq!(first, expected);
                assert_eq!(number(queue.pop().as_ref()), number(wanted.pop_front().as_ref()));
            }
        }
        assert_eq!(queue.is_empty(), wanted.is_empty());
    }

    #[test]
    fn the_memory_of_many_is_not_kept() {
        let mut queue = Fifo::default();
        for n in 0..100 {
            queue.push(frame(n));
        }
        while queue.pop().is_some() {}
        assert!(queue.is_empty());
        assert!(queue.rest.capacity() <= KEPT);
    }
}
