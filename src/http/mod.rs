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
mod upgraded;
pub mod ws;

use actix_cors::Cors;
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Scope};
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

/// Declares the routes below a path and keeps a list of them, for the test that compares it with the
/// documents. A path with a name in it is a pattern that is tried for each request: one for all that
/// is below it.
macro_rules! route_table {
    ($(#[$doc:meta])* $list:ident, $scope:ident, $below:literal: $($method:ident $path:literal => $handler:path,)+) => {
        $(#[$doc])*
        pub const $list: &[(&str, &str)] = &[$((stringify!($method), concat!($below, $path))),+];

        fn $scope() -> Scope {
            web::scope($below)$(.route($path, method::$method().to($handler)))+
        }
    };
}

route_table! {
    /// REST beside [`ROOM`] and [`OPERATOR`]: method and path.
    API, api, "/api/collaboration/v1":
    get "/rooms" => rooms::list,
    post "/rooms" => rooms::create,
    get "/feed" => feed::follow,
    get "/openapi.json" => docs::openapi,
    get "/asyncapi.json" => docs::asyncapi_json,
    get "/demo/people" => demo::people,
}

route_table! {
    /// What is asked of one room: method and path.
    ROOM, room, "/api/collaboration/v1/rooms/{room}":
    get "" => rooms::read,
    patch "" => rooms::update,
    delete "" => rooms::archive,
    get "/members" => members::list,
    put "/members/{userId}" => members::put,
    delete "/members/{userId}" => members::remove,
    get "/snapshot" => log::snapshot,
    get "/events" => log::events,
    post "/ops" => ops::submit,
    get "/participants" => participants::list,
    get "/calendar.ics" => calendar::export,
    post "/import" => import::preview,
    post "/calendar-link" => links::make,
    delete "/calendar-link" => links::end,
}

route_table! {
    /// What only operators may: method and path.
    OPERATOR, operator, "/api/collaboration/v1/operator":
    get "/overview" => operator::overview::overview,
    get "/rooms" => operator::rooms::list,
    get "/rooms/{room}" => operator::rooms::read,
    get "/sessions" => operator::sessions::list,
    post "/sessions/{sessionId}/disconnect" => operator::disconnect::disconnect,
    get "/follow" => operator::follow::follow,
    get "/log-filter" => operator::process::filter,
    put "/log-filter" => operator::process::set_filter,
    post "/drain" => operator::process::drain,
    get "/audit" => operator::audit::list,
}

route_table! {
    /// Probes: method and path.
    PROBES, probes, "":
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
        let all = probes()
            .service(room().default_service(web::to(nowhere)))
            .service(operator().default_service(web::to(nowhere)))
            .service(api().default_service(web::to(nowhere)))
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
