//! How cost grows with members of a room, rooms, tenants, connections and replicas: each swept by itself
//! on production's databases, and a model of the whole, fitted to two thirds of the points and checked on
//! the rest. The raw points and a chart are written to `test-output/scale/`; docs/SCALE.md reads them.

mod chart;
mod model;
mod point;

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use self::chart::Chart;
use self::model::{Model, Sample};
use self::point::{Outcome, PING_SECONDS, Shape, measure};
use crate::backing::Backing;
use crate::report::{Options, Report};
use crate::server::{self, Server};

/// What is priced, in the order of a sample's rates.
const THINGS: [&str; 5] =
    ["running replica", "operation, shared", "delivery", "ping of a connection", "relayed event"];
/// Operations share wake-ups: of so many a second, this power of their number is paid. Taken from the
/// sweep of rates.
const SHARED: f64 = 0.7;
/// How many points are fitted for each that is checked.
const FITTED: usize = 2;

/// One point and where it belongs.
struct Measured {
    sweep: &'static str,
    shape: Shape,
    replicas: usize,
    outcome: Outcome,
}

impl Measured {
    fn sample(&self) -> Sample {
        let Outcome { operations, deliveries, pings, relayed, service, .. } = self.outcome;
        let replicas = self.replicas as f64;
        let rates = vec![replicas, operations.powf(SHARED), deliveries, pings, relayed];
        Sample { rates, cost: service }
    }

    fn name(&self) -> String {
        let Shape { tenants, rooms, members, rate } = self.shape;
        let replicas = self.replicas;
        format!(
            "{}: {tenants} tenants, {rooms} rooms × {members}, {rate}/s, {replicas} replicas",
            self.sweep
        )
    }
}

/// All sweeps, then the model.
pub fn run(options: &Options, report: &mut Report) {
    let time = Duration::from_secs(options.number("seconds", 8));
    let most = options.number("most", 1_000) as usize;
    let backing = Backing::whole();
    let mut points = Vec::new();
    for replicas in 1..=options.number("replicas", 3) as usize {
        let shapes = if replicas == 1 { alone(most) } else { together() };
        for (sweep, shape) in shapes {
            // Afresh for each: what a point leaves behind is not the next one's cost.
            let (servers, _homes): (Vec<_>, Vec<_>) =
                start(&backing, replicas, shape.rate == 0).into_iter().unzip();
            let outcome = measure(&servers, &backing, shape, time);
            let measured = Measured { sweep, shape, replicas, outcome };
            tell(report, &measured);
            points.push(measured);
        }
    }
    conclude(report, &points);
}

/// The sweeps of one replica.
fn alone(most: usize) -> Vec<(&'static str, Shape)> {
    let shape = |tenants, rooms, members, rate| Shape { tenants, rooms, members, rate };
    let members = [1, 10, 100, 300, 1_000].into_iter().filter(|members| *members <= most);
    let members = members.map(|members| ("members", shape(1, 1, members, 40)));
    let rooms = [1, 3, 10, 30, 100].map(|rooms| ("rooms", shape(1, rooms, 10, 100)));
    let rates = [25, 50, 200, 400, 1_000].map(|rate| ("rate", shape(1, 20, 10, rate)));
    let tenants = [1, 10, 100].map(|tenants| ("tenants", shape(tenants, 100, 5, 100)));
    let idle = [100, 300, 1_000].into_iter().filter(|members| *members <= most);
    let idle = idle.map(|members| ("idle", shape(1, members / 20, 19, 0)));
    members.chain(rooms).chain(rates).chain(tenants).chain(idle).collect()
}

/// The sweep of more than one.
fn together() -> Vec<(&'static str, Shape)> {
    let shape = |rooms, members, rate| Shape { tenants: 1, rooms, members, rate };
    vec![
        ("replicas", shape(10, 6, 50)),
        ("replicas", shape(10, 30, 50)),
        ("replicas", shape(10, 6, 200)),
    ]
}

fn start(backing: &Backing, replicas: usize, idle: bool) -> Vec<(Server, TempDir)> {
    let mut settings = backing.settings();
    let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
    set("KYO__LIMITS__REQUESTS_PER_SECOND", "1000000".to_owned());
    if idle {
        let often = (PING_SECONDS * 1_000).to_string();
        set("KYO__REALTIME__PING_INTERVAL_MS", often.clone());
        set("KYO__REALTIME__PING_TIMEOUT_MS", often);
    }
    (0..replicas).map(|_| server::fresh_on(&settings)).collect()
}

fn tell(report: &mut Report, measured: &Measured) {
    let Outcome { operations, appends, deliveries, service, database, rss, .. } = &measured.outcome;
    let details = format!(
        "{operations:.0} operations in {appends:.0} transactions and {deliveries:.0} deliveries a \
         second; {:.0} µs an operation, \
         deliveries included; database {database:.0} µs a second; {rss} kB",
        service / operations.max(1.0)
    );
    report.fact(&measured.name(), "µs a second", *service, &details);
}

fn conclude(report: &mut Report, points: &[Measured]) {
    let (checked, fitted): (Vec<_>, Vec<_>) =
        points.iter().enumerate().partition(|(n, _)| n % (FITTED + 1) == FITTED);
    let samples: Vec<_> = fitted.iter().map(|(_, point)| point.sample()).collect();
    let Some(model) = Model::fit(&samples) else {
        report.fact("model", "samples are too alike", samples.len() as f64, "nothing fitted");
        return;
    };
    for (thing, price) in THINGS.iter().zip(&model.0) {
        report.fact(&format!("model: {thing}"), "µs", *price, "fitted");
    }
    for (group, points) in [("fitted", &fitted), ("checked", &checked)] {
        let errors: Vec<_> = points.iter().map(|(_, p)| (model.error(&p.sample()), p)).collect();
        let mean = errors.iter().map(|(error, _)| error.abs()).sum::<f64>() / errors.len() as f64;
        let worst = errors.iter().max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
        let worst = worst.map_or(String::new(), |(error, point)| {
            format!("worst {:+.0} % at {}", error * 100.0, point.name())
        });
        let work = format!("model: error at the {} {group} points", errors.len());
        report.fact(&work, "%", mean * 100.0, &worst);
    }
    keep(&model, points);
}

/// Raw results, and the chart of the members' sweep.
fn keep(model: &Model, points: &[Measured]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-output/scale");
    std::fs::create_dir_all(&folder).expect("a folder for results");
    let rows: Vec<_> =
        points.iter().map(|p| p.outcome.json(p.sweep, p.shape, p.replicas)).collect();
    let prices: serde_json::Map<_, _> = THINGS
        .iter()
        .zip(&model.0)
        .map(|(name, price)| ((*name).to_owned(), json!(price)))
        .collect();
    let all = json!({"points": rows, "microsecondsEach": prices});
    std::fs::write(folder.join("points.json"), format!("{all:#}\n")).expect("results can be kept");
    let members = || points.iter().filter(|point| point.sweep == "members");
    let each =
        |point: &Measured, cost: f64| (point.shape.members as f64, cost / point.outcome.operations);
    let measured: Vec<_> = members().map(|point| each(point, point.outcome.service)).collect();
    let line: Vec<_> =
        members().map(|point| each(point, model.cost(&point.sample().rates))).collect();
    let chart = Chart {
        title: "One operation in one room: measured (dots) and model (line)",
        across: "members",
        up: "µs of a core",
        points: &measured,
        line: &line,
    };
    std::fs::write(folder.join("members.svg"), chart.svg()).expect("results can be kept");
}
