//! A safety officer: looks at the challenge that a robot waits with and answers it, over the public API.

use super::layout::{key_of, seed_of};
use super::rest::Rest;
use crate::clock::until;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use shared::clearance::{Challenge, Clearance, Endorsement};
use shared::id::RobotId;
use shared::seal::{from_hex, to_hex};
use shared::time::{Millis, WallTime};

/// Signs an answer to this challenge; `endorsed_by` names the key that vouches for the officer.
///
/// # Errors
/// When the name is none.
pub fn sign(robot: &str, challenge: Challenge, endorsed_by: &str) -> Result<String> {
    let officer = key_of("officer");
    let endorsement = Endorsement::issue(&key_of(endorsed_by), "M. Ito", officer.public(), WallTime(u64::MAX));
    let clearance = Clearance::answer(&officer, endorsement, &RobotId::parse(robot)?, challenge);
    Ok(to_hex(&shared::wire::to_bytes(&clearance)))
}

/// The text of the file that the officer carries.
#[must_use]
pub fn file() -> String {
    let endorsement = Endorsement::issue(&key_of("ca"), "M. Ito", key_of("officer").public(), WallTime(u64::MAX));
    shared::officer::Officer::to_text(&seed_of("officer"), &endorsement)
}

/// The challenge that the robot waits with.
///
/// # Errors
/// When it waits with none within ten seconds.
pub fn challenge(rest: &Rest, robot: &str) -> Result<Challenge> {
    let waiting = || Some(rest.robot(robot)["clearance"].clone()).filter(Value::is_object);
    let told = until(&format!("{robot} waits for a clearance"), Millis::secs(10), waiting)?;
    let hex = told["challenge"].as_str().context("no challenge")?;
    let random = from_hex(hex)?.try_into().map_err(|_| anyhow::anyhow!("{hex} has not 16 bytes"))?;
    let trip_epoch = u32::try_from(told["trip_epoch"].as_u64().context("no trip epoch")?)?;
    Ok(Challenge { trip_epoch, random })
}

/// Hands a signed answer in; the status of what the server says.
///
/// # Errors
/// When the server does not answer.
pub fn hand_in(rest: &Rest, robot: &str, clearance: &str) -> Result<u16> {
    Ok(rest.post(&format!("/v1/robots/{robot}/clearances"), &json!({ "clearance": clearance }))?.0)
}

/// Clears the robot.
///
/// # Errors
/// When it waits for no clearance, or the server refuses.
pub fn clear(rest: &Rest, robot: &str) -> Result<()> {
    let status = hand_in(rest, robot, &sign(robot, challenge(rest, robot)?, "ca")?)?;
    ensure!(status == 202, "the clearance of {robot} was answered {status}");
    Ok(())
}
