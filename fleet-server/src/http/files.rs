//! The operator's page: embedded, or read from a folder while somebody works on it.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::path::{Component, Path};

#[derive(RustEmbed)]
#[folder = "web"]
#[exclude = "tests/*"]
struct Embedded;

/// What both pages are made with; served beside each.
#[derive(RustEmbed)]
#[folder = "web-shared"]
struct Shared;

/// Where the shared files stand, as a path and beside the page's own folder.
const SHARED: &str = "web-shared";

/// A file of those that both pages share, if the name leads to one.
pub fn shared(name: &str) -> Option<Vec<u8>> {
    let name = name.strip_prefix(SHARED)?.strip_prefix('/')?;
    Shared::get(name).map(|file| file.data.into_owned())
}

/// The file at a path, if there is one; `/` is the page itself.
pub fn serve(ui_dir: Option<&Path>, path: &str) -> Option<Response> {
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let bytes = match ui_dir {
        Some(dir) => read(dir, name).or_else(|| read(dir.parent()?, &shared_name(name)?)),
        None => Embedded::get(name).map(|file| file.data.into_owned()).or_else(|| shared(name)),
    };
    match bytes {
        Some(bytes) => Some(([(header::CONTENT_TYPE, content_type(name))], bytes).into_response()),
        None if name == "index.html" => {
            Some("This server was built without its page; the API is under /v1.".into_response())
        }
        None => None,
    }
}

/// The name itself, if it leads to a shared file.
fn shared_name(name: &str) -> Option<String> {
    name.strip_prefix(SHARED).filter(|rest| rest.starts_with('/')).map(|_| name.to_owned())
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

    #[test]
    fn what_both_pages_share_is_served_beside_each() {
        assert!(serve(None, "/web-shared/h.js").is_some() && shared("web-shared/h.js").is_some());
        assert!(shared("web-shared/none.js").is_none() && shared("h.js").is_none());
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("web-shared")).unwrap();
        std::fs::write(dir.path().join("web-shared/x.js"), "1").unwrap();
        std::fs::write(dir.path().join("secret.js"), "1").unwrap();
        let ui_dir = dir.path().join("web");
        assert!(serve(Some(&ui_dir), "/web-shared/x.js").is_some());
        assert!(serve(Some(&ui_dir), "/secret.js").is_none());
        assert!(serve(Some(&ui_dir), "/web-shared/../secret.js").is_none());
    }
}
