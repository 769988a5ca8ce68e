//! The flood as a process of its own, with a lower priority: what it takes itself is counted apart,
//! and taken from what the others leave.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::kinds::{ROUNDS, Rooms, scripts};
use super::line::{Line, Sent};
use crate::proc;

/// The first argument under which this program floods.
pub const COMMAND: &str = "flood";

/// A running flood.
pub struct Flood {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Flood {
    /// Begins, with a priority so much lower than this program's.
    pub fn start(kind: &str, nice: u64, port: u16, rooms: &Rooms) -> Self {
        let mut child = Command::new("nice")
            .args(["-n", &nice.to_string()])
            .arg(std::env::current_exe().expect("this program"))
            .args([COMMAND, kind, &port.to_string(), &rooms.full])
            .args(&rooms.plain)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("nice exists");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, said }
    }

    /// Processor time so far.
    pub fn cpu(&self) -> Duration {
        proc::cpu(self.child.id())
    }

    /// Ends it; gives what it says it did.
    pub fn stop(mut self) -> String {
        let mut orders = self.child.stdin.take().expect("piped");
        writeln!(orders, "stop").expect("the flood reads");
        let mut line = String::new();
        self.said.read_line(&mut line).expect("the flood speaks");
        line.trim().to_owned()
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        // Both fail harmlessly when it has already left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process: floods until it is told to stop.
pub fn run(arguments: &[String]) {
    let [kind, port, full, plain @ ..] = arguments else { panic!("a kind, a port and rooms") };
    let rooms = Rooms { full: full.clone(), plain: plain.to_vec() };
    let service = SocketAddr::from(([127, 0, 0, 1], port.parse().expect("a port")));
    let stopped = Arc::new(AtomicBool::new(false));
    let told = stopped.clone();
    std::thread::spawn(move || {
        // An end of orders is an order as well.
        let _ = std::io::stdin().read_line(&mut String::new());
        told.store(true, Ordering::Relaxed);
    });
    let lines = scripts(kind, &rooms).into_iter().zip(1..);
    let mut lines: Vec<_> = lines.map(|(script, number)| Line::new(script, number)).collect();
    let (mut sent, began) = (Sent::default(), Instant::now());
    if kind == "a busy program" {
        while !stopped.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
    }
    let (period, mut scratch) = (Duration::from_secs_f64(1.0 / ROUNDS), vec![0; 262_144]);
    while !stopped.load(Ordering::Relaxed) {
        let round = Instant::now();
        lines.iter_mut().for_each(|line| line.round(service, &mut sent, &mut scratch));
        std::thread::sleep(period.saturating_sub(round.elapsed()));
    }
    let seconds = began.elapsed().as_secs_f64();
    let [messages, bytes, opened, held_back] =
        [sent.messages, sent.bytes, sent.opened, sent.held_back].map(|n| n as f64 / seconds);
    let megabytes = bytes / 1e6;
    println!(
        "{messages:.0} messages a second sent, {held_back:.0} held back, {megabytes:.1} MB, \
         {opened:.0} connections opened"
    );
}
