//! The WebSocket of a session that another replica keeps: bytes in both directions, of which nothing
//! is understood here. Ends with either side. At any time a few pieces of what the owner sends are
//! kept; a client that does not read stops the owner, who finds it slow as it would without a tunnel.
//! When this replica goes away the client is closed at a moment of its own, between two of the owner's
//! frames.

use std::convert::Infallible;
use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason};
use actix_web::http::header::SEC_WEBSOCKET_KEY;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::forward::{CONNECT, FORWARDED, Pass};
use crate::engineio::handler::Cut;
use crate::engineio::leaving::Tunnel;
use crate::engineio::neighbours::Address;
use crate::websocket::{Bounds, close_frame};

/// For the owner to say whether it takes the WebSocket.
const ANSWER: Duration = Duration::from_secs(5);
/// Bytes of the longest such answer.
const LONGEST_HEAD: usize = 8 * 1024;
/// What an owner that takes it answers.
const TAKEN: &[u8] = b"HTTP/1.1 101 ";
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// Bytes read at once.
const PIECE: usize = 2 * 1024;
/// Pieces that wait for the client.
const WAITING: usize = 4;

/// A connection on which the owner has taken a WebSocket.
pub(super) struct Taken {
    owner: TcpStream,
    /// What it has said since.
    first: Bytes,
}

/// Asks the owner for the WebSocket that `request` is about; `None` when it gives none.
pub(super) async fn dial(address: &Address, request: &HttpRequest) -> Option<Taken> {
    let connecting = timeout(CONNECT, TcpStream::connect(address.place()));
    let mut owner = connecting.await.ok()?.ok()?;
    owner.set_nodelay(true).ok();
    let head = head(address, request)?;
    timeout(ANSWER, async {
        owner.write_all(head.as_bytes()).await.ok()?;
        let first = read_answer(&mut owner).await?;
        Some(Taken { owner, first })
    })
    .await
    .ok()?
}

/// The request as the owner gets it. Where it comes from was looked at here, so it names no origin.
fn head(address: &Address, request: &HttpRequest) -> Option<String> {
    let target = request.uri().path_and_query()?;
    let key = request.headers().get(SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    Some(format!(
        "GET {target} HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n{FORWARDED}: 1\r\n\r\n",
        address.authority()
    ))
}

/// Reads to the end of the answer's head; gives what follows it.
async fn read_answer(owner: &mut TcpStream) -> Option<Bytes> {
    let mut read = BytesMut::with_capacity(PIECE);
    loop {
        if let Some(end) = read.windows(END_OF_HEAD.len()).position(|part| part == END_OF_HEAD) {
            let head = read.split_to(end + END_OF_HEAD.len());
            return head.starts_with(TAKEN).then(|| read.freeze());
        }
        if read.len() > LONGEST_HEAD || owner.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

/// Begins to carry bytes: the client's come from `payload`, the owner's out of the stream. A client
/// that takes nothing for as long as `patience` is cut off.
pub(super) fn open(
    Taken { owner, first }: Taken,
    payload: web::Payload,
    patience: Duration,
    cut: Option<Cut>,
    (pass, tunnel): (Pass, Tunnel),
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let (pieces, mut waiting) = mpsc::channel(WAITING);
    let (from, to) = owner.into_split();
    actix::spawn(async move {
        let end = tokio::select! {
            end = to_client(from, first, pieces, patience, &tunnel) => end,
            () = to_owner(payload, to) => End::Over,
        };
        if let (End::Stuck, Some(cut)) = (end, cut) {
            cut();
        }
        drop((pass, tunnel));
    });
    stream::poll_fn(move |cx| waiting.poll_recv(cx).map(|piece| piece.map(Ok)))
}

enum End {
    Over,
    Stuck,
}

async fn to_client(
    mut owner: OwnedReadHalf,
    mut piece: Bytes,
    pieces: mpsc::Sender<Bytes>,
    patience: Duration,
    tunnel: &Tunnel,
) -> End {
    let (mut bounds, mut status) = (Bounds::default(), None);
    let mut moment = std::pin::pin!(tunnel.moment());
    loop {
        while !piece.is_empty() {
            let next = piece.split_to(piece.len().min(PIECE));
            bounds.pass(&next);
            match timeout(patience, pieces.send(next)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return End::Over,
                Err(_) => return End::Stuck,
            }
        }
        if let Some(status) = status
            && bounds.is_between()
        {
            let reason = CloseReason::from(CloseCode::Other(status));
            let closed = timeout(patience, pieces.send(close_frame(Some(reason)))).await;
            return if closed.is_ok() { End::Over } else { End::Stuck };
        }
        let mut read = BytesMut::with_capacity(PIECE);
        let count = tokio::select! {
            count = owner.read_buf(&mut read) => count,
            () = pieces.closed() => return End::Over,
            due = &mut moment, if status.is_none() => {
                status = Some(due);
                continue;
            }
        };
        if count.is_ok_and(|count| count > 0) {
            piece = read.freeze();
        } else {
            return End::Over;
        }
    }
}

async fn to_owner(mut payload: web::Payload, mut owner: OwnedWriteHalf) {
    while let Some(Ok(bytes)) = payload.next().await {
        if owner.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
