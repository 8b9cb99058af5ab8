//! Everything that can be done to the simulated hardware: cut, restore, press, release, reset, clear, and the word to resume.
//!
//! Each act is recorded before and after it, with whose act it was. The person, the script and the visitor all act
//! through this and through nothing else.

use super::acts::{Acts, By, Deed};
use super::news::News;
use super::officer::Officer;
use super::panel::{Panel, Status, Touch};
use super::process::Life;
use super::relay::Relay;
use super::rest::{Fault, Rest};
use super::voice::Voice;
use shared::id::RobotId;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a reset is held, by the firmware's clock: inside its window of 100 ms to 3 s, far from both ends.
const RESET_HOLD_MS: u64 = 250;

/// How often the firmware's clock is looked at meanwhile, and how often at most: 2 s, less than the window's end.
const RESET_LOOK: Duration = Duration::from_millis(50);
const RESET_LOOKS_MAX: usize = 40;

/// One robot's hardware, as far as hands reach.
pub struct Station {
    /// Its network.
    pub relay: Relay,
    /// Its panel.
    pub panel: Panel,
    /// Who pressed its button last, while that still matters.
    pub hand: watch::Sender<Option<By>>,
    /// The safety officer who may clear it.
    pub officer: Officer,
    /// Whether its agent runs.
    pub agent: watch::Receiver<Life>,
    /// Whether its firmware runs.
    pub firmware: watch::Receiver<Life>,
}

/// The hall's floor with all robots.
pub struct Floor {
    /// The robots' hardware.
    pub stations: BTreeMap<RobotId, Station>,
    /// Whether the server runs.
    pub fleet: watch::Receiver<Life>,
    /// The record of what was done.
    pub acts: Arc<Acts>,
    /// What the server says.
    pub news: News,
    /// The server's door.
    pub rest: Rest,
    /// Where people are told.
    pub voice: Voice,
}

impl Station {
    /// Looks at the panel.
    ///
    /// # Errors
    /// When the firmware does not answer.
    pub async fn look(&self) -> io::Result<Status> {
        self.panel.touch(Touch::Status).await
    }
}

impl Floor {
    /// Cuts a robot's network, unless it is cut.
    ///
    /// # Errors
    /// When there is no such robot.
    pub fn cut(&self, id: &RobotId, by: By) -> io::Result<()> {
        let station = self.station(id)?;
        if !station.relay.is_cut() {
            let act = self.acts.begin(Deed::Cut, Some(id), by);
            station.relay.cut();
            act.done();
        }
        Ok(())
    }

    /// Restores a robot's network, if it is cut.
    ///
    /// # Errors
    /// When there is no such robot.
    pub fn restore(&self, id: &RobotId, by: By) -> io::Result<()> {
        let station = self.station(id)?;
        if station.relay.is_cut() {
            let act = self.acts.begin(Deed::Restore, Some(id), by);
            station.relay.restore();
            act.done();
        }
        Ok(())
    }

    /// Mutes the receiver of a robot's own firmware, so that it does not hear the robot any more.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn mute(&self, id: &RobotId, by: By) -> io::Result<Status> {
        self.antenna(id, by, Deed::Mute, Touch::Mute).await
    }

    /// Fills the air around that receiver with noise.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn jam(&self, id: &RobotId, by: By) -> io::Result<Status> {
        self.antenna(id, by, Deed::Jam, Touch::Jam).await
    }

    /// Makes that receiver hear everything late.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn delay(&self, id: &RobotId, by: By) -> io::Result<Status> {
        self.antenna(id, by, Deed::Delay, Touch::Delay).await
    }

    /// Makes that receiver sound again, whatever was done to it.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn unmute(&self, id: &RobotId, by: By) -> io::Result<Status> {
        self.antenna(id, by, Deed::Unmute, Touch::Unmute).await
    }

    async fn antenna(&self, id: &RobotId, by: By, deed: Deed, touch: Touch) -> io::Result<Status> {
        let act = self.acts.begin(deed, Some(id), by);
        let status = self.station(id)?.panel.touch(touch).await?;
        act.done();
        Ok(status)
    }

    /// Presses a robot's button.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn press(&self, id: &RobotId, by: By) -> io::Result<Status> {
        let station = self.station(id)?;
        station.hand.send_replace(Some(by));
        let act = self.acts.begin(Deed::Press, Some(id), by);
        let status = station.panel.touch(Touch::Press).await?;
        act.done();
        Ok(status)
    }

    /// Presses a robot's button if the robot is under way just now; whether it was.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn press_under_way(&self, id: &RobotId, by: By) -> io::Result<bool> {
        let station = self.station(id)?;
        let mut act = None;
        let begin = || {
            station.hand.send_replace(Some(by));
            act = Some(self.acts.begin(Deed::Press, Some(id), by));
        };
        let pressed = station.panel.press_if_under_way(begin).await?;
        if let Some(act) = act {
            act.done();
        }
        Ok(pressed)
    }

    /// Releases a robot's button.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn release(&self, id: &RobotId, by: By) -> io::Result<Status> {
        let act = self.acts.begin(Deed::Release, Some(id), by);
        let status = self.station(id)?.panel.touch(Touch::Release).await?;
        act.done();
        Ok(status)
    }

    /// Presses a robot's reset, holds it, and releases it.
    ///
    /// # Errors
    /// When its firmware does not answer; the reset is let go of all the same.
    pub async fn reset(&self, id: &RobotId, by: By) -> io::Result<Status> {
        let act = self.acts.begin(Deed::Reset, Some(id), by);
        let panel = &self.station(id)?.panel;
        let held = hold_reset(panel).await;
        let status = panel.touch(Touch::ResetRelease).await?;
        held?;
        act.done();
        Ok(status)
    }

    /// Lets go of a reset that is held.
    ///
    /// # Errors
    /// When its firmware does not answer.
    pub async fn let_go(&self, id: &RobotId) -> io::Result<Status> {
        self.station(id)?.panel.touch(Touch::ResetRelease).await
    }

    /// A safety officer clears a robot after its button was pressed.
    ///
    /// # Errors
    /// When no clearance is due, or no agent runs.
    pub async fn clear(&self, id: &RobotId, by: By) -> io::Result<()> {
        let act = self.acts.begin(Deed::Clear, Some(id), by);
        self.station(id)?.officer.clear().await?;
        act.done();
        Ok(())
    }

    /// Tells a robot, through the server, to go on with its work.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub async fn resume(&self, id: &RobotId, by: By) -> Result<(), Fault> {
        let act = self.acts.begin(Deed::Resume, Some(id), by);
        let (rest, robot) = (self.rest.clone(), id.clone());
        let told = tokio::task::spawn_blocking(move || rest.resume(&robot)).await;
        told.map_err(|fault| Fault::Refused(fault.to_string()))??;
        act.done();
        Ok(())
    }

    /// Gives a button that the script has released into the person's hands, who do the reset and the resuming.
    pub fn hand_over(&self, id: &RobotId) {
        if let Some(station) = self.stations.get(id) {
            station.hand.send_replace(Some(By::Person));
        }
    }

    fn station(&self, id: &RobotId) -> io::Result<&Station> {
        let unknown = || io::Error::new(io::ErrorKind::NotFound, format!("there is no robot {id} here"));
        self.stations.get(id).ok_or_else(unknown)
    }
}

// A firmware that is slow under load is given its time; one that stands still is given up before the window closes.
async fn hold_reset(panel: &Panel) -> io::Result<()> {
    let pressed = panel.touch(Touch::ResetPress).await?;
    for _ in 0..RESET_LOOKS_MAX {
        tokio::time::sleep(RESET_LOOK).await;
        if panel.touch(Touch::Status).await?.t_ms >= pressed.t_ms + RESET_HOLD_MS {
            return Ok(());
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "the firmware's clock does not go on"))
}
