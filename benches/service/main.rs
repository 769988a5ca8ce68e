//! Load programs for the running service: what a delivery, an idle connection, a join and a start
//! cost, each as a row with its target. A ratio is always taken beside its floor in the same run.
//!
//! `cargo bench --bench service -- [start|join|history|floor|fanout|rooms|transports|memory|ack|throughput|relay|storm|noisy|scale …] [--json] [--name=value …]`;
//! without names all of them run. `KYO_BIN` names another binary than the one built for the bench.
#![expect(clippy::print_stdout, reason = "a load program reports to the terminal")]
#![expect(clippy::disallowed_methods, reason = "it measures real time and is told by environment")]

mod ack;
mod backing;
mod fanout;
mod floor;
mod history;
mod join;
mod memory;
mod noisy;
#[path = "../../tests/support/people.rs"]
#[allow(dead_code, reason = "shared with the black-box tests")]
mod people;
mod proc;
mod receivers;
mod relay;
mod report;
mod scale;
mod server;
#[path = "../../tests/support/servers/mod.rs"]
mod servers;
mod socket;
mod start;
mod storm;
mod throughput;
mod transports;

use report::{Options, Report};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == floor::COMMAND) {
        return floor::serve(&arguments[1..]);
    }
    if arguments.first().is_some_and(|first| first == noisy::flood::COMMAND) {
        return noisy::flood::run(&arguments[1..]);
    }
    if Options::is_idle(&arguments) {
        return;
    }
    proc::lift_open_files_limit();
    let options = Options::parse(&arguments);
    let mut report = Report::new(&options);
    if options.wants("start") {
        start::run(&options, &mut report);
        start::on_servers(&options, &mut report);
    }
    if options.wants("join") {
        join::run(&options, &mut report);
    }
    if options.wants("history") {
        history::run(&options, &mut report);
    }
    if options.wants("floor") {
        floor::run(&options, &mut report);
    }
    if options.wants("fanout") {
        fanout::one_big_room(&options, &mut report);
    }
    if options.wants("rooms") {
        fanout::many_small_rooms(&options, &mut report);
    }
    if options.wants("transports") {
        transports::run(&options, &mut report);
    }
    if options.wants("memory") {
        memory::run(&options, &mut report);
    }
    if options.wants("ack") {
        ack::run(&options, &mut report);
    }
    if options.wants("throughput") {
        throughput::run(&options, &mut report);
    }
    if options.wants("relay") {
        relay::run(&options, &mut report);
    }
    if options.wants("storm") {
        storm::run(&options, &mut report);
    }
    if options.wants("noisy") {
        noisy::run(&options, &mut report);
    }
    if options.wants("scale") {
        scale::run(&options, &mut report);
    }
}
