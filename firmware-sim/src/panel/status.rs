//! What the panel shows: lamps, positions and counters of one moment.

use serde::Serialize;
use std::collections::BTreeMap;

/// One answer of the panel.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PanelStatus {
    /// Which robot.
    pub robot: String,
    /// When, in milliseconds since the machine's boot.
    pub t_ms: u64,
    /// The interlock's phase.
    pub phase: &'static str,
    /// Why the energy was last taken away.
    pub cause: &'static str,
    /// The number of the newest trip.
    pub trip_epoch: u32,
    /// Position of the button.
    pub button: &'static str,
    /// Position of the reset.
    pub reset: &'static str,
    /// Whether both relays are commanded on.
    pub relays: bool,
    /// Whether the button was tested since power-up.
    pub proof_tested: bool,
    /// Colour of the lamp.
    pub lamp: &'static str,
    /// Whether the body moves.
    pub moving: bool,
    /// Centimetres east.
    pub x_cm: i16,
    /// Centimetres north.
    pub y_cm: i16,
    /// Charge of the battery, 0 to 1000.
    pub battery_permille: u16,
    /// Whether the hands hold something.
    pub held: bool,
    /// Whether the robot's own disclosure was heard in time.
    pub beacon_heard: bool,
    /// Whether the agent's heartbeat was heard in time.
    pub agent_heard: bool,
    /// How many more times the robot may return from Standby by itself.
    pub returns_left: u8,
    /// Whether the body's process is there.
    pub body: bool,
    /// How often the firmware was started.
    pub boots: u64,
    /// Presses of the button that were not its proof test, since ever.
    pub presses: u32,
    /// What a person has broken about the hardware.
    pub defect: &'static str,
    /// Ticks since the firmware started.
    pub tick: u64,
    /// Newest press of an energised robot: the tick that sampled it.
    pub cut_tick: Option<u64>,
    /// The same press: ticks from its sampling to the relays' command.
    pub cut_ticks: Option<u64>,
    /// The same press: ticks from its sampling to the first open main contact.
    pub cut_open_ticks: Option<u64>,
    /// The same press: milliseconds from its sampling to the first open main contact.
    pub cut_ms: Option<u64>,
    /// For how long the relays were on since ever, in milliseconds.
    pub energised_ms: u64,
    /// Ticks that came so late that the motor line was dropped.
    pub late_ticks: u64,
    /// The latest tick, in milliseconds.
    pub late_ms_max: u64,
    /// Frames of the agent that were judged and taken; the others are among the dropped.
    pub frames_taken: u64,
    /// What was thrown away, by face and reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// What happened, and what a person can do.
    pub words: String,
}

impl PanelStatus {
    /// The answer as a line.
    #[must_use]
    pub fn line(&self) -> String {
        let text = serde_json::to_string(self).expect("numbers and texts always have a JSON form");
        text + "\n"
    }
}
