//! REST, probes, documents and the board; `ws.rs` and `socketio.rs` are the doors to
//! sessions. The route tables below
//! are the whole surface. Handlers ask actors for what is alive and read the store for what is at
//! rest; errors become HTTP in `error.rs` alone.

mod access;
mod body;
mod calendar;
mod caller;
pub mod conn;
mod cursor;
mod demo;
mod docs;
mod error;
mod etag;
mod feed;
mod finish;
mod import;
mod links;
mod log;
mod members;
mod method;
mod operator;
mod ops;
mod pages;
mod participants;
mod probes;
mod query;
mod rooms;
mod server;
pub mod socketio;
mod spans;
mod state;
mod trace;
pub mod ws;

use actix_cors::Cors;
use actix_web::HttpResponse;
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use tracing_actix_web::TracingLogger;

pub use caller::bearer;
pub use docs::document;
pub use error::ApiError;
pub use feed::Waiting;
pub use finish::{REQUEST_ID, finish};
pub use operator::Operators;
pub use server::{Listening, bind, serve};
pub use state::{Environment, State};

/// Where the REST routes are.
pub const PREFIX: &str = "/api/collaboration/v1";

/// Declares routes and keeps a list of them, for the test that compares it with the documents.
macro_rules! route_table {
    ($(#[$doc:meta])* $list:ident, $configure:ident: $($method:ident $path:literal => $handler:path,)+) => {
        $(#[$doc])*
        pub const $list: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        fn $configure(cfg: &mut ServiceConfig) {
            $(cfg.route($path, method::$method().to($handler));)+
        }
    };
}

route_table! {
    /// REST: method and path below [`PREFIX`].
    API, api:
    get "/rooms" => rooms::list,
    post "/rooms" => rooms::create,
    get "/rooms/{room}" => rooms::read,
    patch "/rooms/{room}" => rooms::update,
    delete "/rooms/{room}" => rooms::archive,
    get "/rooms/{room}/members" => members::list,
    put "/rooms/{room}/members/{userId}" => members::put,
    delete "/rooms/{room}/members/{userId}" => members::remove,
    get "/rooms/{room}/snapshot" => log::snapshot,
    get "/rooms/{room}/events" => log::events,
    post "/rooms/{room}/ops" => ops::submit,
    get "/rooms/{room}/participants" => participants::list,
    get "/rooms/{room}/calendar.ics" => calendar::export,
    post "/rooms/{room}/import" => import::preview,
    post "/rooms/{room}/calendar-link" => links::make,
    delete "/rooms/{room}/calendar-link" => links::end,
    get "/feed" => feed::follow,
    get "/operator/overview" => operator::overview::overview,
    get "/operator/rooms" => operator::rooms::list,
    get "/operator/rooms/{room}" => operator::rooms::read,
    get "/operator/sessions" => operator::sessions::list,
    post "/operator/sessions/{sessionId}/disconnect" => operator::disconnect::disconnect,
    get "/operator/follow" => operator::follow::follow,
    get "/operator/log-filter" => operator::process::filter,
    put "/operator/log-filter" => operator::process::set_filter,
    post "/operator/drain" => operator::process::drain,
    get "/operator/audit" => operator::audit::list,
    get "/openapi.json" => docs::openapi,
    get "/asyncapi.json" => docs::asyncapi_json,
    get "/demo/people" => demo::people,
}

route_table! {
    /// Probes: method and path.
    PROBES, probes_table:
    get "/live" => probes::live,
    get "/ready" => probes::ready,
    get "/health" => probes::health,
    get "/health/deps" => probes::dependencies,
    get "/metrics" => probes::metrics,
}

/// Everything but the socket, whose route comes before this one: its frames should not pass through
/// the middlewares of requests. Expects `web::Data<State>`. Pages of `allowed_origins` may call from
/// other hosts; `*` lets all of them.
pub fn routes(allowed_origins: &[String]) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let cors = cors(allowed_origins);
    move |cfg| {
        let all = web::scope("")
            .service(web::scope(PREFIX).configure(api).default_service(web::to(nowhere)))
            .configure(probes_table)
            .configure(pages::routes)
            .default_service(web::to(nowhere))
            .wrap(from_fn(finish))
            .wrap(cors)
            .wrap(TracingLogger::<trace::RequestSpan>::new());
        cfg.service(all);
    }
}

fn cors(allowed_origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::RETRY_AFTER, REQUEST_ID])
        .max_age(600);
    allowed_origins.iter().fold(cors, |cors, origin| match origin.as_str() {
        "*" => cors.allow_any_origin(),
        origin => cors.allowed_origin(origin),
    })
}

async fn nowhere() -> Result<HttpResponse, ApiError> {
    Err(ApiError::not_found())
}
