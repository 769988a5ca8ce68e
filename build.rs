//! Builds the pages that the binary carries (`scripts/build-web.sh`) where Node is there. Where it isn't,
//! or with `KYO_WEB=skip`, the binary takes what `web/dist` already holds, or serves a page that says how
//! to get them. `scripts/build-web.sh` may be run by hand at any time.

use std::path::Path;
use std::process::Command;

const WATCHED: [&str; 8] = [
    "build.mjs",
    "package-lock.json",
    "client/src",
    "board/src",
    "board/static",
    "console/src",
    "console/static",
    "../scripts/build-web.sh",
];

#[expect(
    clippy::disallowed_methods,
    reason = "a build script has no configuration but the environment"
)]
fn main() {
    println!("cargo:rerun-if-env-changed=KYO_WEB");
    let web = Path::new("web");
    // A path that is not there would mean a build at every start of cargo.
    for path in WATCHED.map(|path| web.join(path)).iter().filter(|path| path.exists()) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    if !std::env::var("KYO_WEB").is_ok_and(|wish| wish == "skip") {
        build_pages();
    }
    // While there is no page, cargo asks again at every start: Node may have come. (One that is there
    // was written after this script began, which cargo would take for a change.)
    let page = web.join("dist/board/index.html");
    if !page.exists() {
        println!("cargo:rerun-if-changed={}", page.display());
    }
    // The folder must exist to be embedded, be it empty.
    for page in ["board", "console"] {
        if let Err(error) = std::fs::create_dir_all(web.join("dist").join(page)) {
            println!("cargo:warning=web/dist can't be made: {error}");
        }
    }
}

fn build_pages() {
    match Command::new("scripts/build-web.sh").output() {
        Ok(done) if done.status.success() => {}
        Ok(done) => {
            for line in String::from_utf8_lossy(&done.stderr).lines().take(20) {
                println!("cargo:warning=the board is not built: {line}");
            }
        }
        Err(error) => println!("cargo:warning=the board is not built: {error}"),
    }
}
