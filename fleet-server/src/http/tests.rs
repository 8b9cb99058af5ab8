//! The router without a network: a desk whose writer is a real `Fleet` without a disk.

use super::*;
use crate::desk::Request as Asked;
use crate::view::View;
use axum::body::{Body, to_bytes};
use axum::http::{Request as HttpRequest, StatusCode};
use fleet_core::{Event, Fleet, Input, Loaded, Output, Site, Tell, Token};
use serde_json::Value;
use shared::id::{RobotId, SiteId, ZoneId};
use shared::machine::Machine as _;
use shared::seal::SigningKey;
use shared::time::{Instant, WallTime};
use shared::zone::{Hall, Point, Zone};
use std::collections::BTreeSet;
use tokio::sync::{broadcast, mpsc};
use tower::ServiceExt as _;

fn hall() -> Hall {
    let zone = |name| Zone {
        id: ZoneId::parse(name).unwrap(),
        title: name.into(),
        from: Point::default(),
        to: Point::default(),
        station: Point::default(),
    };
    Hall { title: "Hall".into(), size: Point { x_cm: 100, y_cm: 100 }, zones: vec![zone("gate"), zone("cell-a")] }
}

fn fleet() -> Fleet {
    let robots = [(RobotId::parse("r-1").unwrap(), SigningKey::from_seed(&[1; 32]).public())].into();
    let site = Site {
        id: SiteId::parse("s").unwrap(),
        key: SigningKey::from_seed(&[2; 32]),
        hall: hall(),
        robots,
        endorser: None,
    };
    Fleet::new(site, Loaded::default())
}

fn app() -> App {
    let (commands, mut asked) = mpsc::channel::<Asked>(8);
    let mut fleet = fleet();
    let (publish, view) = watch::channel(Arc::new(View::of(&fleet, 0)));
    let (deltas, _) = broadcast::channel(8);
    tokio::spawn(async move {
        while let Some(Asked { command, reply }) = asked.recv().await {
            let event = Event::Command { token: Token(1), command };
            fleet.handle(Input { wall: WallTime(1), event }, Instant(1));
            let mut picture = (**publish.borrow()).clone();
            let mut answer = None;
            while let Some(output) = fleet.poll_output() {
                match output {
                    Output::Tell(Tell::Answer { result, .. }) => answer = Some(result),
                    Output::Merge { number, ask } => {
                        let merged = Box::new(shared::note::merge(&ask));
                        let event = Event::Merged { number, merged };
                        fleet.handle(Input { wall: WallTime(1), event }, Instant(1));
                    }
                    Output::Tell(Tell::TaskChanged(id)) => {
                        picture.refresh(&fleet, &BTreeSet::new(), &[id].into());
                    }
                    _ => {}
                }
            }
            publish.send_replace(Arc::new(picture));
            reply.send(answer.unwrap()).unwrap();
        }
    });
    let archive = crate::store::Archive::of(std::path::Path::new("/nowhere"));
    let verified = Verified::start(archive.clone());
    let desk = Desk { commands, view, deltas, hall: Arc::new(hall()), archive };
    App { desk, ui_dir: None, shutdown: watch::channel(false).1, verified, life: 5 }
}

async fn call(router: &Router, method: &str, path: &str, kind: &str, body: &str) -> (StatusCode, String, Value) {
    let request = HttpRequest::builder().method(method).uri(path).header("content-type", kind);
    let response = router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status();
    let kind = response.headers().get("content-type").map_or("", |v| v.to_str().unwrap()).to_owned();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, kind, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

const JSON: &str = "application/json";
const WISH: &str = r#"{"title":"Look","kind":"inspection","zone":"gate","robot":"r-1"}"#;

#[tokio::test]
async fn a_task_is_made_shown_and_cancelled() {
    let router = router(app());
    let (status, _, made) = call(&router, "POST", "/v1/tasks", JSON, WISH).await;
    assert_eq!((status, made["code"].as_str()), (StatusCode::CREATED, Some("T-00001")));
    assert_eq!(made["state"], "assigned");
    let (_, _, shown) = call(&router, "GET", "/v1/tasks/T-00001", JSON, "").await;
    assert_eq!(shown, made);
    let (status, _, cancelled) = call(&router, "POST", "/v1/tasks/T-00001/cancel-requests", JSON, "").await;
    assert_eq!((status, cancelled["state"].as_str()), (StatusCode::OK, Some("cancelled")));
    assert_eq!(cancelled["why"]["code"], "FLT-1406");
    let (_, _, list) = call(&router, "GET", "/v1/tasks", JSON, "").await;
    assert_eq!(list["tasks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tasks_are_selected_and_sorted() {
    let router = router(app());
    let plan = "title,kind,zone,from,priority,due,robot\n\
                Look,inspection,gate,,3,,r-1\nLook,inspection,cell-a,,1,,\nLook,inspection,gate,,1,,\nLook,inspection,gate,,2,,r-1\n";
    call(&router, "POST", "/v1/tasks/import", "text/csv", plan).await;
    call(&router, "POST", "/v1/tasks/T-00004/cancel-requests", JSON, "").await;
    let cases = [
        ("", vec![1, 2, 3, 4]),
        ("?sort=priority", vec![2, 3, 4, 1]),
        ("?zone=gate&sort=priority", vec![3, 4, 1]),
        ("?zone=gate&open=true&sort=priority", vec![3, 1]),
        ("?open=false", vec![4]),
        ("?robot=r-1&open=true", vec![1]),
        ("?zone=moon", vec![]),
    ];
    for (query, wanted) in cases {
        let (_, _, list) = call(&router, "GET", &format!("/v1/tasks{query}"), JSON, "").await;
        let codes: Vec<&str> =
            list["tasks"].as_array().unwrap().iter().map(|task| task["code"].as_str().unwrap()).collect();
        let wanted: Vec<String> = wanted.iter().map(|number| format!("T-{number:05}")).collect();
        assert_eq!(codes, wanted, "{query}");
    }
}

#[tokio::test]
async fn how_synchronisation_goes_is_told_in_words_and_figures() {
    let router = router(app());
    let (status, _, all) = call(&router, "GET", "/v1/sync", JSON, "").await;
    assert_eq!((status, all["robots"][0]["robot"].as_str()), (StatusCode::OK, Some("r-1")));
    let (_, _, one) = call(&router, "GET", "/v1/sync/r-1", JSON, "").await;
    assert!(one["why"][0].as_str().is_some_and(|why| why.contains("not heard since the server started")));
    let (status, _, problem) = call(&router, "GET", "/v1/sync/r-9", JSON, "").await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::NOT_FOUND, Some("FLT-1004")));
    let request = HttpRequest::builder().uri("/metrics").body(Body::empty()).unwrap();
    let bytes = to_bytes(router.oneshot(request).await.unwrap().into_body(), 1 << 20).await.unwrap();
    let page = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(page.starts_with("# HELP bellwether_oldest_unacked_seconds "), "{page}");
    assert!(!page.contains("bellwether_heard_age_seconds{"), "what is not known has no figure");
}

#[tokio::test]
async fn whatever_is_wrong_is_a_problem_with_its_code() {
    let router = router(app());
    let cases = [
        ("GET", "/v1/nothing", JSON, "", 404, "FLT-1004"),
        ("DELETE", "/v1/tasks", JSON, "", 405, "FLT-1005"),
        ("POST", "/v1/tasks", "text/plain", WISH, 415, "FLT-1006"),
        ("POST", "/v1/tasks", JSON, r#"{"title":"x","colour":1}"#, 400, "FLT-1001"),
        ("POST", "/v1/tasks", JSON, r#"{"title":"x","kind":"inspection","zone":"moon"}"#, 422, "FLT-1102"),
        ("GET", "/v1/tasks/x", JSON, "", 400, "FLT-1002"),
        ("GET", "/v1/tasks?zone=A+B", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/tasks?colour=red", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/tasks/T-00009", JSON, "", 404, "FLT-1004"),
        ("GET", "/v1/robots/R..", JSON, "", 400, "FLT-1002"),
        ("GET", "/v1/robots/r-9", JSON, "", 404, "FLT-1004"),
        ("POST", "/v1/robots/r-1/resume-requests", JSON, "", 409, "FLT-1301"),
        ("GET", "/v1/robots/r-9/journal", JSON, "", 404, "FLT-1004"),
        ("GET", "/v1/robots/r-1/journal?from=x", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/robots/r-1/journal?form=1", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/robots/r-1/journal?epoch=12", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/robots/r-1/journal/signatures?epoch=zzzzzzzzzzzzzzzz", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/robots/r-1/disclosure?day=2026-02-30", JSON, "", 400, "FLT-1009"),
        ("GET", "/v1/robots/r-1/journal", JSON, "", 500, "FLT-1502"),
        ("POST", "/v1/robots/r-1/journal", JSON, "", 405, "FLT-1005"),
        ("POST", "/v1/tasks/import", "text/csv", "title\n", 422, "FLT-1101"),
    ];
    for (method, path, kind, body, status, code) in cases {
        let (found, content, problem) = call(&router, method, path, kind, body).await;
        assert_eq!((found.as_u16(), problem["code"].as_str()), (status, Some(code)), "{method} {path} {problem}");
        assert_eq!(content, "application/problem+json", "{method} {path}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
}

#[tokio::test]
async fn a_plan_with_one_wrong_row_imports_nothing() {
    let router = router(app());
    let plan = "title,kind,zone,from,priority,due,robot\nLook,inspection,gate,,1,,r-1\nLook,inspection,moon,,1,,r-1\n";
    let (status, _, problem) = call(&router, "POST", "/v1/tasks/import", "text/csv", plan).await;
    assert_eq!((status.as_u16(), problem["line"].as_u64(), problem["column"].as_str()), (422, Some(3), Some("zone")));
    let (_, _, list) = call(&router, "GET", "/v1/tasks", JSON, "").await;
    assert_eq!(list["tasks"].as_array().unwrap().len(), 0);
    let (status, _, made) =
        call(&router, "POST", "/v1/tasks/import", "text/csv", &plan.replace("moon", "cell-a")).await;
    assert_eq!((status.as_u16(), made["tasks"].as_array().unwrap().len()), (201, 2));
}

#[tokio::test]
async fn a_page_of_another_site_may_not_write() {
    let router = router(app());
    let post = |origin: &str| {
        let request = HttpRequest::builder().method("POST").uri("/v1/tasks/T-00001/cancel-requests");
        let request = request.header("host", "127.0.0.1:8080").header("origin", origin).body(Body::empty()).unwrap();
        router.clone().oneshot(request)
    };
    assert_eq!(post("http://evil.example").await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(post("null").await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(post("http://127.0.0.1:8080").await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_under_interlock_can_be_written() {
    let router = router(app());
    for verb in ["release", "reset", "arm", "energise", "interlock", "clear", "estop"] {
        for path in [format!("/v1/robots/r-1/{verb}"), format!("/v1/interlock/{verb}")] {
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                let (status, _, _) = call(&router, method, &path, JSON, "{}").await;
                assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn operations_are_answered_one_by_one_and_repeated_ones_the_same() {
    let router = router(app());
    let (_, _, made) = call(&router, "POST", "/v1/tasks", JSON, WISH).await;
    let id = made["id"].as_str().unwrap();
    let op = |seq: u64, act: &str| format!(r#"{{"seq":{seq},"id":"{seq:032x}","task":"{id}","act":{act}}}"#);
    let batch = |ops: &[String]| format!(r#"{{"client":"weber","ops":[{}]}}"#, ops.join(","));
    let title = op(1, r#"{"op":"set","field":"title","value":"New"}"#);
    let edits = r#"[{"edit":"insert","at":0,"text":"Mind the step"},{"edit":"check","text":"seal it","done":true}]"#;
    let note = op(2, &format!(r#"{{"op":"edit_note","base":[],"edits":{edits}}}"#));
    let (status, _, first) = call(&router, "POST", "/v1/ops", JSON, &batch(&[title.clone(), note])).await;
    assert_eq!(
        (status, &first["results"][0]["result"], &first["results"][1]["result"]),
        (StatusCode::OK, &"done".into(), &"done".into())
    );
    assert_eq!((&first["whole"], &first["rows"][0]["title"]), (&true.into(), &"New".into()));
    let (_, _, told) = call(&router, "GET", "/v1/tasks/T-00001/note", JSON, "").await;
    assert_eq!((&told["text"], &told["items"][0]["text"]), (&"Mind the step".into(), &"seal it".into()));
    assert_eq!(first["rows"][0]["note"], told);
    let (_, _, again) = call(&router, "POST", "/v1/ops", JSON, &batch(&[title])).await;
    assert_eq!(again["results"][0], first["results"][0]);
    let cursor = first["cursor"].as_str().unwrap();
    let asks = format!(r#"{{"client":"weber","ops":[],"cursor":"{cursor}"}}"#);
    let (_, _, nothing) = call(&router, "POST", "/v1/ops", JSON, &asks).await;
    assert_eq!((&nothing["whole"], nothing["rows"].as_array().unwrap().len()), (&false.into(), 0));
    let gap = batch(&[op(9, r#"{"op":"set","field":"cancel"}"#)]);
    let (status, _, problem) = call(&router, "POST", "/v1/ops", JSON, &gap).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("FLT-1105")));
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("up to 2") && detail.contains("with 9")));
    let refused = batch(&[op(3, r#"{"op":"set","field":"zone","value":"moon"}"#)]);
    let (_, _, answer) = call(&router, "POST", "/v1/ops", JSON, &refused).await;
    assert_eq!(
        (&answer["results"][0]["result"], &answer["results"][0]["code"]),
        (&"refused".into(), &"FLT-1102".into())
    );
}
