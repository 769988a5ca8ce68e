//! The board: the files of `web/board`, in the binary. Serves exactly those files and nothing that a
//! path could reach around them.

use actix_web::http::header;
use actix_web::web::{Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Responder};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::ApiError;
use super::etag::tagged;
use super::method::get;

/// No script, style or connection but our own, and nobody may put us in a frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "web/board"]
struct Files;

/// The board's routes.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/", get().to(index)).route("/board/{path:.*}", get().to(file));
}

async fn index(request: HttpRequest) -> Result<impl Responder, ApiError> {
    serve(&request, "index.html")
}

async fn file(request: HttpRequest, path: Path<String>) -> Result<impl Responder, ApiError> {
    serve(&request, &path)
}

fn serve(request: &HttpRequest, path: &str) -> Result<HttpResponse, ApiError> {
    let file = find(path).ok_or_else(ApiError::not_found)?;
    let hash = file.metadata.sha256_hash();
    let tag: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let mut response = tagged(request, tag, media_type(path), || file.data.into_owned());
    let headers = response.headers_mut();
    let security = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in security {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Plain paths below the folder; the board's own tests are not part of it.
fn find(path: &str) -> Option<EmbeddedFile> {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    if !path.split('/').all(plain) || path.starts_with("tests/") {
        return None;
    }
    Files::get(path)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in ["../Cargo.toml", "a/../../Cargo.toml", "/etc/passwd", "", ".git", "a\\..\\b"] {
            assert!(find(path).is_none(), "{path}");
        }
        assert!(find("tests/index.html").is_none());
    }

    #[test]
    fn the_page_is_in_the_binary() {
        assert!(find("index.html").is_some());
        assert!(find("app.js").is_some());
    }

    #[test]
    fn scripts_and_pages_are_called_what_they_are() {
        assert_eq!(media_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(media_type("a/app.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("LICENSE"), "application/octet-stream");
    }
}
