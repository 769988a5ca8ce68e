//! The pages that the binary carries: the board at `/`, the operators' console at `/console`. Serves exactly
//! the files that `build.rs` put into `web/dist`, and nothing that a path could reach around them.

use actix_web::http::header;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::ApiError;
use super::etag::tagged;
use super::method::get;

/// No script, style or connection but our own, and nobody may put us in a frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Files;

/// What is served in place of a page whose files are not in this build.
const UNBUILT: &str = "<!doctype html><meta charset=utf-8><title>Not built</title>\
    <h1>This build carries no pages</h1>\
    <p>The service is running; its API is at <code>/api/collaboration/v1</code>. For the board and the console \
    install Node 20 or newer, run <code>scripts/build-web.sh</code>, and build the binary again.</p>\n";

/// The routes of both pages.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/", get().to(board))
        .route("/board/{path:.*}", get().to(board_file))
        .route("/console", get().to(console))
        .service(web::redirect("/console/", "/console"))
        .route("/console/{path:.*}", get().to(console_file));
}

async fn board(request: HttpRequest) -> HttpResponse {
    page(&request, "board/index.html")
}

async fn board_file(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, ApiError> {
    file(&request, "board", &path)
}

async fn console(request: HttpRequest) -> HttpResponse {
    page(&request, "console/index.html")
}

async fn console_file(request: HttpRequest, path: Path<String>) -> Result<HttpResponse, ApiError> {
    file(&request, "console", &path)
}

fn page(request: &HttpRequest, path: &str) -> HttpResponse {
    match Files::get(path) {
        Some(file) => answer(request, path, file),
        None => HttpResponse::ServiceUnavailable().content_type(media_type(path)).body(UNBUILT),
    }
}

fn file(request: &HttpRequest, page: &str, path: &str) -> Result<HttpResponse, ApiError> {
    let found = find(page, path).ok_or_else(ApiError::not_found)?;
    Ok(answer(request, path, found))
}

fn answer(request: &HttpRequest, path: &str, file: EmbeddedFile) -> HttpResponse {
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
    response
}

/// Plain paths below the page's folder.
fn find(page: &str, path: &str) -> Option<EmbeddedFile> {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    path.split('/').all(plain).then(|| Files::get(&format!("{page}/{path}"))).flatten()
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
        for path in [
            "../Cargo.toml",
            "a/../../Cargo.toml",
            "/etc/passwd",
            "",
            ".git",
            "a\\..\\b",
            "../console/main.js",
        ] {
            assert!(find("board", path).is_none(), "{path}");
        }
    }

    #[test]
    fn scripts_and_pages_are_called_what_they_are() {
        assert_eq!(media_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(media_type("a/app.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("LICENSE"), "application/octet-stream");
    }
}
