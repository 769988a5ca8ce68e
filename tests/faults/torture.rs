//! The long run: one random fault after another, or two at once, for as long as one likes. Every
//! round has a tenant of its own on the same replicas and servers, and is judged at its end.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::figures::Figures;
use crate::nemesis::{Nemesis, Scale};
use crate::recorder::{Recorder, output_folder};
use crate::report::{number, seed, text};
use crate::run::{Run, Size};
use crate::support::Dice;
use crate::world::World;

const SIZE: Size = Size { clients: 12, rooms: 4 };
const REPLICAS: usize = 3;
/// Faults between two judgements.
const FAULTS: usize = 4;
const PROGRESS: Duration = Duration::from_secs(10);

/// `KYO_TORTURE_MINUTES` (30), `KYO_SEED`; `KYO_OTHER_BIN` makes every second replica run that;
/// `KYO_FAULTS` names the only faults to choose from.
#[actix_web::test]
#[ignore = "takes as long as it is told to"]
async fn torture() {
    let minutes = number("KYO_TORTURE_MINUTES").unwrap_or(30);
    let (seed, began) = (seed(), Instant::now());
    let faults = chosen(text("KYO_FAULTS").as_deref());
    println!("torture: {minutes} minutes, KYO_SEED={seed}");
    let world = World::on_servers(REPLICAS, text("KYO_OTHER_BIN").map(PathBuf::from)).await;
    let (mut figures, mut dice, mut round) = (Figures::default(), Dice::new(seed), 0);
    while began.elapsed() < Duration::from_secs(60 * minutes) {
        round += 1;
        let name = format!("torture-{round}");
        let run = Run::begin(&world, &name, seed + round, SIZE).await;
        let recorder = run.recorder.clone();
        let whole = async {
            torment(&run, &mut dice, &faults).await;
            run.finish().await
        };
        let outcome = tokio::select! {
            outcome = whole => outcome,
            never = progress(&recorder, &figures, began) => match never {},
        };
        figures.add(&outcome);
    }
    publish(&figures, seed, began.elapsed());
    if !figures.violations.is_empty() {
        world.keep_logs(&output_folder().join("torture"));
        panic!("{} violations; see the report", figures.violations.len());
    }
}

/// The faults of these names, separated by commas, or all.
fn chosen(names: Option<&str>) -> Vec<Nemesis> {
    let Some(names) = names else { return Nemesis::ALL.to_vec() };
    let called = |name: &str| Nemesis::ALL.into_iter().find(|fault| fault.name() == name);
    let fault = |name| called(name).unwrap_or_else(|| panic!("KYO_FAULTS: no fault is {name}"));
    names.split(',').map(fault).collect()
}

/// A few faults, some of them two at once.
async fn torment(run: &Run<'_>, dice: &mut Dice, faults: &[Nemesis]) {
    run.work(60, Duration::from_secs(20)).await;
    for _ in 0..FAULTS {
        let one = *dice.pick(faults);
        let other = *dice.pick(faults);
        if dice.below(3) == 0 && one.goes_with(other) {
            let later = async {
                sleep(Duration::from_secs(2)).await;
                other.strike(run, Scale::LONG).await;
            };
            futures_util::future::join(one.strike(run, Scale::LONG), later).await;
        } else {
            one.strike(run, Scale::LONG).await;
        }
        run.work(100, Duration::from_secs(20)).await;
    }
}

/// Says now and then how it goes; never ends.
#[expect(clippy::print_stdout, reason = "a test's output is for people")]
async fn progress(recorder: &Recorder, so_far: &Figures, began: Instant) -> Infallible {
    loop {
        sleep(PROGRESS).await;
        let faults = recorder.under_way();
        println!(
            "{:>5} s  acked {:>7}  {:<40} violations {}",
            began.elapsed().as_secs(),
            so_far.tally.acked + recorder.tally().acked,
            if faults.is_empty() { "(calm)".to_owned() } else { faults.join(" + ") },
            so_far.violations.len(),
        );
    }
}

#[expect(clippy::print_stdout, reason = "a test's output is for people")]
fn publish(figures: &Figures, seed: u64, took: Duration) {
    let title = format!("torture of {} s, KYO_SEED={seed}\n", took.as_secs());
    let text = title + &figures.text();
    println!("{text}");
    let mut json = figures.json();
    json["seed"] = json!(seed);
    json["seconds"] = json!(took.as_secs());
    let folder = output_folder();
    std::fs::write(folder.join("torture.txt"), text).expect("the folder is writable");
    std::fs::write(folder.join("torture.json"), json.to_string()).expect("the folder is writable");
}
