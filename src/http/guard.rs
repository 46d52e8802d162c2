//! A socket that no client can hold open: hyper times neither slow heads, nor idle connections, nor slow readers without a
//! timer per request.
//!
//! One timer per connection serves all. It is never moved later, only looked at when it fires, so that a request that comes
//! and goes costs it a look at the clock.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::patient::Patient;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From when the rest of a head is first missed to its last byte, and from the connection to the first byte.
    pub head: Duration,
    /// From an answer to the next request.
    pub idle: Duration,
    /// The window in which a client that reads slowly must take `floor` bytes. A long one: TCP opens its own in lumps.
    pub window: Duration,
    /// Bytes.
    pub floor: usize,
}

/// A socket with [`Patience`]. A client that has used it up gets [`ErrorKind::TimedOut`], which ends its connection.
#[derive(Debug)]
pub struct Guard<S> {
    socket: S,
    patience: Patience,
    /// Someone else's clock runs: that of whoever reads a body.
    is_excused: Arc<AtomicBool>,
    reading: Reading,
    sending: Option<Window>,
    /// Bytes that were written since others had their turn.
    turn: usize,
    timer: Timer,
}

/// Bytes that a connection may write before it lets others have its thread: less than a millisecond of copying. A client
/// that takes as fast as we send would keep it for all of a bundle.
const TURN: usize = 4 << 20;

/// Bytes of an answer that is written in one piece: to copy so few costs less than a list of pieces costs the system.
const SMALL: usize = 1024;

/// The pieces as one, where there is room for them.
fn joined<'r>(pieces: &[IoSlice<'_>], room: &'r mut [u8; SMALL]) -> Option<&'r [u8]> {
    let mut end = 0;
    for piece in pieces {
        let begin = end;
        end += piece.len();
        room.get_mut(begin..end)?.copy_from_slice(piece);
    }
    room.get(..end)
}

/// What the next byte of the client would be.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// The first of a request; the answer before it went out. Waiting begins with the first look.
    Idle(Option<Instant>),
    /// One more of a request. A head that came with the end of the request before counts as idle: it is hyper's already.
    /// Waiting begins with the first look at which more is missing, as most heads come whole.
    Head(Option<Instant>),
}

/// While the client's side is full.
#[derive(Clone, Copy, Debug)]
struct Window {
    ends: Instant,
    taken: usize,
}

impl<S> Guard<S> {
    /// Guards a new connection. While `is_excused` is true nothing is asked of who sends.
    pub fn new(socket: S, patience: Patience, is_excused: Arc<AtomicBool>) -> Self {
        let reading = Reading::Head(Some(Instant::now()));
        Guard { socket, patience, is_excused, reading, sending: None, turn: 0, timer: Timer::default() }
    }

    fn received(&mut self) {
        if let Reading::Idle(_) = self.reading {
            self.reading = Reading::Head(None);
        }
    }

    /// Nothing came: fails once nothing came for too long.
    fn must_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let deadline = match &mut self.reading {
            _ if self.is_excused.load(Ordering::Relaxed) => return Poll::Pending,
            Reading::Idle(since) => *since.get_or_insert_with(Instant::now) + self.patience.idle,
            Reading::Head(since) => *since.get_or_insert_with(Instant::now) + self.patience.head,
        };
        ready!(self.timer.passes(deadline, context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }

    fn sent(&mut self, bytes: usize) {
        self.reading = Reading::Idle(None);
        if let Some(window) = &mut self.sending {
            window.taken += bytes;
            if window.taken >= self.patience.floor {
                self.sending = None;
            }
        }
    }

    /// Nothing more can be sent now: fails once too little was for too long.
    fn must_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let length = self.patience.window;
        let window = self.sending.get_or_insert_with(|| Window { ends: Instant::now() + length, taken: 0 });
        ready!(self.timer.passes(window.ends, context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }

    /// Waits until everyone else who is ready was served, where it has written much.
    fn let_others(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.turn < TURN {
            return Poll::Ready(());
        }
        self.turn = 0;
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn after_write(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.sent(bytes);
                self.turn += bytes;
                Poll::Ready(Ok(bytes))
            }
            Poll::Pending => {
                self.turn = 0;
                self.must_send(context)
            }
            failed => failed,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buf);
        if read.is_pending() {
            return self.must_receive(context);
        }
        if buf.filled().len() > before {
            self.received();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.let_others(context));
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.after_write(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.let_others(context));
        let mut room = [0; SMALL];
        let socket = Pin::new(&mut self.socket);
        let written = match joined(slices, &mut room) {
            Some(bytes) => socket.poll_write(context, bytes),
            None => socket.poll_write_vectored(context, slices),
        };
        self.after_write(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// hyper flushes once all is written: then nothing is owed, and the next answer begins with a window of its own.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.sending = None;
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// Wakes the connection at some time up to the deadline that counts.
#[derive(Debug, Default)]
struct Timer(Option<Patient<Sleep>>);

impl Timer {
    fn passes(&mut self, deadline: Instant, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Patient::new(sleep_until(deadline)));
        if sleep.future().deadline() > deadline {
            sleep.change().reset(deadline);
        }
        while sleep.poll(context, |sleep| !sleep.is_elapsed()).is_ready() {
            if sleep.future().deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.change().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const PATIENCE: Patience = Patience {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(75),
        window: Duration::from_secs(30),
        floor: 30 * 1024,
    };

    fn guarded() -> (Guard<DuplexStream>, DuplexStream, Arc<AtomicBool>) {
        let (ours, theirs) = duplex(1024);
        let is_excused = Arc::new(AtomicBool::new(false));
        (Guard::new(ours, PATIENCE, Arc::clone(&is_excused)), theirs, is_excused)
    }

    #[test]
    fn pieces_are_joined_where_there_is_room() {
        for lengths in [&[][..], &[5], &[0, 3, 0], &[300, 724], &[300, 725], &[1025], &[5000, 1]] {
            let pieces: Vec<Vec<u8>> = lengths.iter().zip(1..).map(|(length, byte)| vec![byte; *length]).collect();
            let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
            let whole = pieces.concat();
            let expected = (whole.len() <= SMALL).then_some(&*whole);
            assert_eq!(joined(&slices, &mut [0; SMALL]), expected, "{lengths:?}");
        }
    }

    /// A socket that takes everything, and counts how.
    #[derive(Default)]
    struct Counting {
        plain: usize,
        vectored: usize,
    }

    impl AsyncWrite for Counting {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.plain += 1;
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.vectored += 1;
            Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_answer_is_written_as_one_and_a_large_one_in_pieces_and_in_turns() {
        let mut guard = Guard::new(Counting::default(), PATIENCE, Arc::default());
        let (head, small, large) = ([1; 300], [2; 300], vec![3; TURN]);
        let mut context = Context::from_waker(Waker::noop());
        let mut write = |body: &[u8]| {
            let slices = [IoSlice::new(&head), IoSlice::new(body)];
            let written = Pin::new(&mut guard).poll_write_vectored(&mut context, &slices);
            let written = if let Poll::Ready(Ok(bytes)) = written { Some(bytes) } else { None };
            (written, guard.socket.plain, guard.socket.vectored)
        };
        assert_eq!(write(&small), (Some(600), 1, 0));
        assert_eq!(write(&large), (Some(300 + TURN), 1, 1));
        assert_eq!(write(&large), (None, 1, 1), "others come first");
        assert_eq!(write(&large), (Some(300 + TURN), 1, 2));
    }

    async fn read_fails_after(guard: &mut Guard<DuplexStream>) -> Duration {
        let start = Instant::now();
        let mut byte = [0];
        loop {
            if let Err(e) = guard.read_exact(&mut byte).await {
                assert_eq!(e.kind(), ErrorKind::TimedOut);
                return start.elapsed();
            }
        }
    }

    fn about(seconds: u64) -> std::ops::Range<Duration> {
        Duration::from_secs(seconds)..Duration::from_millis(seconds * 1000 + 50)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_has_as_long_as_for_a_head() {
        let (mut guard, _theirs, _) = guarded();
        assert!(about(10).contains(&read_fails_after(&mut guard).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_must_end_however_steadily_it_drips() {
        let (mut guard, mut theirs, _) = guarded();
        let drip = tokio::spawn(async move {
            while theirs.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        });
        let patience = Duration::from_secs(60);
        let failed = tokio::time::timeout(patience, read_fails_after(&mut guard)).await;
        assert!(failed.is_ok_and(|after| about(10).contains(&after)));
        drop(guard);
        drip.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_there_is_more_time() {
        let (mut guard, mut theirs, _) = guarded();
        for _ in 0..3 {
            theirs.write_all(b"request").await.unwrap();
            guard.read_exact(&mut [0; 7]).await.unwrap();
            guard.write_all(b"answer").await.unwrap();
            tokio::select! {
                _ = read_fails_after(&mut guard) => panic!("idle for too short a time"),
                () = tokio::time::sleep(Duration::from_secs(74)) => {}
            }
        }
        theirs.write_all(b"r").await.unwrap();
        assert!(about(10).contains(&read_fails_after(&mut guard).await), "from the first byte of the next head");

        let (mut guard, _theirs, _) = guarded();
        guard.write_all(b"answer").await.unwrap();
        assert!(about(75).contains(&read_fails_after(&mut guard).await));
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_a_body_has_a_clock_of_its_own() {
        let (mut guard, _theirs, is_excused) = guarded();
        is_excused.store(true, Ordering::Relaxed);
        tokio::select! {
            _ = read_fails_after(&mut guard) => panic!("not excused"),
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
        }
    }

    /// Sends a mebibyte to a client that takes so many bytes a second.
    async fn sent_at(rate: usize) -> io::Result<Duration> {
        let (mut guard, mut theirs, _) = guarded();
        let reader = async {
            while theirs.read_exact(&mut vec![0; rate]).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            std::future::pending::<()>().await
        };
        let start = Instant::now();
        tokio::select! {
            written = guard.write_all(&[0; 1024 * 1024]) => written.map(|()| start.elapsed()),
            () = reader => unreachable!("the reader goes on for ever"),
        }
    }

    #[tokio::test]
    async fn much_that_is_written_at_once_lets_others_have_a_turn() {
        let mut guard = Guard::new(tokio::io::sink(), PATIENCE, Arc::default());
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut write = |bytes: usize| Pin::new(&mut guard).poll_write(&mut context, &vec![0; bytes]).is_ready();
        assert!(write(TURN - 1) && write(1));
        assert!(!write(1), "the others' turn");
        assert!(write(TURN) && !write(1) && write(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_above_the_floor_is_served_to_the_end() {
        assert!(sent_at(2048).await.unwrap() > Duration::from_secs(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_below_the_floor_is_let_go() {
        assert_eq!(sent_at(512).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_is_let_go_after_one_window() {
        let (mut guard, _theirs, _) = guarded();
        let start = Instant::now();
        guard.write_all(&vec![0; 4096]).await.unwrap_err();
        assert!(about(30).contains(&start.elapsed()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_went_out_owes_nothing() {
        let (mut guard, mut theirs, _) = guarded();
        for _ in 0..3 {
            tokio::try_join!(guard.write_all(&[0; 2048]), async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                theirs.read_exact(&mut [0; 2048]).await
            })
            .unwrap();
            guard.flush().await.unwrap();
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    }
}
