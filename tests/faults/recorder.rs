//! Writes down what happens, as it happens: into a file, and into memory for the judge. It counts
//! what a progress line needs, and measures how late it is itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::checker::history::{Entry, Line, compact};

/// How often the recorder looks whether it gets its turn in time.
const PULSE: Duration = Duration::from_millis(20);
/// Lateness that is worth a line.
const LATE: Duration = Duration::from_millis(30);

/// Replies to operations so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub acked: u64,
    pub refused: u64,
    /// Requests whose reply never came.
    pub unknown: u64,
}

#[derive(Debug)]
struct Inner {
    began: Instant,
    path: PathBuf,
    file: RefCell<BufWriter<File>>,
    lines: RefCell<Vec<Line>>,
    tally: Cell<Tally>,
    faults: Cell<u64>,
    under_way: RefCell<BTreeMap<u64, String>>,
}

/// The one recorder of a run; copies write to the same history.
#[derive(Clone, Debug)]
pub struct Recorder(Rc<Inner>);

impl Recorder {
    /// Begins a history in `test-output/faults/`, over an older one of the same name.
    pub fn begin(name: &str) -> Self {
        let folder = output_folder();
        std::fs::create_dir_all(&folder).expect("the project's folder is writable");
        let path = folder.join(format!("{name}.jsonl"));
        let file = BufWriter::new(File::create(&path).expect("the folder is writable"));
        let recorder = Self(Rc::new(Inner {
            began: Instant::now(),
            path,
            file: RefCell::new(file),
            lines: RefCell::default(),
            tally: Cell::default(),
            faults: Cell::default(),
            under_way: RefCell::default(),
        }));
        actix_web::rt::spawn(watch(Rc::downgrade(&recorder.0)));
        recorder
    }

    /// Where the history is written.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The moment, in microseconds since the run began.
    pub fn now(&self) -> u64 {
        self.0.began.elapsed().as_micros() as u64
    }

    /// Adds a line of this moment.
    pub fn write(&self, entry: Entry) {
        let line = Line { at: self.now(), entry };
        let mut file = self.0.file.borrow_mut();
        serde_json::to_writer(&mut *file, &line).expect("plain data on a disk with room");
        file.write_all(b"\n").expect("a disk with room");
        self.0.lines.borrow_mut().push(line);
    }

    /// A reply to a client.
    pub fn answer(&self, client: &str, session: Option<&str>, call: u64, reply: &Value) {
        self.write(Entry::Answer {
            client: client.to_owned(),
            session: session.map(str::to_owned),
            call,
            reply: compact(reply.clone()),
        });
    }

    /// A fault begins; gives the number to end it with.
    pub fn begin_fault(&self, fault: &str, node: Option<&str>) -> u64 {
        let id = self.0.faults.get() + 1;
        self.0.faults.set(id);
        self.0.under_way.borrow_mut().insert(id, fault.to_owned());
        self.write(Entry::Begin { fault: fault.to_owned(), id, node: node.map(str::to_owned) });
        id
    }

    /// It is over and healed.
    pub fn end_fault(&self, id: u64) {
        self.0.under_way.borrow_mut().remove(&id);
        self.write(Entry::End { id });
    }

    /// Faults that have begun and not ended.
    pub fn under_way(&self) -> Vec<String> {
        self.0.under_way.borrow().values().cloned().collect()
    }

    /// How the operations have fared so far.
    pub fn tally(&self) -> Tally {
        self.0.tally.get()
    }

    /// Counts.
    pub fn count(&self, change: impl FnOnce(&mut Tally)) {
        let mut tally = self.0.tally.get();
        change(&mut tally);
        self.0.tally.set(tally);
    }

    /// Everything so far; the file is complete up to here.
    pub fn lines(&self) -> Vec<Line> {
        self.flush();
        self.0.lines.borrow().clone()
    }

    /// Completes the file up to here.
    pub fn flush(&self) {
        self.0.file.borrow_mut().flush().expect("a disk with room");
    }
}

/// Where histories and reports go.
pub fn output_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test-output/faults")
}

/// Notes whenever this thread was not given its turn: whatever it read then had come earlier.
async fn watch(recorder: std::rc::Weak<Inner>) {
    loop {
        let before = Instant::now();
        tokio::time::sleep(PULSE).await;
        let late = before.elapsed().saturating_sub(PULSE);
        let Some(inner) = recorder.upgrade() else { return };
        if late > LATE {
            Recorder(inner).write(Entry::Stall { micros: late.as_micros() as u64 });
        }
    }
}
