//! What a deploy was like for those who were connected: how long each was away, when they came back, and
//! what each replacement took.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::crowd::{KINDS, kind_of};
use super::deploy::{Notice, Replacement};
use super::gaps::{self, Gap};
use crate::checker::history::{Entry, Line};
use crate::figures::{Figures, Spread};
use crate::recorder::output_folder;
use crate::run::Outcome;

/// The promise for one absence in a hundred of those who are told in time: milliseconds.
const UNNOTICED: u32 = 2_000;
/// Lines in which reconnects are counted.
const ROWS: u64 = 20;
/// Characters of the longest bar.
const BAR: usize = 50;

/// Everything that is told of a run.
#[derive(Debug)]
pub struct Report {
    title: String,
    figures: Figures,
    gaps: Vec<Gap>,
    done: Vec<Replacement>,
    /// Milliseconds for which the recorder itself was late at most.
    stall: u64,
}

impl Report {
    /// Of a run that has been judged.
    pub fn of(outcome: &Outcome, done: &[Replacement]) -> Self {
        let mut figures = Figures::default();
        figures.add(outcome);
        let stalls = outcome.history.iter().filter_map(|line| match line.entry {
            Entry::Stall { micros } => Some(micros / 1_000),
            _ => None,
        });
        let stall = stalls.max().unwrap_or(0);
        let title = format!("{}, KYO_SEED={}", who(&outcome.history), outcome.seed);
        let (gaps, done) = (gaps::read(&outcome.history), done.to_vec());
        Self { title, figures, gaps, done, stall }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text =
            format!("{}\nthe recorder was late by {} ms at most\n", self.title, self.stall);
        text += "\nreplica  notice   gone after s  cut  killed   away   p50   p99    max ms\n";
        for one in &self.done {
            let took = seconds(one.ended - one.taken_off);
            let (notice, away) = (notice_name(one.notice), Spread::of(&self.during(one)));
            let (name, cut, killed) = (&one.name, one.cut, one.killed);
            text += &format!("{name:<8} {notice:<8} {took:>12} {cut:>4}  {killed:<6} {away}\n");
        }
        text += "\nclients           away   p50   p99    max ms\n";
        for ((kind, notice), spread) in self.by_kind() {
            text += &format!("{kind:<9} {notice:<6} {spread}\n");
        }
        text += &format!("{:<16} {}\n", "all", self.all());
        text += &format!("moved at most {} times each\n", self.most_moves());
        for one in &self.done {
            text += &self.histogram(one);
        }
        text + "\n" + &self.figures.text()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let done = self.done.iter().map(|one| {
            json!({
                "replica": one.name,
                "notice": notice_name(one.notice),
                "goneAfterMs": (one.ended - one.taken_off) / 1_000,
                "drainMs": (one.ended - one.told) / 1_000,
                "cut": one.cut,
                "killed": one.killed,
                "gapMs": Spread::of(&self.during(one)).json(),
                "backPerSecond": self.per(one, 1_000_000),
            })
        });
        let kinds = self.by_kind().into_iter().map(|((kind, notice), spread)| {
            json!({"clients": kind, "notice": notice, "gapMs": spread.json()})
        });
        json!({
            "run": self.title,
            "recorderLateMs": self.stall,
            "replacements": done.collect::<Vec<_>>(),
            "kinds": kinds.collect::<Vec<_>>(),
            "gapMs": self.all().json(),
            "faults": self.figures.json(),
        })
    }

    /// Fails the test if with the notice one absence in a hundred was longer than promised. Without it
    /// everybody comes back at once, for which there is no promise.
    pub fn assert_unnoticed(&self) {
        let bound = UNNOTICED + u32::try_from(self.stall).unwrap_or(u32::MAX);
        for one in self.done.iter().filter(|one| one.notice == Notice::Given) {
            let away = Spread::of(&self.during(one));
            assert!(away.p99 <= bound, "p99 of {} ms, {bound} allowed: {one:?}", away.p99);
        }
    }

    fn all(&self) -> Spread {
        Spread::of(&self.gaps.iter().map(Gap::millis).collect::<Vec<_>>())
    }

    fn during(&self, one: &Replacement) -> Vec<u32> {
        self.gaps.iter().filter(|gap| belongs(gap, one)).map(Gap::millis).collect()
    }

    fn by_kind(&self) -> BTreeMap<(&str, &str), Spread> {
        let mut kinds = BTreeMap::new();
        for kind in KINDS {
            for notice in [Notice::Given, Notice::Missing] {
                let during = |gap: &&Gap| {
                    self.done.iter().any(|one| one.notice == notice && belongs(gap, one))
                };
                let own = self.gaps.iter().filter(|gap| kind_of(&gap.client) == kind);
                let millis: Vec<_> = own.filter(during).map(Gap::millis).collect();
                kinds.insert((kind, notice_name(notice)), Spread::of(&millis));
            }
        }
        kinds
    }

    fn most_moves(&self) -> usize {
        let mut moves: BTreeMap<&str, usize> = BTreeMap::new();
        self.gaps.iter().for_each(|gap| *moves.entry(&gap.client).or_default() += 1);
        moves.into_values().max().unwrap_or(0)
    }

    /// How many were welcomed in each piece of the time from taking a replica off on.
    fn per(&self, one: &Replacement, micros: u64) -> Vec<usize> {
        let gaps = self.gaps.iter().filter(|gap| belongs(gap, one));
        let mut pieces = Vec::new();
        for gap in gaps {
            let piece = ((gap.welcomed - one.taken_off) / micros) as usize;
            pieces.resize(pieces.len().max(piece + 1), 0);
            pieces[piece] += 1;
        }
        pieces
    }

    fn histogram(&self, one: &Replacement) -> String {
        let last = self.gaps.iter().filter(|gap| belongs(gap, one)).map(|gap| gap.welcomed).max();
        let width = last.map_or(0, |last| (last - one.taken_off) / ROWS) + 1;
        let pieces = self.per(one, width);
        let most = pieces.iter().copied().max().unwrap_or(0).max(1);
        let rows = pieces.iter().zip(0..).map(|(count, piece)| {
            let bar = "#".repeat((count * BAR).div_ceil(most));
            format!("{:>8} s {count:>5} {bar}\n", seconds(piece * width))
        });
        let told = seconds(one.told - one.taken_off);
        let head = format!("\nback after {} was taken off; it was told after {told} s\n", one.name);
        head + &rows.collect::<String>()
    }
}

/// Prints it.
#[expect(clippy::print_stdout, reason = "a test's output is for people")]
pub fn show(report: &Report) {
    println!("{}", report.text());
}

/// Prints it and leaves it beside the histories.
pub fn publish(report: &Report) {
    show(report);
    let folder = output_folder();
    std::fs::write(folder.join("rolling.txt"), report.text()).expect("the folder is writable");
    let json = report.json().to_string();
    std::fs::write(folder.join("rolling.json"), json).expect("the folder is writable");
}

fn belongs(gap: &Gap, one: &Replacement) -> bool {
    (one.taken_off..=one.ended).contains(&gap.from)
}

fn notice_name(notice: Notice) -> &'static str {
    match notice {
        Notice::Given => "given",
        Notice::Missing => "none",
    }
}

fn seconds(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1e6)
}

/// Who was there, by kind.
fn who(history: &[Line]) -> String {
    let mut kinds: BTreeMap<&str, std::collections::BTreeSet<&str>> = BTreeMap::new();
    for line in history {
        if let Entry::Open { client, .. } = &line.entry {
            kinds.entry(kind_of(client)).or_default().insert(client);
        }
    }
    let all: usize = kinds.values().map(std::collections::BTreeSet::len).sum();
    let kinds: Vec<_> = kinds.iter().map(|(kind, who)| format!("{} {kind}", who.len())).collect();
    format!("{all} clients ({})", kinds.join(", "))
}
