//! What a person can ask for, on the command line or in a scenario file: the same names in both. What
//! is said on the command line goes before the file, in all of its phases.

use std::path::{Path, PathBuf};

use clap::{Args, Parser};
use serde::Deserialize;

use crate::mix::Mix;
use crate::names::{Framing, Sources, SystemName, Watched};

/// Realistic load on a running service: people in rooms who edit, point and watch, and others who come
/// and go, at rates that do not wait for the service.
///
/// Tokens are signed as by `kyo-collaboration token`, with the secret of the same configuration
/// (JWT_SECRET). Latencies count from the moment at which a message was meant to be sent. The exit code
/// is 1 when nobody could connect or nothing came back.
#[derive(Parser, Debug)]
#[command(name = "kyo-load", version, max_term_width = 100)]
pub struct Cli {
    /// Follow a TOML file, which can hold every option here by its name, and phases as `[[phase]]`
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Everything else.
    #[command(flatten)]
    wishes: Wishes,
}

impl Cli {
    /// The command line laid over the scenario file.
    ///
    /// # Errors
    /// When the file can't be read, or what in it is wrong and where.
    pub fn wishes(self) -> Result<Wishes, String> {
        match self.scenario {
            Some(path) => Ok(self.wishes.over(Wishes::from_file(&path)?)),
            None => Ok(self.wishes),
        }
    }
}

/// All options; what was not said is `None` or empty.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wishes {
    /// Where to connect, host:port; several replicas with commas, taken in turn (default: 127.0.0.1:3001)
    #[arg(long, value_delimiter = ',')]
    pub target: Vec<String>,
    /// What is spoken there (default: kyo)
    #[arg(long, value_enum)]
    pub system: Option<SystemName>,
    /// How kyo is spoken to, with shares: json=2,msgpack=1,socketio=1 (default: json)
    #[arg(long, value_name = "MIX")]
    pub framing: Option<Mix<Framing>>,
    /// Tenant of everybody (default: load)
    #[arg(long)]
    pub tenant: Option<String>,
    /// New rooms to make (default: 10)
    #[arg(long)]
    pub rooms: Option<usize>,
    /// Rooms that exist, instead of new ones
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub room: Vec<String>,
    /// People in each room who only watch (default: 9)
    #[arg(long)]
    pub watchers: Option<usize>,
    /// People in each room who edit and point (default: 1)
    #[arg(long)]
    pub editors: Option<usize>,
    /// Courses in each room, at most 1000 (default: 16)
    #[arg(long)]
    pub courses: Option<usize>,
    /// Addresses to connect from, in turn: 127.0.0.1,127.0.0.2 or 127.0.0.1-127.0.0.8
    #[arg(long, value_name = "ADDRESSES")]
    pub source: Option<Sources>,
    /// Threads that hold the connections (default: 1)
    #[arg(long)]
    pub threads: Option<usize>,
    /// Connections under way at once while all connect (default: 32)
    #[arg(long)]
    pub opening: Option<usize>,
    /// Connections begun a second at most while all connect (default: no limit)
    #[arg(long)]
    pub open_rate: Option<f64>,
    /// Processes whose CPU and memory are reported, with all that they started: 17,db=23
    #[arg(long, value_delimiter = ',', value_name = "[NAME=]PID")]
    pub pid: Vec<Watched>,
    /// How long, in seconds (default: 10)
    #[arg(long)]
    pub seconds: Option<f64>,
    /// The same load before that, in seconds, not counted (default: 1)
    #[arg(long)]
    pub warm_up: Option<f64>,
    /// Operations a second, of all rooms together (default: 10)
    #[arg(long)]
    pub edits: Option<f64>,
    /// Which part of them moves a class, checked for conflicts, in percent; the rest sets notes (default: 50)
    #[arg(long)]
    pub moves: Option<u32>,
    /// Bytes of the notes that an operation sets, 16 to 4000 (default: 100)
    #[arg(long)]
    pub payload: Option<usize>,
    /// Pointer positions a second, of all editors together (default: 0)
    #[arg(long)]
    pub cursors: Option<f64>,
    /// Visitors a second who connect, join a room and leave again (default: 0)
    #[arg(long)]
    pub joins: Option<f64>,
    /// Results as one JSON object
    #[arg(long)]
    pub json: bool,
    /// No progress on standard error
    #[arg(long)]
    pub quiet: bool,
    /// Phases, one after the other with the same people; what a phase leaves out is as above.
    #[arg(skip)]
    pub phase: Vec<PhaseWishes>,
}

/// What may differ from phase to phase.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PhaseWishes {
    /// Its name in the report.
    pub name: Option<String>,
    /// As (default: `Wishes::seconds`).
    pub seconds: Option<f64>,
    /// As (default: `Wishes::warm_up`).
    pub warm_up: Option<f64>,
    /// As (default: `Wishes::edits`).
    pub edits: Option<f64>,
    /// As (default: `Wishes::moves`).
    pub moves: Option<u32>,
    /// As (default: `Wishes::payload`).
    pub payload: Option<usize>,
    /// As (default: `Wishes::cursors`).
    pub cursors: Option<f64>,
    /// As (default: `Wishes::joins`).
    pub joins: Option<f64>,
}

impl Wishes {
    fn from_file(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        Self::from_toml(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// These wishes, and those of a scenario where nothing is said here.
    pub fn over(self, file: Self) -> Self {
        let first = |mine: Vec<String>, other| if mine.is_empty() { other } else { mine };
        let phase = file.phase.into_iter().map(|phase| PhaseWishes {
            name: phase.name,
            seconds: self.seconds.or(phase.seconds),
            warm_up: self.warm_up.or(phase.warm_up),
            edits: self.edits.or(phase.edits),
            moves: self.moves.or(phase.moves),
            payload: self.payload.or(phase.payload),
            cursors: self.cursors.or(phase.cursors),
            joins: self.joins.or(phase.joins),
        });
        Self {
            phase: phase.collect(),
            target: first(self.target, file.target),
            system: self.system.or(file.system),
            framing: self.framing.or(file.framing),
            tenant: self.tenant.or(file.tenant),
            rooms: self.rooms.or(file.rooms),
            room: first(self.room, file.room),
            watchers: self.watchers.or(file.watchers),
            editors: self.editors.or(file.editors),
            courses: self.courses.or(file.courses),
            source: self.source.or(file.source),
            threads: self.threads.or(file.threads),
            opening: self.opening.or(file.opening),
            open_rate: self.open_rate.or(file.open_rate),
            pid: if self.pid.is_empty() { file.pid } else { self.pid },
            seconds: self.seconds.or(file.seconds),
            warm_up: self.warm_up.or(file.warm_up),
            edits: self.edits.or(file.edits),
            moves: self.moves.or(file.moves),
            payload: self.payload.or(file.payload),
            cursors: self.cursors.or(file.cursors),
            joins: self.joins.or(file.joins),
            json: self.json || file.json,
            quiet: self.quiet || file.quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = r#"
        target = ["127.0.0.1:3001", "127.0.0.1:3002"]
        framing = "json=2,socketio=1"
        source = "127.0.0.1-127.0.0.3"
        rooms = 4
        pid = ["7", "db=8"]
        edits = 20

        [[phase]]
        name = "calm"
        seconds = 5

        [[phase]]
        name = "rush"
        edits = 200
        cursors = 900
    "#;

    #[test]
    fn a_scenario_has_the_names_of_the_command_line() {
        let wishes = Wishes::from_toml(SCENARIO).expect("a scenario");
        assert_eq!((wishes.rooms, wishes.edits, wishes.phase.len()), (Some(4), Some(20.0), 2));
        assert_eq!(wishes.pid[1].name, "db");
        assert_eq!(wishes.phase[1].cursors, Some(900.0));
    }

    #[test]
    fn the_command_line_goes_before_the_file_and_its_phases() {
        let file = Wishes::from_toml(SCENARIO).expect("a scenario");
        let line = ["kyo-load", "--edits", "50", "--rooms=7", "--target", "a:1,b:2"];
        let cli = Cli::try_parse_from(line).expect("a command line");
        let wishes = cli.wishes.over(file);
        assert_eq!((wishes.rooms, wishes.target), (Some(7), vec!["a:1".into(), "b:2".into()]));
        let edits: Vec<_> = wishes.phase.iter().map(|phase| phase.edits).collect();
        assert_eq!(edits, [Some(50.0), Some(50.0)]);
        assert_eq!(wishes.phase[0].seconds, Some(5.0));
    }

    #[test]
    fn every_option_but_the_file_itself_can_stand_in_a_scenario() {
        let command = <Cli as clap::CommandFactory>::command();
        for name in command.get_arguments().filter_map(clap::Arg::get_long) {
            if name == "scenario" {
                continue;
            }
            // An unknown name is told from a value of the wrong type by the message alone.
            let told = Wishes::from_toml(&format!("{name} = {{}}")).expect_err(name);
            assert!(!told.contains("unknown field"), "{name}: {told}");
        }
    }

    #[test]
    fn faults_of_a_scenario_say_where_and_what() {
        for (text, faults) in [
            ("rooms = 4\nroms = 3", ["line 2", "unknown field `roms`"]),
            ("[[phase]]\nedit = 3", ["line 2", "unknown field `edit`"]),
            ("rooms = \"many\"", ["line 1", "invalid type"]),
            ("framing = \"morse\"", ["line 1", "json, msgpack or socketio"]),
            ("system = \"fax\"", ["line 1", "unknown variant `fax`"]),
            ("source = \"here\"", ["line 1", "an IP address"]),
            ("pid = [\"x=y\"]", ["line 1", "process id"]),
        ] {
            let told = Wishes::from_toml(text).expect_err(text);
            for fault in faults {
                assert!(told.contains(fault), "{text}: {told}");
            }
        }
    }
}
