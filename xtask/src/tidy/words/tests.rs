//! Each rule about words, shown to refuse, and to let pass what it should.

use super::*;

fn rules(path: &str, text: &str) -> Vec<&'static str> {
    findings(&File::new(path, text.to_owned())).into_iter().map(|finding| finding.rule).collect()
}

fn passes(path: &str, text: &str) {
    assert_eq!(rules(path, text), Vec::<&str>::new(), "{path}");
}

#[test]
fn a_topic_is_refused_outside_the_enum() {
    let text = "publish(\"fleet/v1/hall/r-1\"); publish_to(format!(\n\"{site}/{robot}/up/{lane}\"))";
    assert_eq!(rules("robot-agent/src/mqtt.rs", text), ["topic", "topic"]);
    assert_eq!(rules("tests/tests/outage.rs", text), ["topic", "topic"]);
    passes("shared/src/wire/topic.rs", text);
    passes("shared/src/seal.rs", "let context = b\"bellwether/up/v1\";");
}

#[test]
fn a_heavy_dependency_is_named_in_its_file() {
    let places = [
        ("use ring::digest;", "ring", "shared/src/seal.rs"),
        ("let doc = yrs::Doc::new();", "yrs", "shared/src/note.rs"),
        ("use rumqttc::v5::Event;", "mqtt", "fleet-server/src/mqtt.rs"),
        ("use rumqttc as mqtt;", "mqtt", "robot-agent/src/mqtt/client.rs"),
        ("use mqtt5::broker;", "broker", "fleet-server/src/broker.rs"),
        ("use axum::Router;", "http", "fleet-server/src/http/tasks.rs"),
        ("use axum::Json;", "http", "fleet-server/src/demo/hardware.rs"),
        ("#[from] rusqlite::Error,", "sqlite", "robot-agent/src/replica/journal.rs"),
        ("::rusqlite::Connection::open", "sqlite", "fleet-server/src/store.rs"),
    ];
    for (text, rule, place) in places {
        assert_eq!(rules("fleet-server/src/writer.rs", text), [rule], "{text}");
        passes(place, text);
    }
}

#[test]
fn a_word_that_only_looks_like_a_crate_passes() {
    passes(
        "fleet-server/src/writer.rs",
        "string::String; crate::ring::Buffer; // use ring::digest\nlet a = \"rusqlite::\";",
    );
}

#[test]
fn evidence_may_be_read_by_tests() {
    passes("tests/src/verdict/history.rs", "use rusqlite::Connection;");
    passes("fleet-server/src/writer.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n use rusqlite::Connection;\n}\n");
}

#[test]
fn time_is_read_in_clock_rs() {
    let text = "let a = std::time::Instant::now();\nlet b = SystemTime::now();\nclock_gettime(ClockId::Boottime);";
    assert_eq!(rules("robot-agent/src/driver.rs", text), ["clock", "clock", "clock"]);
    passes("robot-agent/src/clock.rs", text);
    passes("tests/tests/outage.rs", text);
}

#[test]
fn a_program_has_one_clock() {
    let file = |path: &str| File::new(path, "//! x".to_owned());
    let tree = Tree::built(vec![
        file("fleet-server/src/clock.rs"),
        file("fleet-server/src/demo/clock.rs"),
        file("xtask/src/clock.rs"),
    ]);
    let found: Vec<String> = second_clocks(&tree).into_iter().map(|finding| finding.path).collect();
    assert_eq!(found, ["fleet-server/src/demo/clock.rs"]);
}

#[test]
fn a_ban_is_lifted_in_few_files() {
    let text = "#[expect(clippy::disallowed_methods, reason = \"\")]";
    assert_eq!(rules("robot-agent/src/driver.rs", text), ["expect"]);
    passes("robot-agent/src/entropy.rs", text);
    assert_eq!(rules("firmware-sim/src/lib.rs", "#![allow(unsafe_code)]"), ["expect"]);
    passes("firmware-sim/interlock/src/lib.rs", "#![forbid(unsafe_code)]");
}

#[test]
fn state_has_no_shared_lock() {
    assert_eq!(rules("fleet-server/src/writer.rs", "state: Arc< Mutex<State>>,"), ["lock"]);
    assert_eq!(rules("fleet-server/src/writer.rs", "state: Arc<tokio::sync::Mutex<State>>,"), ["lock"]);
    passes("tests/tests/outage.rs", "state: Arc<Mutex<State>>,");
}

#[test]
fn randomness_is_drawn_in_one_file() {
    assert_eq!(rules("robot-agent/src/driver.rs", "rand::random()"), ["random"]);
    assert_eq!(rules("robot-agent/src/driver.rs", "rustix::rand::getrandom(&mut seed)"), Vec::<&str>::new());
}
