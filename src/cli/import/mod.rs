//! `import`: a CSV or iCalendar file into rooms of a running service, over its REST interface. Reads
//! ([`reader`]), plans ([`plan`]), uploads ([`upload`]); everything before the upload is pure, so
//! `--dry-run` shows exactly what would be sent. Called by `main`.

mod client;
mod course;
mod ics;
mod ids;
mod mapping;
mod operations;
mod plan;
mod progress;
mod reader;
mod report;
mod table;
mod template;
mod token;
mod upload;
mod when;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

pub use client::{Failure, Service};
pub use course::PlannedCourse;
pub use mapping::{Key, Mapping};
pub use plan::{Plan, PlanOptions, PlannedRoom, plan};
pub use reader::{read, read_csv};
pub use report::{Report, RoomReport};
pub use table::{RefusedRow, Row, Table};

use crate::domain::Overlap;
use crate::time::Clock;
use progress::Progress;
use upload::Upload;

/// Exit code when `--strict` is given and a row was refused.
pub const REFUSED_ROWS: u8 = 3;

/// Arguments of `import`.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// A .csv file whose first row names the columns, or an .ics calendar.
    pub file: PathBuf,
    /// The room to fill; with --map room=… the beginning of each room's name. A room of that name
    /// is reused.
    #[arg(long)]
    pub room_name: String,
    /// IANA time zone of new rooms and of times without an offset.
    #[arg(long)]
    pub timezone: String,
    /// Where a field comes from: room, title, start, end, trainer, studio, capacity, color, notes or
    /// tags = a text with column names in braces, such as start="{Date} {Hour}:{Minute}".
    #[arg(long = "map", value_name = "KEY=TEMPLATE")]
    pub maps: Vec<String>,
    /// What two courses at once on one imported trainer or studio do. Registered ones stay as they
    /// are.
    #[arg(long, value_enum, default_value = "allow")]
    pub overlap: OverlapArg,
    /// The service.
    #[arg(long, default_value = "http://127.0.0.1:3001")]
    pub url: String,
    /// A bearer token; without it one is minted from the configured secret.
    #[arg(long)]
    pub token: Option<String>,
    /// Tenant of the minted token.
    #[arg(long, default_value = "demo", conflicts_with = "token")]
    pub tenant: String,
    /// User of the minted token.
    #[arg(long, default_value = "import", conflicts_with = "token")]
    pub user: String,
    /// Read and plan, send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Exit with 3 when a row was refused.
    #[arg(long)]
    pub strict: bool,
}

/// `--overlap`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OverlapArg {
    /// Refused.
    Forbid,
    /// Imported and reported.
    Warn,
    /// Imported.
    Allow,
}

impl From<OverlapArg> for Overlap {
    fn from(arg: OverlapArg) -> Self {
        match arg {
            OverlapArg::Forbid => Self::Forbid,
            OverlapArg::Warn => Self::Warn,
            OverlapArg::Allow => Self::Allow,
        }
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// In words.
        why: String,
    },
    /// `--map`, or columns that say too little.
    #[error("{0}")]
    Mapping(String),
    /// `--timezone`
    #[error("--timezone {0:?} is not an IANA time zone, such as Europe/Berlin")]
    Timezone(String),
    /// `--room-name`
    #[error("--room-name must be 1 to 200 characters")]
    RoomName,
    /// `--token`, or the configuration it is minted with.
    #[error("token: {0}")]
    Token(String),
    /// `--url`
    #[error(
        "--url {0:?} must begin with http://: import speaks to the service's own port, without TLS"
    )]
    Url(String),
    /// The service.
    #[error("the service: {0}")]
    Service(#[from] Failure),
    /// The terminal.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

/// Imports a file. `mint` makes a token for a tenant and user when none was given. Must run in an
/// actix system.
///
/// # Errors
/// [`ImportError`] when the import could not begin; refused rows and failed rooms are in the exit
/// code and the printed report.
pub async fn run(
    args: &ImportArgs,
    mint: impl FnOnce(&str, &str) -> Result<String, String>,
    clock: Clock,
) -> Result<ExitCode, ImportError> {
    let token = match &args.token {
        Some(token) => token.clone(),
        None => mint(&args.tenant, &args.user).map_err(ImportError::Token)?,
    };
    let plan = prepare(args, &token)?;
    if args.dry_run {
        return finish(args, &dry_report(plan));
    }
    let service = Service::new(&args.url, &token)?;
    let progress = Progress::start(clock, plan.rooms.len(), plan.courses());
    let upload = Upload {
        service: &service,
        timezone: &args.timezone,
        overlap: args.overlap.into(),
        progress: &progress,
    };
    let report = upload.run(plan).await?;
    progress.finish();
    finish(args, &report)
}

fn prepare(args: &ImportArgs, token: &str) -> Result<Plan, ImportError> {
    let zone =
        TimeZone::get(&args.timezone).map_err(|_| ImportError::Timezone(args.timezone.clone()))?;
    if !(1..=200).contains(&args.room_name.chars().count()) {
        return Err(ImportError::RoomName);
    }
    let tenant = token::tenant(token)
        .ok_or_else(|| ImportError::Token("is no JWT with a tenant_id claim".into()))?;
    let table = read(&args.file)?;
    let mapping = Mapping::resolve(&args.maps, &table.columns)?;
    Ok(plan(table, &mapping, &PlanOptions { tenant, room_name: args.room_name.clone(), zone }))
}

fn dry_report(plan: Plan) -> Report {
    let room = |room: PlannedRoom| RoomReport {
        name: room.name,
        notes: vec![format!(
            "would get {} sessions, {} trainers and studios",
            room.courses.len(),
            room.resources.len()
        )],
        ..RoomReport::default()
    };
    Report { rooms: plan.rooms.into_iter().map(room).collect(), unreadable: plan.refused }
}

fn finish(args: &ImportArgs, report: &Report) -> Result<ExitCode, ImportError> {
    write!(io::stdout().lock(), "{report}")?;
    Ok(match () {
        () if report.failed() => ExitCode::FAILURE,
        () if args.strict && !report.refused().is_empty() => ExitCode::from(REFUSED_ROWS),
        () => ExitCode::SUCCESS,
    })
}
