//! `robot-agent endorse`: an endorsement of the robot's key that was carried here, for a robot without a network; and what
//! people at the robot are told of the one it has.

use crate::carried;
use crate::config::Config;
use crate::local;
use anyhow::{Context as _, bail};
use robot_core::{Seat, Stage};
use shared::beacon::{BeaconTime, Endorsement};
use shared::seal::to_hex;
use std::path::Path;

/// Hands the endorsement in this file to the running agent; returns until when it holds.
///
/// # Errors
/// When the file is none, no agent runs, or the agent does not take it.
pub fn hand_in(config: &Config, file: &Path) -> anyhow::Result<BeaconTime> {
    let pack = read(file)?;
    let answer = local::ask(&config.dir, &format!("endorse {}", to_hex(&pack)))
        .with_context(|| format!("no agent of {} answers", config.robot))?;
    match answer.strip_prefix("endorsed ").and_then(|until| until.parse().ok()) {
        Some(until_s) => Ok(BeaconTime::from_secs(until_s)),
        None => bail!("{answer}"),
    }
}

/// The link pack in a file.
///
/// # Errors
/// When it cannot be read or is something else.
pub fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let text = carried::text(file).with_context(|| format!("cannot read {}", file.display()))?;
    let endorsement = Endorsement::parse(&text).with_context(|| format!("cannot use {}", file.display()))?;
    Ok(endorsement.to_pack().to_vec())
}

/// Says aloud what stage the endorsement has reached.
pub fn say(stage: Stage) {
    match stage.code() {
        Some(code) => tracing::error!(%code, "{} {}", code.sentence(), code.what_to_do()),
        None if stage == Stage::RenewalDue => {
            tracing::info!("the endorsement of this robot's key is due to be renewed")
        }
        None => tracing::info!("this robot's key is endorsed"),
    }
}

/// Says aloud where the robot sits down before its endorsement ends.
pub fn say_where(seat: Seat) {
    match seat {
        Seat::SafePoint => tracing::warn!("the robot sits at its safe point until its endorsement is renewed"),
        Seat::NoneKnown => tracing::warn!(
            "the robot sits where it stands until its endorsement is renewed: its configuration names no safe_point"
        ),
        Seat::OnTheWay => tracing::warn!(
            "the robot sits where it stands until its endorsement is renewed: it could not walk to its safe point"
        ),
    }
}
