//! What wakes one connection's task from outside, but for its queue: its socket actor has something to do, or
//! the connection is to be cut. An actor in an HTTP response body stands
//! still while its client does not read (actix-web issue 2441); its connection's carrier does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

use actix_http::Extensions;
use futures_util::task::{ArcWake, AtomicWaker, waker};

/// The signals of one connection. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Signal(Arc<State>);

#[derive(Debug)]
struct State {
    task: AtomicWaker,
    /// Whether the connection is to be cut.
    killed: AtomicBool,
    /// Whether the socket actor was woken; at first it has to start.
    due: AtomicBool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            task: AtomicWaker::new(),
            killed: AtomicBool::new(false),
            due: AtomicBool::new(true),
        }
    }
}

impl Signal {
    /// The one of a request's connection; none where the connection can't be switched to another
    /// protocol, such as after a request with a chunked body.
    #[must_use]
    pub fn of(request: &Extensions) -> Option<Self> {
        request.get::<Self>().cloned()
    }

    /// Cuts the connection in both directions, whatever its socket actor is doing; what is not written
    /// yet is lost.
    pub fn kill(&self) {
        self.0.killed.store(true, Ordering::Release);
        self.0.task.wake();
    }

    /// Whether the connection is to be cut; else the caller's task is woken when it is.
    pub(super) fn poll_killed(&self, cx: &mut Context<'_>) -> bool {
        self.0.task.register(cx.waker());
        self.0.killed.load(Ordering::Acquire)
    }

    /// Whether the socket actor was woken since it was asked last; else the caller's task is woken when
    /// it is.
    pub(super) fn poll_due(&self, cx: &mut Context<'_>) -> bool {
        self.0.task.register(cx.waker());
        self.0.due.load(Ordering::Acquire) && self.0.due.swap(false, Ordering::AcqRel)
    }

    /// The socket actor is to be asked again.
    pub(super) fn set_due(&self) {
        self.0.due.store(true, Ordering::Release);
    }

    /// What the socket actor is to be woken by.
    pub(super) fn waker(&self) -> Waker {
        waker(self.0.clone())
    }
}

impl ArcWake for State {
    fn wake_by_ref(state: &Arc<Self>) {
        state.due.store(true, Ordering::Release);
        state.task.wake();
    }
}
