//! The page of the simulated hardware: hands for a visitor, on a port of its own.
//!
//! `fleet serve` has no such page and no client of a panel. Whatever is done here was done by the visitor, and only the
//! visitor undoes it.

use super::acts::By;
use super::floor::{Floor, Station};
use crate::http::files::shared;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rust_embed::Embed;
use serde_json::{Value, json};
use shared::id::RobotId;
use shared::refusal::Code;
use std::net::TcpListener;
use std::sync::Arc;

#[derive(Embed)]
#[folder = "web-hardware"]
#[allow_missing = true]
struct Page;

/// What a page may load: its own files and nothing from elsewhere.
const POLICY: &str = "default-src 'self'; frame-ancestors 'none'";

/// Serves the page until the runtime ends.
pub async fn serve(listener: TcpListener, floor: Arc<Floor>) {
    let voice = floor.voice;
    let served = async {
        listener.set_nonblocking(true)?;
        axum::serve(tokio::net::TcpListener::from_std(listener)?, router(floor)).await
    };
    if let Err(fault) = served.await {
        voice.say(&format!("The page of the simulated hardware has ended: {fault}"));
    }
}

fn router(floor: Arc<Floor>) -> Router {
    Router::new()
        .route("/v1/hardware", get(all))
        .route("/v1/hardware/{act}", post(on_all))
        .route("/v1/hardware/robots/{id}/{act}", post(on_one))
        .fallback(get(file))
        .layer(from_fn(refuse_other_sites))
        .with_state(floor)
}

async fn all(State(floor): State<Arc<Floor>>) -> Json<Value> {
    let mut robots = Vec::new();
    for (id, station) in &floor.stations {
        robots.push(robot(id, station).await);
    }
    Json(json!({ "robots": robots, "fleet": *floor.fleet.borrow() }))
}

/// What the panel shows, with what only the supervisor knows: the network and the processes.
async fn robot(id: &RobotId, station: &Station) -> Value {
    let mut shown = match station.look().await {
        Ok(status) => json!(status),
        Err(_) => json!({ "error": "The panel is dark: the firmware does not answer." }),
    };
    shown["robot"] = json!(id);
    shown["network"] = json!(if station.relay.is_cut() { "cut" } else { "up" });
    shown["pressed_by"] = json!(*station.hand.borrow());
    shown["processes"] = json!({ "agent": *station.agent.borrow(), "firmware": *station.firmware.borrow() });
    shown
}

async fn on_all(State(floor): State<Arc<Floor>>, Path(act): Path<String>) -> Response {
    for id in floor.stations.keys() {
        let done = match act.as_str() {
            "cut" => floor.cut(id, By::Visitor),
            "restore" => floor.restore(id, By::Visitor),
            _ => {
                return problem(
                    StatusCode::NOT_FOUND,
                    Code::NotFound,
                    &format!("nothing on all robots is called {act}"),
                );
            }
        };
        done.expect("the robot is one of the floor's");
    }
    all(State(floor)).await.into_response()
}

async fn on_one(State(floor): State<Arc<Floor>>, Path((id, act)): Path<(String, String)>) -> Response {
    let Ok(id) = RobotId::parse(&id) else {
        return problem(StatusCode::NOT_FOUND, Code::BadId, "the path names no robot");
    };
    let Some(station) = floor.stations.get(&id) else {
        return problem(StatusCode::NOT_FOUND, Code::NotFound, &format!("there is no robot {id} here"));
    };
    let done = match act.as_str() {
        "press" => floor.press(&id, By::Visitor).await.map(drop),
        "release" => floor.release(&id, By::Visitor).await.map(drop),
        "reset" => floor.reset(&id, By::Visitor).await.map(drop),
        "mute" => floor.mute(&id, By::Visitor).await.map(drop),
        "jam" => floor.jam(&id, By::Visitor).await.map(drop),
        "delay" => floor.delay(&id, By::Visitor).await.map(drop),
        "unmute" => floor.unmute(&id, By::Visitor).await.map(drop),
        "clear" => floor.clear(&id, By::Visitor).await,
        "cut" => floor.cut(&id, By::Visitor),
        "restore" => floor.restore(&id, By::Visitor),
        _ => return problem(StatusCode::NOT_FOUND, Code::NotFound, &format!("nothing on a robot is called {act}")),
    };
    match done {
        Ok(()) => Json(robot(&id, station).await).into_response(),
        Err(fault) if act == "clear" => {
            problem(StatusCode::CONFLICT, Code::BadClearance, &format!("{id} was not cleared: {fault}"))
        }
        Err(fault) => {
            let detail = format!("the firmware of {id} did not answer to {act}: {fault}");
            problem(StatusCode::SERVICE_UNAVAILABLE, Code::NotHeard, &detail)
        }
    }
}

/// A refusal (RFC 9457).
fn problem(status: StatusCode, code: Code, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": code.sentence(),
        "status": status.as_u16(),
        "detail": detail,
        "code": code,
        "what_to_do": code.what_to_do(),
    });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

// A page of another site, open in the visitor's browser, may not lay hands on the hardware: neither by its own origin
// nor by a name of its own that leads to this machine.
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    if is_ours(request.headers()) {
        return next.run(request).await;
    }
    problem(StatusCode::FORBIDDEN, Code::NotFound, "this page answers only to its own address")
}

fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(host) = text(HOST) else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = matches!(name, "127.0.0.1" | "localhost");
    is_here && text(ORIGIN).is_none_or(|origin| origin == format!("http://{host}"))
}

async fn file(uri: Uri) -> Response {
    let path = match uri.path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    match Page::get(path).map(|file| file.data.into_owned()).or_else(|| shared(path)) {
        Some(bytes) => {
            let headers = [(CONTENT_TYPE, content_type(path)), (CONTENT_SECURITY_POLICY, POLICY)];
            (headers, bytes).into_response()
        }
        None if path == "index.html" => {
            let sentence = "The page of the simulated hardware is not built in; its interface is at /v1/hardware.\n";
            ([(CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response()
        }
        None => problem(StatusCode::NOT_FOUND, Code::NotFound, &format!("there is no file {path}")),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_the_page_itself_lays_hands_on_the_hardware() {
        assert!(is_ours(&headers("127.0.0.1:8081", None)));
        assert!(is_ours(&headers("localhost:8081", Some("http://localhost:8081"))));
        assert!(!is_ours(&headers("127.0.0.1:8081", Some("http://127.0.0.1:8080"))));
        assert!(!is_ours(&headers("127.0.0.1:8081", Some("https://elsewhere.example"))));
        assert!(!is_ours(&headers("rebound.example:8081", None)));
        assert!(!is_ours(&HeaderMap::new()));
    }
}
