//! The floor of a fan-out: a process that does nothing but `write` the same bytes to each of N
//! sockets. No service can deliver a frame for less.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::proc;
use crate::receivers::Receivers;
use crate::report::{Options, Report};

/// The first argument under which this program is the floor.
pub const COMMAND: &str = "floor-server";

/// How much is written: the same work that the service had.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub receivers: usize,
    /// How many of the receivers each frame goes to.
    pub per_frame: usize,
    pub frame_bytes: usize,
    pub frames_per_second: u64,
    pub seconds: u64,
}

/// The floor by itself: what a `write` costs on this machine.
pub fn run(options: &Options, report: &mut Report) {
    let receivers = options.number("members", 1_000) as usize;
    let load = Load {
        receivers,
        per_frame: receivers,
        frame_bytes: options.number("bytes", 400) as usize,
        frames_per_second: options.number("rate", 40),
        seconds: options.number("seconds", 8),
    };
    report.fact("floor: bare writes", "µs a delivery", measure(load), &format!("{load:?}"));
}

/// Processor time of the bare program for each delivery, in microseconds.
pub fn measure(load: Load) -> f64 {
    let mut child = spawn(load);
    let mut said = BufReader::new(child.stdout.take().expect("piped"));
    let port: u16 = line(&mut said).parse().expect("its port");
    let streams = (0..load.receivers)
        .map(|_| TcpStream::connect(("127.0.0.1", port)).expect("the floor listens"));
    let receivers = Receivers::start(streams.collect());
    assert_eq!(line(&mut said), "ready");
    let before = proc::cpu(child.id());
    let mut orders = child.stdin.take().expect("piped");
    writeln!(orders, "go").expect("the floor reads");
    assert_eq!(line(&mut said), "done");
    let spent = proc::cpu(child.id()).saturating_sub(before);
    receivers.settle();
    let delivered = receivers.frames();
    drop(orders);
    child.wait().expect("our child");
    spent.as_secs_f64() * 1e6 / delivered as f64
}

/// The bare program: announces its port, accepts, and on an order writes.
pub fn serve(arguments: &[String]) {
    let numbers: Vec<usize> =
        arguments.iter().map(|text| text.parse().expect("a whole number")).collect();
    let [receivers, per_frame, frame_bytes, frames_per_second, seconds] = numbers[..] else {
        panic!("five numbers are needed");
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    println!("{}", listener.local_addr().expect("it is bound").port());
    let mut streams: Vec<_> = (0..receivers).map(|_| accept(&listener)).collect();
    println!("ready");
    let mut order = String::new();
    std::io::stdin().read_line(&mut order).expect("an order");

    let frame = frame(frame_bytes);
    let period = Duration::from_secs(1) / frames_per_second as u32;
    let start = Instant::now();
    for n in 0..(frames_per_second * seconds) as u32 {
        std::thread::sleep((start + period * n).saturating_duration_since(Instant::now()));
        let first = n as usize * per_frame % receivers;
        for stream in &mut streams[first..first + per_frame] {
            stream.write_all(&frame).expect("the receiver reads");
        }
    }
    println!("done");
    // Stays until the order's sender is gone: its processor time is read from outside.
    std::io::stdin().read_line(&mut order).expect("the end of orders");
}

fn spawn(load: Load) -> Child {
    let numbers = [
        load.receivers,
        load.per_frame,
        load.frame_bytes,
        load.frames_per_second as usize,
        load.seconds as usize,
    ];
    Command::new(std::env::current_exe().expect("this program"))
        .arg(COMMAND)
        .args(numbers.map(|number| number.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again")
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().expect("a receiver");
    stream.set_nodelay(true).expect("a TCP socket");
    stream
}

/// A text frame of so many bytes in all.
fn frame(bytes: usize) -> Vec<u8> {
    let size = u16::try_from(bytes.saturating_sub(4)).expect("a frame of at most 64 KiB");
    let mut frame = vec![0x81, 126];
    frame.extend(size.to_be_bytes());
    frame.resize(4 + usize::from(size), b'x');
    frame
}

fn line(said: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    said.read_line(&mut line).expect("the floor speaks");
    line.trim().to_owned()
}
