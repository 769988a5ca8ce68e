//! Questions of the server.

use std::time::Duration;

use kyo_collaboration::socketio::{AskError, Config};

use crate::support::{Server, Ws, settings, within};

const HOUR: Duration = Duration::from_secs(3_600);

#[actix_web::test]
async fn a_client_answers_the_servers_question_once() {
    let mut server = Server::start().await;
    let (mut ws, guest) = Ws::joined(&mut server).await;
    let first = guest.socket.ask("q", vec!["1".into()], Vec::new(), HOUR);
    assert_eq!(ws.text().await, "420[\"q\",1]");
    let place = "{\"_placeholder\":true,\"num\":0}";
    let second = guest.socket.ask("q", vec![place.into()], vec!["x".into()], HOUR);
    assert_eq!(ws.text().await, format!("451-1[\"q\",{place}]"));
    assert_eq!(ws.binary().await, b"x");

    ws.send(&format!("461-1[{place}]")).await;
    ws.send_binary(b"y").await;
    let answer = within("an answer", second).await.unwrap().unwrap();
    assert_eq!(answer, (vec![place.into()], vec!["y".into()]));
    // To nobody, again, and without a number: skipped.
    for skipped in ["431[2]", "437[]", "43[]", "430[\"a\",2]"] {
        ws.send(skipped).await;
    }
    let answer = within("an answer", first).await.unwrap().unwrap();
    assert_eq!(answer, (vec!["\"a\"".into(), "2".into()], vec![]));
}

#[actix_web::test]
async fn a_question_is_given_up_in_time_and_with_its_client() {
    let mut server = Server::start().await;
    let (mut ws, guest) = Ws::joined(&mut server).await;
    let patience = Duration::from_millis(50);
    let hasty = guest.socket.ask("q", Vec::new(), Vec::new(), patience);
    assert_eq!(within("a failure", hasty).await.unwrap(), Err(AskError::TimedOut));
    let patient = guest.socket.ask("q", Vec::new(), Vec::new(), HOUR);
    assert_eq!(ws.text().await, "420[\"q\"]");
    assert_eq!(ws.text().await, "421[\"q\"]");
    ws.send("430[]").await;
    ws.send("41").await;
    assert!(within("a failure", patient).await.is_err());
}

#[actix_web::test]
async fn questions_are_bounded() {
    let (engine, socket) = settings();
    let mut server = Server::with(engine, Config { most_asked: 1, ..socket }).await;
    let (_ws, guest) = Ws::joined(&mut server).await;
    let _first = guest.socket.ask("q", Vec::new(), Vec::new(), HOUR);
    let second = guest.socket.ask("q", Vec::new(), Vec::new(), HOUR);
    assert_eq!(within("a failure", second).await.unwrap(), Err(AskError::Busy));
}
