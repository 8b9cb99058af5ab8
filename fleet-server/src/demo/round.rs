//! The scripted person at one robot: looks at the panel a few times a second and does what `person` decides.

use super::acts::By;
use super::floor::{Floor, Station};
use super::panel::Status;
use super::person::{Act, hand_after, next_act, waits};
use super::rest::RobotView;
use shared::id::RobotId;
use std::sync::Arc;
use std::time::Duration;

/// A person is not faster, and a button pressed for the proof test is held at least as long.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// After a word to resume, how many looks pass before it is said again: its effect has to come back from the robot.
const LOOKS_AFTER_RESUME: u32 = 10;

/// Looks after one robot, for ever.
pub async fn walk(floor: Arc<Floor>, id: RobotId) {
    let Some(station) = floor.stations.get(&id) else { return };
    let mut round = Round { floor: &floor, station, id: &id, looks_to_wait: 0, has_told_visitor: false };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // A firmware that is dead or just starting has no panel to look at; it will.
        if let Ok(panel) = station.look().await {
            round.look(&panel).await;
        }
    }
}

struct Round<'a> {
    floor: &'a Floor,
    station: &'a Station,
    id: &'a RobotId,
    looks_to_wait: u32,
    has_told_visitor: bool,
}

impl Round<'_> {
    async fn look(&mut self, panel: &Status) {
        let view = self.floor.news.robot(self.id);
        let hand = self.hand(panel, view.as_ref());
        self.tell_visitor(panel, view.as_ref(), hand);
        self.looks_to_wait = self.looks_to_wait.saturating_sub(1);
        match next_act(panel, view.as_ref(), hand) {
            Some(Act::Resume) if self.looks_to_wait > 0 => {}
            Some(act) => self.act(act).await,
            None => {}
        }
    }

    // Whose hand it is now. A visitor may have pressed since the panel was read; then that is what counts.
    fn hand(&self, panel: &Status, view: Option<&RobotView>) -> Option<By> {
        let before = *self.station.hand.borrow();
        let after = hand_after(panel, view, before);
        self.station.hand.send_if_modified(|now| {
            let is_unchanged = *now == before;
            if is_unchanged {
                *now = after;
            }
            is_unchanged
        });
        *self.station.hand.borrow()
    }

    // What fails is tried again at the next look, if it is still wanted then.
    async fn act(&mut self, act: Act) {
        let (floor, id) = (self.floor, self.id);
        match act {
            Act::Press => self.say_if(floor.press(id, By::Person).await.is_ok(), "presses the button, to test it"),
            Act::Release => self.say_if(floor.release(id, By::Person).await.is_ok(), "releases the button"),
            Act::Reset => self.say_if(floor.reset(id, By::Person).await.is_ok(), "presses and releases the reset"),
            Act::LetGo => self.say_if(floor.let_go(id).await.is_ok(), "lets go of the reset"),
            Act::Clear => self.say_if(floor.clear(id, By::Person).await.is_ok(), "clears it, as its safety officer"),
            Act::Resume => self.resume().await,
        }
    }

    async fn resume(&mut self) {
        self.looks_to_wait = LOOKS_AFTER_RESUME;
        let told = self.floor.resume(self.id, By::Person).await;
        self.say_if(told.is_ok(), "sees the floor clear and resumes its work");
    }

    fn say_if(&self, happened: bool, what: &str) {
        if happened {
            self.floor.voice.say(&format!("{}: the person {what}.", self.id));
        }
    }

    fn tell_visitor(&mut self, panel: &Status, view: Option<&RobotView>, hand: Option<By>) {
        let left_waiting = hand == Some(By::Visitor) && view.is_some_and(|view| waits(panel, view));
        if left_waiting && !self.has_told_visitor {
            let (id, server) = (self.id, self.floor.rest.address());
            self.floor.voice.say(&format!(
                "{id}: its power is on again, and its work waits for you, who stopped it: resume {id} on the operator's page, \
                 or with `fleet robot resume {id} --server {server}`."
            ));
        }
        self.has_told_visitor = left_waiting;
    }
}
