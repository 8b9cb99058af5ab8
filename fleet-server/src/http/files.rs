//! The operator's page: embedded, or read from a folder while somebody works on it.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::path::{Component, Path};

#[derive(RustEmbed)]
#[folder = "web"]
#[exclude = "tests/*"]
struct Embedded;

/// The file at a path, if there is one; `/` is the page itself.
pub fn serve(ui_dir: Option<&Path>, path: &str) -> Option<Response> {
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let bytes = match ui_dir {
        Some(dir) => read(dir, name),
        None => Embedded::get(name).map(|file| file.data.into_owned()),
    };
    match bytes {
        Some(bytes) => Some(([(header::CONTENT_TYPE, content_type(name))], bytes).into_response()),
        None if name == "index.html" => {
            Some("This server was built without its page; the API is under /v1.".into_response())
        }
        None => None,
    }
}

/// Nothing outside the folder, whatever the path says.
fn read(dir: &Path, name: &str) -> Option<Vec<u8>> {
    let is_inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if is_inside { std::fs::read(dir.join(name)).ok() } else { None }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.js"), "1").unwrap();
        assert!(serve(Some(dir.path()), "/a.js").is_some());
        for path in ["/../a.js", "/./../../etc/passwd", "//etc/passwd", "/b.js"] {
            assert!(serve(Some(&dir.path().join("x")), path).is_none(), "{path}");
        }
    }
}
