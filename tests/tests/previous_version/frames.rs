//! Frames of version 1 open and say what they said.

use super::{fixture, key};
use shared::seal::{Context, SigningKey, from_hex};
use shared::wire::envelope::{Malformed, Sealed};
use shared::wire::fleet_to_robot::{Ack, Feed, Now};
use shared::wire::robot_to_fleet::{Batch, ConnectionWord, Session, State};
use shared::wire::topic::{Channel, Down, Topic, Up};
use shared::wire::{Decode, from_bytes};
use std::collections::BTreeMap;
use std::fs;

#[test]
fn every_frame_opens_with_its_key_and_is_understood() {
    let mut understood: BTreeMap<&str, u32> = BTreeMap::new();
    for line in fs::read_to_string(fixture("frames.txt")).unwrap().lines() {
        let (topic, payload) = line.split_once(' ').unwrap();
        let kind = read(&Topic::parse(topic).unwrap(), &from_hex(payload).unwrap());
        *understood.entry(kind).or_default() += 1;
    }
    let wanted =
        [("ack", 73), ("connection", 4), ("feed", 37), ("now", 3), ("session", 12), ("state", 8), ("batch", 70)];
    assert_eq!(understood, BTreeMap::from(wanted));
}

fn read(topic: &Topic, payload: &[u8]) -> &'static str {
    let up = (key(topic.robot.as_str()), Context::Up);
    let down = (key("site"), Context::Down);
    match topic.channel {
        Channel::Up(Up::Safety | Up::Work | Up::Notes) => open::<Batch>(topic, payload, up, "batch"),
        Channel::Up(Up::State) => open::<State>(topic, payload, up, "state"),
        Channel::Up(Up::Session) => open::<Session>(topic, payload, up, "session"),
        Channel::Up(Up::Connection) => open::<ConnectionWord>(topic, payload, up, "connection"),
        Channel::Down(Down::Ack) => open::<Ack>(topic, payload, down, "ack"),
        Channel::Down(Down::Feed) => open::<Feed>(topic, payload, down, "feed"),
        Channel::Down(Down::Now) => open::<Now>(topic, payload, down, "now"),
        Channel::Up(Up::Telemetry) => panic!("version 1 sent no telemetry"),
    }
}

fn open<T>(topic: &Topic, payload: &[u8], (key, context): (SigningKey, Context), kind: &'static str) -> &'static str
where
    T: for<'b> Decode<'b, ()>,
{
    let body = Sealed::open_bytes(payload, &key.public(), context, &topic.robot).unwrap();
    from_bytes::<T>(&body).map_err(|e| Malformed::Body(e.to_string())).unwrap();
    kind
}
