//! The real server process, spoken to as robots and people speak to it.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail as the test may")]

mod site;

use serde_json::{Value, json};
use shared::fact::Fact;
use shared::task::OrderRef;
use shared::time::Millis;
use shared::wire::fleet_to_robot::{Now, Row};
use shared::wire::topic::Up;
use site::robot::{Heard, Robot};
use site::{Site, serve};
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::Duration;
use tokio_tungstenite::tungstenite;

fn wish() -> Value {
    json!({"id": "0190a000-0000-7000-8000-000000000001", "title": "Look at cell A", "kind": "inspection",
           "zone": "cell-a", "robot": "r-1"})
}

fn order_of(row: &Row) -> OrderRef {
    let Row::Task { row } = row else { panic!("not a task: {row:?}") };
    row.order()
}

/// A robot takes an order, works, and hands its record over; the server is killed, and nothing that it acknowledged is
/// gone.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_out_and_the_acknowledged_record_survives_kill_9() {
    let mut site = Site::running();
    let mut robot = Robot::connect(&site, "r-1", 1, None).await;
    let (status, task) = site.post("/v1/tasks", &wish());
    assert_eq!((status, task["state"].as_str()), (201, Some("assigned")));
    robot.state(false).await;
    robot.hello(0, 0).await;
    let (server_epoch, _) = robot.welcomed().await;
    let (rows, cursor) = robot.fed().await;
    let order = order_of(&rows[0]);
    robot.applied(server_epoch, cursor).await;
    let step = |step| [Fact::StepStarted { order, step }, Fact::StepEnded { order, step }];
    let work = [vec![Fact::Accepted { order }], step(0).into(), step(1).into(), vec![Fact::Done { order }]].concat();
    let records = robot.write(&work);
    robot.send(&records).await;
    assert_eq!(robot.stored().await, (6, records[5].hash));

    site.kill();
    site.start();
    let task = site.get("/v1/tasks/T-00001");
    assert_eq!(
        (task["state"].as_str(), task["steps_done"].as_u64(), task["late"].as_bool()),
        (Some("done"), Some(2), Some(false))
    );
    let mut robot = Robot::connect(&site, "r-1", 1, Some(robot.chain.clone())).await;
    robot.hello(server_epoch, cursor).await;
    assert_eq!(robot.welcomed().await, (server_epoch, vec![0, 6, 0]));
    let (rows, _) = robot.fed().await;
    assert!(matches!(rows.last(), Some(Row::Task { row }) if row.state == shared::task::TaskState::Done));
    robot.send(&records).await;
    assert_eq!(robot.stored().await, (6, records[5].hash), "a repetition is acknowledged again");
    assert_eq!(site.get("/v1/tasks")["tasks"].as_array().unwrap().len(), 1);
}

/// The planted fault is a real one: the batch is acknowledged, and gone after a restart. No release build has the word.
#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_loss_loses_an_acknowledged_batch() {
    let mut site = Site::new();
    site.plant(true);
    site.start();
    let mut robot = Robot::connect(&site, "r-1", 1, None).await;
    let order = OrderRef { task: shared::id::TaskId::from_bytes([7; 16]), fence: 1 };
    let (work, safety) = (robot.write(&[Fact::Accepted { order }]), robot.write(&[Fact::AgentStarted { clean: true }]));
    robot.send(&work).await;
    assert_eq!(robot.stored().await, (1, work[0].hash));
    robot.send(&safety).await;
    assert_eq!(robot.stored().await, (1, safety[0].hash));
    site.kill();
    site.plant(false);
    site.start();
    let mut robot = Robot::connect(&site, "r-1", 1, Some(robot.chain.clone())).await;
    robot.hello(0, 0).await;
    assert_eq!(robot.welcomed().await.1, vec![1, 0, 0]);
}

/// Garbage of every kind arrives, on the port and on the topics; the server goes on serving.
#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_dropped_and_the_server_goes_on() {
    let site = Site::running();
    for noise in [vec![0xff_u8; 4096], vec![0x10, 0xff, 0xff, 0xff, 0x7f], b"GET / HTTP/1.1\r\n\r\n".to_vec()] {
        let mut stream = std::net::TcpStream::connect(site.mqtt).unwrap();
        // The server may hang up in the middle, which is its right.
        let _refused = stream.write_all(&noise);
    }
    let mut robot = Robot::connect(&site, "r-1", 1, None).await;
    for channel in [Up::Safety, Up::Work, Up::Notes, Up::Telemetry, Up::State, Up::Session, Up::Connection] {
        for noise in [vec![], vec![0xff; 60_000], vec![0xa4, 0x00, 0x01]] {
            robot.publish(&robot.topic(channel), noise).await;
        }
    }
    robot.publish(&robot.topic(Up::State).replace("r-1", "nobody"), vec![1]).await;
    robot.publish(&robot.topic(Up::State).replace("up/state", "up/state/more"), vec![1]).await;
    robot.state(false).await;
    site.wait_for("/v1/robots/r-1", |robot| robot["heard_age_ms"].is_u64());
    assert_eq!(site.get("/v1/robots/r-2")["heard_age_ms"], Value::Null);
}

/// A person lets a robot go on: refused while it is silent or waits for nobody, sent at once otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_resume_reaches_a_robot_that_waits_or_is_refused() {
    let site = Site::running();
    let resume = || site.post("/v1/robots/r-1/resume-requests", &json!({}));
    assert_eq!(resume().1["code"], "FLT-1301");
    let mut robot = Robot::connect(&site, "r-1", 1, None).await;
    robot.state(false).await;
    site.wait_for("/v1/robots/r-1", |robot| robot["heard_age_ms"].is_u64());
    assert_eq!((resume().0, resume().1["code"].clone()), (409, json!("FLT-1302")));
    robot.state(true).await;
    site.wait_for("/v1/robots/r-1", |robot| robot["awaits_person"] == true);
    let (status, answer) = resume();
    assert_eq!((status, answer["state"].as_str()), (202, Some("requested")));
    let heard = robot.hear(|heard| if let Heard::Now(now) = heard { Some(now) } else { None }).await;
    let Now::Resume { number, mono_ms, .. } = heard else { panic!("not a resume: {heard:?}") };
    assert_eq!((Some(number), mono_ms), (answer["number"].as_u64(), 2));
}

/// Method, path, content type and body; status, code and field of the problem.
type Mistake<'a> = (&'a str, &'a str, Option<(&'a str, &'a [u8])>, u16, &'a str, Option<&'a str>);

/// Whatever is asked wrongly is answered with a problem that names its code and, where there is one, the field.
#[test]
fn every_mistake_is_answered_with_a_problem() {
    let site = Site::running();
    let json = "application/json";
    let big = vec![b' '; 70_000];
    let cases: [Mistake<'_>; 14] = [
        ("GET", "/v1/nothing", None, 404, "FLT-1004", None),
        ("GET", "/v1/robots/r-9", None, 404, "FLT-1004", None),
        ("GET", "/v1/tasks/T-00009", None, 404, "FLT-1004", None),
        ("GET", "/v1/tasks/what", None, 400, "FLT-1002", None),
        ("DELETE", "/v1/tasks", None, 405, "FLT-1005", None),
        ("POST", "/v1/tasks", Some(("text/plain", b"{}")), 415, "FLT-1006", None),
        ("POST", "/v1/tasks", Some((json, &big)), 413, "FLT-1003", None),
        ("POST", "/v1/tasks", Some((json, b"{")), 400, "FLT-1001", None),
        ("POST", "/v1/tasks", Some((json, b"{\"title\":\"x\",\"colour\":1}")), 422, "FLT-1001", Some("colour")),
        ("POST", "/v1/tasks", Some((json, b"{\"title\":7}")), 422, "FLT-1001", Some("title")),
        (
            "POST",
            "/v1/tasks",
            Some((json, b"{\"title\":\"x\",\"kind\":\"inspection\",\"zone\":\"moon\"}")),
            422,
            "FLT-1102",
            Some("zone"),
        ),
        ("POST", "/v1/tasks", Some((json, b"{\"id\":\"x\"}")), 422, "FLT-1001", Some("id")),
        ("POST", "/v1/tasks/T-00001/assignments", Some((json, b"{\"robot\":\"r-1\"}")), 404, "FLT-1004", None),
        ("POST", "/v1/robots/r-9/resume-requests", None, 404, "FLT-1004", None),
    ];
    for (method, path, body, status, code, field) in cases {
        let (found, kind, problem) = site.ask(method, path, body);
        let is_client_error = found == status || (status == 422 && found == 400);
        assert!(is_client_error, "{method} {path} {body:?}: {found} {problem}");
        assert_eq!(kind, "application/problem+json", "{method} {path}");
        assert_eq!(
            (problem["code"].as_str(), problem["status"].as_u64()),
            (Some(code), Some(u64::from(found))),
            "{problem}"
        );
        assert!(field.is_none_or(|field| problem["field"] == field), "{problem}");
    }
}

#[test]
fn a_plan_is_imported_whole_or_not_at_all() {
    let site = Site::running();
    let plan = |rows: &str| format!("title,kind,zone,from,priority,due,robot\n{rows}");
    let import = |rows: &str| site.ask("POST", "/v1/tasks/import", Some(("text/csv", plan(rows).as_bytes())));
    let good = "Bring a kit,kitting,cell-a,store,2,30,r-1\nLook,inspection,store,,,,\n";
    for (bad, column) in [
        ("x,dancing,store,,,,\n", "kind"),
        ("x,inspection,moon,,,,\n", "zone"),
        ("x,inspection,store,,9,,\n", "priority"),
    ] {
        let (status, _, problem) = import(&format!("{good}{bad}"));
        assert_eq!(
            (status, problem["code"].as_str(), problem["line"].as_u64()),
            (422, Some("FLT-1101"), Some(4)),
            "{problem}"
        );
        assert_eq!(problem["column"], column, "{problem}");
    }
    assert_eq!(site.get("/v1/tasks")["tasks"], json!([]));
    let (status, _, made) = import(good);
    assert_eq!((status, made["tasks"][1]["code"].as_str()), (201, Some("T-00002")), "{made}");
}

/// The live feed tells a whole picture, then changes; a signal ends server and feed in order.
#[test]
fn the_live_feed_follows_changes_and_ends_with_the_server() {
    let mut site = Site::running();
    let stream = std::net::TcpStream::connect(site.http).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let (mut feed, _) = tungstenite::client(format!("ws://{}/v1/feed", site.http), stream).unwrap();
    let first = next(&mut feed).unwrap();
    assert_eq!((first["type"].as_str(), first["robots"].as_array().map(Vec::len)), (Some("hello"), Some(2)));
    assert_eq!(site.post("/v1/tasks", &wish()).0, 201);
    let change = std::iter::from_fn(|| next(&mut feed)).find(|word| word["type"] == "delta").unwrap();
    assert_eq!(change["tasks"][0]["code"], "T-00001");
    let (status, took) = site.terminate();
    assert!(status.success() && took < Millis::secs(3), "{status} after {took:?}");
    while next(&mut feed).is_some() {}
}

fn next(feed: &mut tungstenite::WebSocket<std::net::TcpStream>) -> Option<Value> {
    match feed.read() {
        Ok(tungstenite::Message::Text(text)) => Some(serde_json::from_str(&text).unwrap()),
        _ => None,
    }
}

fn refusal(site: &Site) -> (Option<i32>, String) {
    let mut child = serve(site.dir.path(), Stdio::piped());
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap().code(), text)
}

#[test]
fn what_keeps_it_from_serving_is_said_in_one_sentence() {
    let mut site = Site::new();
    let taken = std::net::TcpListener::bind(site.http).unwrap();
    let (code, text) = refusal(&site);
    assert_eq!((code, text.lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains("in use"), "{text}");
    drop(taken);
    let taken = std::net::TcpListener::bind(site.mqtt).unwrap();
    let (code, text) = refusal(&site);
    assert_eq!((code, text.lines().count()), (Some(1), 1), "{text}");
    drop(taken);

    site.start();
    let (_, text) = refusal(&site);
    assert!(text.contains("another fleet serve"), "{text}");
    assert!(site.terminate().0.success());
    let database = site.dir.path().join("fleet.db");
    let mut bytes = std::fs::read(&database).unwrap();
    // The layout's number stands at this place of every SQLite file (file format, 1.3).
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&database, bytes).unwrap();
    let (code, text) = refusal(&site);
    assert_eq!((code, text.lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains("use a newer fleet"), "{text}");

    std::fs::write(site.dir.path().join("fleet.toml"), "site = 1").unwrap();
    assert_eq!(refusal(&site).0, Some(2));
}

/// An auditor asks the server for a robot's journal, and believes nothing but the records and the robot's signatures.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_handed_out_in_pages_and_the_report_is_computed_from_it() {
    let site = Site::running();
    let mut robot = Robot::connect(&site, "r-1", 1, None).await;
    robot.hello(0, 0).await;
    robot.welcomed().await;
    let mut facts = vec![Fact::AgentStarted { clean: true }];
    facts.extend((0..600).map(|number| Fact::Resumed { number }));
    let records = robot.write(&facts);
    for part in records.chunks(200) {
        robot.send(part).await;
        robot.stored().await;
    }
    let first = site.get("/v1/robots/r-1/journal");
    let next = first["next"].as_u64().unwrap();
    assert_eq!((first["entries"].as_array().unwrap().len(), next), (500, 501));
    let rest = site.get(&format!("/v1/robots/r-1/journal?from={next}"));
    assert_eq!((rest["entries"].as_array().unwrap().len(), &rest["next"]), (101, &Value::Null));
    let server = site.url("");
    let audit = std::process::Command::new(env!("CARGO_BIN_EXE_fleet"))
        .args(["audit", "disclosure", "--json", "--robot", "r-1", "--server", &server])
        .output()
        .unwrap();
    assert!(audit.status.success(), "{audit:?}");
    let report: Value = serde_json::from_slice(&audit.stdout).unwrap();
    let journal = &report["robots"][0]["journal"][0];
    assert_eq!((&journal["chain"], &journal["signatures"]), (&json!("whole"), &json!("hold")));
    assert_eq!((journal["entries"].as_u64(), journal["signed_up_to"].as_u64()), (Some(601), Some(601)));
    let page = site.get("/v1/robots/r-1/disclosure");
    assert_eq!(page["journal"][0]["signed_up_to"], 601);
}
