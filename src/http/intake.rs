//! Reading the body of a request: so many bytes at most, and so much time.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::StatusCode;
use hyper::body::{Body, Frame};
use hyper::header::{CONNECTION, HeaderValue};
use tokio::time::timeout;

use super::answer::{self, Answer};

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has more bytes than the limit, in bytes.
    TooLarge(usize),
    /// It did not come in time.
    TooSlow,
    /// The client went away, or its chunks are malformed.
    Broken,
}

impl Refused {
    /// The refusal. The connection ends with it: what is left of the body would be read as the next request.
    pub fn answer(self) -> Answer {
        let mut answer = match self {
            Refused::TooLarge(limit) => {
                let message = format!("the body has more than {} KiB", limit / 1024);
                answer::error(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", &message)
            }
            Refused::TooSlow => {
                answer::error(StatusCode::REQUEST_TIMEOUT, "body_too_slow", "the body did not come in time")
            }
            Refused::Broken => answer::error(StatusCode::BAD_REQUEST, "broken_body", "the body ends before its end"),
        };
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        answer
    }
}

/// Reads a whole body of at most `limit` bytes within `time`. `waits` is set while it is being waited for.
///
/// # Errors
/// As [`Refused`] says.
pub async fn read<B>(mut body: B, limit: usize, time: Duration, waits: &AtomicBool) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > 2 * limit as u64 {
        return Err(Refused::TooLarge(limit));
    }
    match at_once(&mut body).await {
        Some(first) if body.is_end_stream() => within(limit, data(first)?),
        first => {
            waits.store(true, Ordering::Relaxed);
            let rest = timeout(time, collect(body, first, limit)).await;
            waits.store(false, Ordering::Relaxed);
            rest.unwrap_or(Err(Refused::TooSlow))
        }
    }
}

/// The first piece if it came with the head, as it does for every check in the field: that one costs no timer and no copy.
/// hyper reads a body only when asked, so that one more turn of the connection's task tells.
async fn at_once<B: Body + Unpin>(body: &mut B) -> Option<Option<Result<Frame<B::Data>, B::Error>>> {
    let mut is_second_turn = false;
    poll_fn(|context| match Pin::new(&mut *body).poll_frame(context) {
        Poll::Ready(frame) => Poll::Ready(Some(frame)),
        Poll::Pending if is_second_turn => Poll::Ready(None),
        Poll::Pending => {
            is_second_turn = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

type Piece<E> = Option<Result<Frame<Bytes>, E>>;

/// The bytes of a piece; none where it is the end, or a trailer.
fn data<E>(piece: Piece<E>) -> Result<Bytes, Refused> {
    let frame = piece.transpose().map_err(|_| Refused::Broken)?;
    Ok(frame.and_then(|frame| frame.into_data().ok()).unwrap_or_default())
}

fn within(limit: usize, bytes: Bytes) -> Result<Bytes, Refused> {
    if bytes.len() > limit { Err(Refused::TooLarge(limit)) } else { Ok(bytes) }
}

async fn collect<B>(mut body: B, first: Option<Piece<B::Error>>, limit: usize) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut whole = BytesMut::new();
    let mut is_over = matches!(first, Some(None));
    if let Some(first) = first {
        whole.extend_from_slice(&data(first)?);
    }
    while !is_over && whole.len() <= limit {
        let piece = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        is_over = piece.is_none();
        whole.extend_from_slice(&data(piece)?);
    }
    if whole.len() > limit {
        discard(body, limit).await;
    }
    within(limit, whole.freeze())
}

/// Reads on for as much again and drops it: the system cuts a connection that is closed with bytes unread, and a client
/// that was a little over the limit would not see why.
async fn discard<B>(mut body: B, most: usize)
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut dropped = 0;
    while dropped < most {
        match data(poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await) {
            Ok(piece) if !piece.is_empty() => dropped += piece.len(),
            _ => return,
        }
    }
}
