//! What a route answers to. Wherever something can be read, its headers alone can be asked for.

use actix_web::Route;
use actix_web::guard::{Any, Get, Head};
use actix_web::web::route;

pub use actix_web::web::{delete, patch, post, put};

/// GET, and HEAD, whose body is left out on the way.
pub fn get() -> Route {
    route().guard(Any(Get()).or(Head()))
}
