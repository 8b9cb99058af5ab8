//! The way to press stays open, whatever else is at the panel and however little the machine has left.

use crate::rig::{Rig, walking};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

/// Less than a thread's stack.
const LITTLE: u64 = 1024 * 1024;

fn connected(rig: &Rig) -> UnixStream {
    UnixStream::connect(rig.path("panel/panel.sock")).unwrap()
}

fn asks_for_its_status(stream: &mut BufReader<UnixStream>) -> String {
    stream.get_mut().write_all(b"{\"do\":\"status\"}\n").unwrap();
    let mut answer = String::new();
    // A connection that was hung up has no answer.
    let _gone = stream.read_line(&mut answer);
    answer
}

#[test]
fn sixteen_idle_connections_keep_nobody_from_pressing() {
    let rig = walking();
    let idle: Vec<_> = (0..40).map(|_| connected(&rig)).collect();
    let pressed = rig.press();
    assert_eq!((&pressed["relays"], &pressed["phase"]), (&false.into(), &"tripped".into()));
    assert!(pressed["dropped"]["panel_busy"].as_u64().unwrap() >= 24);
    drop(idle);
}

#[test]
fn whoever_asks_keeps_its_place_among_idle_ones() {
    let rig = Rig::start();
    let mut person = BufReader::new(connected(&rig));
    let mut idle = Vec::new();
    for _ in 0..40 {
        idle.push(connected(&rig));
        assert!(asks_for_its_status(&mut person).contains("\"phase\""));
    }
}

#[test]
fn a_machine_that_makes_no_more_threads_keeps_nobody_from_pressing() {
    let rig = walking();
    let status = std::fs::read_to_string(format!("/proc/{}/status", rig.pid())).unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let kilobytes: u64 = size.trim().trim_end_matches(" kB").parse().unwrap();
    let limit = Some(kilobytes * 1024 + LITTLE);
    let pid = Pid::from_raw(rig.pid().cast_signed()).unwrap();
    prlimit(Some(pid), Resource::As, Rlimit { current: limit, maximum: limit }).unwrap();

    let mut others: Vec<_> = (0..12).map(|_| BufReader::new(connected(&rig))).collect();
    for other in &mut others {
        asks_for_its_status(other);
    }
    let pressed = rig.press();
    assert_eq!((&pressed["relays"], &pressed["phase"]), (&false.into(), &"tripped".into()));
}
