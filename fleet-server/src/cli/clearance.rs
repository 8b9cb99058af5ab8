//! `fleet robot clear`: a safety officer answers the challenge of a robot whose button was pressed.
//!
//! The officer's key stays here: what goes out is one signed answer to one challenge. The robot judges it; this command waits
//! until the robot shows that it has taken it.

use super::client::{Client, Failure};
use crate::clock;
use serde_json::{Value, json};
use shared::clearance::Challenge;
use shared::id::RobotId;
use shared::officer::Officer;
use shared::seal::{from_hex, to_hex};
use shared::time::Millis;
use shared::wire::to_bytes;
use std::path::Path;
use std::time::Duration;

/// How long the robot may take to show that it was cleared.
const CONFIRM_WITHIN: Millis = Millis::secs(5);

/// Clears a robot; asks to type its name, since nothing on a screen shows the floor around it.
pub fn clear(client: &Client, robot: &str, key: &Path) -> Result<String, Failure> {
    let officer = read(key)?;
    let id = RobotId::parse(robot).map_err(|e| Failure::Usage(e.to_string()))?;
    let path = format!("/v1/robots/{robot}");
    let Some(challenge) = waiting(&client.get(&path)?)? else {
        return Err(Failure::Usage(format!("{robot} waits for no clearance.")));
    };
    confirm(robot)?;
    let clearance = to_hex(&to_bytes(&officer.clear(&id, challenge)));
    client.post_json(&format!("{path}/clearances"), &json!({ "clearance": clearance }))?;
    wait_until_taken(client, &path, challenge)?;
    Ok(format!("{robot} is cleared. It may ask to be armed; its work still waits for a person to resume it."))
}

fn read(key: &Path) -> Result<Officer, Failure> {
    let text = std::fs::read_to_string(key)
        .map_err(|e| Failure::Usage(format!("cannot read the officer's file {}: {e}", key.display())))?;
    Officer::parse(&text).map_err(|e| Failure::Usage(format!("{}: {e}", key.display())))
}

/// The challenge that a robot waits with.
fn waiting(robot: &Value) -> Result<Option<Challenge>, Failure> {
    let told = &robot["clearance"];
    if told.is_null() {
        return Ok(None);
    }
    let random = told["challenge"].as_str().and_then(|hex| from_hex(hex).ok()?.try_into().ok());
    let trip_epoch = told["trip_epoch"].as_u64().and_then(|epoch| u32::try_from(epoch).ok());
    match (random, trip_epoch) {
        (Some(random), Some(trip_epoch)) => Ok(Some(Challenge { trip_epoch, random })),
        _ => Err(Failure::Usage(
            "the server shows a challenge that this program cannot read: use its own version".into(),
        )),
    }
}

fn confirm(robot: &str) -> Result<(), Failure> {
    eprintln!("Have you looked at {robot} and at the floor around it? Type its name to clear it:");
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(_) if line.trim() == robot => Ok(()),
        Ok(_) => Err(Failure::Usage(format!("that is not {robot}; nothing was sent"))),
        Err(e) => Err(Failure::Usage(format!("nobody typed the robot's name: {e}; nothing was sent"))),
    }
}

fn wait_until_taken(client: &Client, path: &str, challenge: Challenge) -> Result<(), Failure> {
    let until = clock::now() + CONFIRM_WITHIN;
    while clock::now() < until {
        match waiting(&client.get(path)?)? {
            None => return Ok(()),
            Some(next) if next != challenge => {
                return Err(Failure::NotConfirmed("the robot refused the clearance".into()));
            }
            Some(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
    Err(Failure::NotConfirmed("the robot has not confirmed within 5 s; look at it again before you repeat this".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_from_the_robots_page() {
        let robot = json!({"clearance": {"trip_epoch": 7, "challenge": "0a".repeat(16)}});
        assert_eq!(waiting(&robot).ok().flatten(), Some(Challenge { trip_epoch: 7, random: [10; 16] }));
        assert!(matches!(waiting(&json!({"clearance": null})), Ok(None)));
        assert!(waiting(&json!({"clearance": {"trip_epoch": 7, "challenge": "0a"}})).is_err());
    }
}
