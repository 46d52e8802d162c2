//! Waiting for what rarely comes, in a task that is often woken for something else.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::has_budget_remaining;

/// A future that is polled again only where it may be ready, or where somebody else is to be woken: who waits for it beside a
/// busy socket pays a look, not a turn.
#[derive(Debug)]
pub struct Patient<F> {
    future: Pin<Box<F>>,
    /// Whom the future wakes.
    wakes: Option<Waker>,
}

impl<F: Future> Patient<F> {
    pub fn new(future: F) -> Self {
        Patient { future: Box::pin(future), wakes: None }
    }

    pub fn future(&self) -> &F {
        &self.future
    }

    /// The future, to be changed. It is polled the next time whatever it says of itself.
    pub fn change(&mut self) -> Pin<&mut F> {
        self.wakes = None;
        self.future.as_mut()
    }

    /// Polls, unless the future has yet to wake this very task. `is_waiting` must be false from when it wakes on.
    ///
    /// A future of tokio does nothing where the task has used up its turn, and has it polled again at once: of such a poll
    /// nobody knows whether the future took note of whom to wake.
    pub fn poll(&mut self, context: &mut Context<'_>, is_waiting: impl FnOnce(&F) -> bool) -> Poll<F::Output> {
        let wakes_us = self.wakes.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if wakes_us && is_waiting(&self.future) {
            return Poll::Pending;
        }
        let polled = self.future.as_mut().poll(context);
        self.wakes = (polled.is_pending() && has_budget_remaining()).then(|| context.waker().clone());
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::Duration;

    use tokio::task::coop::consume_budget;
    use tokio::time::{Instant, sleep, sleep_until, timeout};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn polls_first_then_where_it_may_be_ready_and_for_another_task() {
        let polls = Cell::new(0);
        let mut patient = Patient::new(poll_fn(|_| {
            polls.set(polls.get() + 1);
            if polls.get() < 4 { Poll::Pending } else { Poll::Ready(7) }
        }));
        let mut poll = |waker: &Waker, is_waiting: bool| {
            let polled = patient.poll(&mut Context::from_waker(waker), |_| is_waiting);
            (polled, polls.get())
        };
        let (one, other) = (Waker::from(Arc::new(Woken::default())), Waker::from(Arc::new(Woken::default())));
        assert_eq!(poll(&one, true), (Poll::Pending, 1), "the first time");
        assert_eq!(poll(&one, true), (Poll::Pending, 1), "not again");
        assert_eq!(poll(&one, false), (Poll::Pending, 2), "it may be ready");
        assert_eq!(poll(&one, true), (Poll::Pending, 2));
        assert_eq!(poll(&other, true), (Poll::Pending, 3), "another task is to be woken");
        assert_eq!(poll(&other, true), (Poll::Pending, 3));
        assert_eq!(poll(&other, false), (Poll::Ready(7), 4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_without_a_turn_left_does_not_lose_its_clock() {
        let waits = async {
            let mut patient = Patient::new(sleep(Duration::from_secs(10)));
            let mut is_first = true;
            poll_fn(|context| {
                while is_first && has_budget_remaining() {
                    let _ = pin!(consume_budget()).poll(context);
                }
                is_first = false;
                patient.poll(context, |sleep| !sleep.is_elapsed())
            })
            .await;
        };
        timeout(Duration::from_secs(3600), waits).await.expect("woken after ten seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_changed_is_polled_again() {
        let start = Instant::now();
        let mut patient = Patient::new(sleep_until(start + Duration::from_secs(60)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(patient.poll(&mut context, |sleep| !sleep.is_elapsed()).is_pending());
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        patient.change().reset(start + Duration::from_secs(1));
        let mut context = Context::from_waker(&waker);
        assert!(patient.poll(&mut context, |sleep| !sleep.is_elapsed()).is_pending());
        sleep(Duration::from_secs(2)).await;
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(patient.poll(&mut context, |sleep| !sleep.is_elapsed()).is_ready());
    }
}
