//! `import`: a CSV or iCalendar file into rooms of a running service, over its REST interface. Reads
//! ([`mod@file`]), plans ([`crate::import`]), uploads ([`upload`]); the plan is pure, so
//! `--dry-run` shows exactly what would be sent. Called by `main`.

mod client;
mod file;
mod progress;
mod report;
mod token;
mod upload;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use actix_web::rt::System;
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

pub use client::{Failure, Service};
pub use file::read;
pub use report::{Report, RoomReport};

use crate::auth::{Grant, TenantRole};
use crate::config::{Config, Sources};
use crate::domain::{Overlap, TenantId, UserId};
pub use crate::import::{
    Key, Mapping, Plan, PlanOptions, PlannedCourse, PlannedRoom, RefusedRow, Row, Table, plan,
    read_csv,
};
use crate::time::Clock;
use progress::Progress;
use upload::Upload;

/// Exit code when `--strict` is given and a row was refused.
pub const REFUSED_ROWS: u8 = 3;

/// Longer than any import.
const TOKEN_LIFE: Duration = Duration::from_hours(12);

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
    Mapping(#[from] crate::import::MappingFault),
    /// `--timezone`
    #[error("--timezone {0:?} is not an IANA time zone, such as Europe/Berlin")]
    Timezone(String),
    /// `--room-name`
    #[error("--room-name must be 1 to 200 characters")]
    RoomName,
    /// `--token`
    #[error("--token is no JWT with a tenant_id claim")]
    Token,
    /// `--url`
    #[error(
        "--url {0:?} must begin with http://: import speaks to the service's own port, without TLS"
    )]
    Url(String),
    /// The service.
    #[error("the service: {0}")]
    Service(#[from] Failure),
}

/// Runs the command. Refused rows and failed rooms are in the exit code and the printed report.
#[must_use]
pub fn run(args: &ImportArgs, sources: &Sources, clock: &Clock) -> ExitCode {
    match System::new().block_on(import(args, sources, clock)) {
        Ok(code) => code,
        Err(failure) => super::exit(Err(failure)),
    }
}

async fn import(
    args: &ImportArgs,
    sources: &Sources,
    clock: &Clock,
) -> Result<ExitCode, super::Failure> {
    let token = match &args.token {
        Some(token) => token.clone(),
        None => mint(args, sources, clock)?,
    };
    let plan = prepare(args, &token).map_err(super::Failure::misused)?;
    if args.dry_run {
        return Ok(finish(args, &dry_report(plan))?);
    }
    let report = send(args, &token, plan, clock).await.map_err(super::Failure::failed)?;
    Ok(finish(args, &report)?)
}

/// A service's token: it makes rooms, of which it becomes the owner, and edits the others.
fn mint(args: &ImportArgs, sources: &Sources, clock: &Clock) -> Result<String, super::Failure> {
    let config = Config::load(sources)?;
    let grant = Grant {
        tenant: TenantId::parse(&args.tenant).map_err(super::Failure::misused)?,
        user: UserId::parse(&args.user).map_err(super::Failure::misused)?,
        name: Some("Import".to_owned()),
        role: TenantRole::Service,
    };
    super::token::sign(&config, &grant, clock, TOKEN_LIFE)
}

async fn send(
    args: &ImportArgs,
    token: &str,
    plan: Plan,
    clock: &Clock,
) -> Result<Report, ImportError> {
    let service = Service::new(&args.url, token)?;
    let progress = Progress::start(clock.clone(), plan.rooms.len(), plan.courses());
    let upload = Upload {
        service: &service,
        timezone: &args.timezone,
        overlap: args.overlap.into(),
        progress: &progress,
    };
    let report = upload.run(plan).await?;
    progress.finish();
    Ok(report)
}

fn prepare(args: &ImportArgs, token: &str) -> Result<Plan, ImportError> {
    let zone =
        TimeZone::get(&args.timezone).map_err(|_| ImportError::Timezone(args.timezone.clone()))?;
    if !(1..=200).contains(&args.room_name.chars().count()) {
        return Err(ImportError::RoomName);
    }
    let tenant = token::tenant(token).ok_or(ImportError::Token)?;
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

fn finish(args: &ImportArgs, report: &Report) -> io::Result<ExitCode> {
    write!(io::stdout().lock(), "{report}")?;
    Ok(match () {
        () if report.failed() => ExitCode::FAILURE,
        () if args.strict && !report.refused().is_empty() => ExitCode::from(REFUSED_ROWS),
        () => ExitCode::SUCCESS,
    })
}
