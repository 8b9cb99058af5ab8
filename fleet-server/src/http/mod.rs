//! What browsers and programs ask: REST under `/v1`, a live feed, and the operator's page.
//!
//! Reads come from the newest published picture; writes go to the writer and are answered after their commit. There is no
//! path that energises, resets or releases anything: the interlock is only ever read.

mod body;
mod feed;
pub(crate) mod files;
mod journal;
mod ops;
mod plan;
mod problem;
mod robots;
mod shape;
mod sync;
mod tasks;
mod telemetry;
mod verified;

use crate::desk::Desk;
use crate::entropy;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use problem::Problem;
use shared::refusal::Code;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use verified::Verified;

/// What every handler has.
#[derive(Clone, Debug)]
pub(crate) struct App {
    desk: Desk,
    ui_dir: Option<Arc<PathBuf>>,
    shutdown: watch::Receiver<bool>,
    verified: Verified,
    /// Names this process in cursors.
    life: u64,
}

/// Serves until `shutdown` becomes true. `ui_dir` replaces the embedded page, for its developers.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    desk: Desk,
    ui_dir: Option<PathBuf>,
    shutdown: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut ending = shutdown.clone();
    let verified = Verified::start(desk.archive.clone());
    let app = App { desk, ui_dir: ui_dir.map(Arc::new), shutdown, verified, life: entropy::number() };
    axum::serve(listener, router(app)).with_graceful_shutdown(async move { ended(&mut ending).await }).await
}

/// Waits until the process is ending. A sender that is gone means the same as its word.
async fn ended(ending: &mut watch::Receiver<bool>) {
    while !*ending.borrow_and_update() {
        if ending.changed().await.is_err() {
            return;
        }
    }
}

fn router(app: App) -> Router {
    Router::new()
        .route("/v1/hall", get(robots::hall))
        .route("/v1/robots", get(robots::list))
        .route("/v1/robots/{id}", get(robots::show))
        .route("/v1/robots/{id}/resume-requests", post(robots::resume))
        .route("/v1/robots/{id}/clearances", post(robots::clear))
        .route("/v1/robots/{id}/journal", get(journal::entries))
        .route("/v1/robots/{id}/journal/signatures", get(journal::signatures))
        .route("/v1/robots/{id}/telemetry", get(telemetry::show))
        .route("/v1/robots/{id}/disclosure", get(journal::disclosure))
        .route("/v1/tasks", get(tasks::list).post(tasks::create))
        .route("/v1/tasks/import", post(tasks::import))
        .route("/v1/tasks/{id}", get(tasks::show))
        .route("/v1/tasks/{id}/note", get(ops::note))
        .route("/v1/ops", post(ops::take))
        .route("/v1/tasks/{id}/assignments", post(tasks::assign))
        .route("/v1/tasks/{id}/cancel-requests", post(tasks::cancel))
        .route("/v1/sync", get(sync::list))
        .route("/v1/sync/{robot}", get(sync::show))
        .route("/metrics", get(sync::metrics))
        .route("/v1/feed", get(feed::open))
        .route("/healthz", get(|| async { "ok" }))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(middleware::from_fn(same_origin))
        .layer(middleware::map_response(harden))
        .with_state(app)
}

/// A file of the page, or a problem.
async fn unknown_path(State(app): State<App>, method: Method, uri: Uri) -> Response {
    let is_page = method == Method::GET && !uri.path().starts_with("/v1/");
    let file = if is_page { files::serve(app.ui_dir.as_deref().map(PathBuf::as_path), uri.path()) } else { None };
    file.unwrap_or_else(|| Problem::new(Code::NotFound, format!("There is nothing at {}.", uri.path())).into_response())
}

async fn unknown_method(method: Method, uri: Uri) -> Problem {
    Problem::new(Code::BadMethod, format!("{} does not offer {method}.", uri.path()))
}

/// A browser names the page that asks. A page of another site may neither write nor listen here; programs send no Origin.
async fn same_origin(request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET && request.uri().path() != "/v1/feed";
    match foreign_origin(request.headers()) {
        Some(origin) if !is_read => {
            Problem::new(Code::BadOrigin, format!("The request comes from {origin}.")).into_response()
        }
        Some(_) | None => next.run(request).await,
    }
}

fn foreign_origin(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let origin = text(header::ORIGIN)?;
    let host = text(header::HOST).unwrap_or_default();
    let is_own = origin.split_once("://").is_some_and(|(_, of)| of == host);
    (!is_own).then(|| origin.to_owned())
}

/// No page of ours runs inline code, is framed, or is guessed at.
async fn harden(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                          object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
