//! Out of a namespace.

use kyo_collaboration::socketio::Left;

use crate::support::{Server, Ws};

#[actix_web::test]
async fn a_client_leaves_one_namespace_and_stays_in_the_other() {
    let mut server = Server::start().await;
    let (mut ws, mut main) = Ws::joined(&mut server).await;
    ws.send("40/custom").await;
    let mut custom = server.guest().await;
    assert!(ws.text().await.starts_with("40/custom,"));
    ws.send("41/custom").await;
    ws.send("42[\"still here\"]").await;
    assert_eq!(custom.leaves().await, Left::ByClient);
    assert_eq!(main.event().await.name, "still here");
}

#[actix_web::test]
async fn a_client_that_leaves_the_last_namespace_keeps_its_transport() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send("41").await;
    assert_eq!(guest.leaves().await, Left::ByClient);
    ws.send("40").await;
    server.guest().await;
    assert!(ws.text().await.starts_with("40{"));
}

#[actix_web::test]
async fn the_server_puts_a_client_out_of_one_namespace() {
    let mut server = Server::start().await;
    let (mut ws, mut main) = Ws::joined(&mut server).await;
    ws.send("40/custom").await;
    let mut custom = server.guest().await;
    assert!(ws.text().await.starts_with("40/custom,"));
    custom.socket.disconnect();
    assert_eq!(ws.text().await, "41/custom,");
    assert_eq!(custom.leaves().await, Left::ByServer);
    main.socket.disconnect();
    assert_eq!(ws.text().await, "41");
    assert_eq!(main.leaves().await, Left::ByServer);

    // What is left of the old handle does not reach a new stay.
    ws.send("40").await;
    let again = server.guest().await;
    assert!(ws.text().await.starts_with("40{"));
    main.socket.disconnect();
    again.socket.disconnect();
    assert_eq!(ws.text().await, "41");
}
