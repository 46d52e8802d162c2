//! Telling all connections that the server stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Context;

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use super::patient::Patient;

/// Says once that the server stops.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    is_said: Arc<AtomicBool>,
    heard: Arc<Notify>,
}

impl Stop {
    /// Tells everyone who listens now, and who will.
    pub fn say(&self) {
        self.is_said.store(true, Ordering::Relaxed);
        self.heard.notify_waiters();
    }

    /// One who listens.
    pub fn listener(&self) -> Listener {
        let heard = Arc::clone(&self.heard).notified_owned();
        Listener { is_said: Arc::clone(&self.is_said), heard: Patient::new(heard), was_told: false }
    }
}

/// Listens for [`Stop`], at the price of one look as long as nothing is said.
#[derive(Debug)]
pub struct Listener {
    is_said: Arc<AtomicBool>,
    heard: Patient<OwnedNotified>,
    was_told: bool,
}

impl Listener {
    /// Whether the server stops: true once, the first time that it is so. Until then the task is woken when it is said.
    pub fn hears(&mut self, context: &mut Context<'_>) -> bool {
        if self.was_told {
            return false;
        }
        let is_said = || self.is_said.load(Ordering::Relaxed);
        // whoever began to listen after it was said sees that it was: the lock of who is notified lies between
        self.was_told = self.heard.poll(context, |_| !is_said()).is_ready() || is_said();
        self.was_told
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::{Poll, Waker};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn wakes_who_listens_and_tells_who_comes_late() {
        let stop = Stop::default();
        let mut listener = stop.listener();
        let hears = |listener: &mut Listener| listener.hears(&mut Context::from_waker(Waker::noop()));
        assert!(!hears(&mut listener) && !hears(&mut listener));
        let mut other = stop.listener();
        let waits = tokio::spawn(async move {
            poll_fn(|context| if other.hears(context) { Poll::Ready(()) } else { Poll::Pending }).await;
            other
        });
        tokio::task::yield_now().await;
        stop.say();
        let mut other = timeout(Duration::from_secs(60), waits).await.expect("woken").unwrap();
        assert!(!hears(&mut other), "told once");
        assert!(hears(&mut listener) && !hears(&mut listener));
        assert!(hears(&mut stop.listener()), "one who comes late");
    }
}
