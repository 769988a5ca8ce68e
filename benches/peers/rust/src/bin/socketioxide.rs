//! socketioxide behind axum: rooms, operations acknowledged once they are handed on, pointers. Nothing
//! is kept and nothing checked.

use std::time::Duration;

use serde_json::{Value, json};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (layer, io) =
        SocketIo::builder().ping_interval(Duration::from_secs(300)).build_layer();
    io.ns("/", async |socket: SocketRef| {
        socket.on("join", async |socket: SocketRef, Data::<String>(room), ack: AckSender| {
            socket.join(room);
            ack.send(&json!({"joined": true})).ok();
        });
        socket.on("edit", async |socket: SocketRef, Data::<Value>(edit), ack: AckSender| {
            for room in socket.rooms() {
                socket.within(room).emit("edit", &edit).await.ok();
            }
            ack.send(&json!({"ack": edit["edit"]})).ok();
        });
        socket.on("cursor", async |socket: SocketRef, Data::<Value>(cursor)| {
            for room in socket.rooms() {
                socket.to(room).emit("cursor", &cursor).await.ok();
            }
        });
    });
    let port = std::env::var("PORT")?.parse::<u16>()?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, axum::Router::new().layer(layer)).await?;
    Ok(())
}
