//! What the panel shows of everything the control thread knows.

use super::Control;
use crate::panel::status::PanelStatus;
use crate::words::{cause_word, lamp, phase_word, sentence};
use shared::time::Instant;

impl Control {
    pub(super) fn status(&self, now: Instant) -> PanelStatus {
        let status = self.core.status();
        let body = self.motors.body();
        let mut dropped = self.dropped.by_word();
        dropped.extend(self.agent.dropped());
        PanelStatus {
            robot: self.robot.clone(),
            t_ms: now.0,
            phase: phase_word(status.phase),
            cause: cause_word(status.cause),
            trip_epoch: status.trip_epoch,
            button: self.plant.button.word(),
            reset: self.plant.reset.word(),
            relays: status.energised,
            proof_tested: status.proof_tested,
            lamp: lamp(status.phase),
            moving: body.moving,
            x_cm: body.x_cm,
            y_cm: body.y_cm,
            battery_permille: body.battery_permille,
            held: body.held,
            beacon_heard: status.beacon_heard,
            agent_heard: self.core.is_agent_heard(),
            returns_left: status.returns_left,
            body: self.motors.is_alive(),
            boots: self.nv.boots,
            presses: self.nv.presses,
            defect: self.plant.defect().word(),
            tick: self.cut.tick,
            cut_tick: self.cut.sampled,
            cut_ticks: self.cut.ticks,
            cut_open_ticks: self.cut.open_ticks,
            cut_ms: self.cut.ms,
            energised_ms: self.nv.energised_ms,
            late_ticks: self.late_ticks,
            late_ms_max: self.late_ms_max,
            frames_taken: self.agent.taken(),
            dropped,
            words: sentence(&status, self.watch.has_body_died()),
        }
    }
}
