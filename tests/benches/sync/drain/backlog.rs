//! What a robot has written while it was out of reach: facts about orders, and a measurement each second.

use crate::alone::{EPOCH, vault};
use anyhow::{Result, ensure};
use robot_agent::replica::Room;
use robot_core::{Change, Keep, Reservation};
use shared::fact::{Fact, InterlockPhase};
use shared::hlc::Hlc;
use shared::id::{RobotId, TaskId};
use shared::journal::{Boot, Chain, Lane, Stamp};
use shared::task::OrderRef;
use shared::wire::telemetry::{Condition, Item, RESERVED, Sample, Span};
use shared::zone::Point;
use std::path::Path;
use tests::clock::{now, wall};

const FACTS: u64 = 200;
/// The boot that ended before the robot came back.
const BEFORE: Boot = Boot(9);
/// Seconds that an order takes.
const ORDER_S: u64 = 300;

/// The newest number of each lane.
#[derive(Clone, Copy, Debug)]
pub struct Backlog {
    /// Facts about orders.
    pub work: u64,
    /// Samples.
    pub telemetry: u64,
}

/// Writes a backlog with so many samples into a robot's databases.
pub fn write(dir: &Path, robot: &RobotId, samples: u64) -> Result<Backlog> {
    let mut vault = vault(dir, robot)?;
    let mut chain = Chain::begin(robot, EPOCH);
    let mut hlc = Hlc::default();
    let mut changes: Vec<Change> = vec![];
    for number in 0..FACTS {
        hlc = hlc.next(wall());
        let (order, step) = (order(number / 8)?, u8::try_from(number % 8 / 2)?);
        let fact = if number % 2 == 0 { Fact::StepStarted { order, step } } else { Fact::StepEnded { order, step } };
        changes.push(Change::Journal(chain.append(&fact, Stamp { boot: BEFORE, mono: now(), hlc })));
    }
    let to = samples.next_multiple_of(RESERVED);
    changes.push(Change::Telemetry(Reservation { epoch: EPOCH, to, ended: Some(samples) }));
    ensure!(vault.commit(&changes)? == Room::Enough, "the disk is full");
    let keep = |number| Ok(Keep::Item { epoch: EPOCH, item: item(number, samples)? });
    let keeps: Vec<Keep> = (1..=samples).map(keep).collect::<Result<_>>()?;
    ensure!(vault.keep(&keeps)? == Room::Enough, "the disk is full");
    Ok(Backlog { work: chain.lane_seq[Lane::Work.index()], telemetry: samples })
}

fn order(number: u64) -> Result<OrderRef> {
    let mut id = [1; 16];
    id[8..].copy_from_slice(&number.to_be_bytes());
    Ok(OrderRef { task: TaskId::from_bytes(id), fence: 1 })
}

/// A sample of a robot that walks to and fro, works where it stands, and loses charge.
fn item(number: u64, of: u64) -> Result<Item> {
    let (second, ago_s) = (number % ORDER_S, of - number);
    let walks = second < ORDER_S / 2;
    let x_cm = if walks { 90 * i16::try_from(second % 50)? } else { 4500 };
    let condition = Condition {
        phase: Some(InterlockPhase::Energised),
        doing: Some(if walks { 1 } else { 3 }),
        moving: Some(walks),
        holds: Some(!walks),
        order: Some(order(number / ORDER_S)?),
        step: Some(u8::from(!walks)),
        awaits_person: false,
        heard: Some(true),
    };
    let sample = Sample {
        boot: BEFORE,
        // No clock ticks in whole seconds.
        mono_ms: number * 1000 + number * number % 7,
        wall_ms: wall().0 - ago_s * 1000,
        at: Some(Point { x_cm, y_cm: 200 + i16::try_from(number % 5)? }),
        battery_permille: Some(1000 - u16::try_from(number / 20 % 800)?),
        condition,
    };
    Ok(Item { span: Span::one(number), sample: Some(sample) })
}
