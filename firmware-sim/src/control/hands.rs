//! What a person does at the panel, and what a power cycle does.

use super::Control;
use crate::air::Reception;
use crate::panel::Ask;
use crate::panel::request::Act;
use crate::record::Entry;
use interlock::{Interlock, Limits, Stored};
use shared::time::Instant;
use std::sync::mpsc::TryRecvError;

const ASKS_PER_TICK: usize = 32;

impl Control {
    /// Takes what people ask for. At most one act of a hand in a tick, so that the core sees every position of the
    /// actuators, however short.
    pub(super) fn take_asks(&mut self, now: Instant) -> Vec<Ask> {
        let mut asks = Vec::new();
        while asks.len() < ASKS_PER_TICK {
            let ask = match self.panel.try_recv() {
                Ok(ask) => ask,
                Err(TryRecvError::Empty) => break,
                // Nobody could press any more.
                Err(TryRecvError::Disconnected) => std::process::exit(1),
            };
            let is_hand = ask.act != Act::Status;
            self.act(ask.act, now);
            asks.push(ask);
            if is_hand {
                break;
            }
        }
        asks
    }

    fn act(&mut self, act: Act, now: Instant) {
        let before = self.plant;
        match act {
            Act::Status => {}
            Act::Press | Act::Tap { .. } => self.plant.move_button(true),
            Act::Release => self.plant.move_button(false),
            Act::ResetPress => self.plant.reset.is_pressed = true,
            Act::ResetRelease => self.plant.reset.is_pressed = false,
            Act::Inject(defect) => {
                self.plant.break_by(defect);
                self.antenna.set(Reception::with(defect));
            }
            Act::PowerBlip => self.power_cycle(now),
        }
        if self.plant.button != before.button {
            self.recorder.keep(Entry::Button(self.plant.button));
        }
        if self.plant.defect() != before.defect() {
            self.recorder.keep(Entry::Defect(self.plant.defect()));
        }
        self.watch.hands(&before, &self.plant, &self.core.status(), now, &self.recorder);
    }

    /// The power went and came: what was only remembered is lost, what was stored is there again.
    fn power_cycle(&mut self, now: Instant) {
        self.nv.boots = self.nv.boots.saturating_add(1);
        self.agent.lose_power();
        self.antenna.lose_power();
        self.motors.lose_power();
        self.watch.power_cycled(self.nv.boots);
        self.power_up(self.core.to_store(), now);
    }

    /// The motor part failed: the interlock starts as if the power had come on with a fault pending. So a person has
    /// to test the button and reset, whatever phase it was in; a lock-out stays a lock-out.
    pub(super) fn power_up_again(&mut self, now: Instant) {
        self.watch.body_died(&self.core.status(), now, &self.recorder);
        if self.core.phase() == interlock::Phase::Locked {
            return;
        }
        let epoch_mark = self.core.to_store().epoch_mark;
        self.power_up(Stored { epoch_mark, fault_pending: true }, now);
    }

    /// As at every start, the new mark is on disk before the first tick, or a kill could use an epoch twice. This is
    /// the one wait of the control thread: the relays are off, and the motor line runs out by itself.
    fn power_up(&mut self, stored: Stored, now: Instant) {
        self.plant.command([false; 2]);
        self.core = Interlock::power_up(Limits::SHIPPED, stored);
        self.nv = self.nv.with(self.core.to_store());
        self.nv_kept = self.nv;
        self.recorder.keep(Entry::Nv(self.nv));
        self.watch.powered_up(&self.core.status(), now, &self.recorder);
        self.recorder.wait_until_kept();
    }
}
