//! What the control loop saw, and the step in hand: choose, ask, begin, end, hold, block.

use super::{Robot, order_of};
use crate::Seen;
use crate::change::{Change, WorkRow};
use crate::execution::{Current, Progress};
use crate::outbound::Tell;
use crate::presses::NewCount;
use shared::fact::Fact;
use shared::refusal::Code;
use shared::task::{OrderRef, TaskKind};
use shared::time::{Instant, Millis};

/// How long the driver believes what the control loop saw last: twenty of its cycles. A loop that is silent for longer has
/// not beaten either, so the firmware has taken the energy away by then.
const SIGHT_MAX_AGE: Millis = Millis::secs(1);
/// Below this many thousandths a charge comes first.
const BATTERY_LOW: u16 = 300;
/// Below this many thousandths nothing but a charge is begun.
const BATTERY_EMPTY: u16 = 80;

impl Robot {
    pub(super) fn see(&mut self, seen: Seen, now: Instant) {
        (self.seen, self.seen_at) = (seen, now);
        self.open.heard = seen.heard.or(self.open.heard);
        let noted = self.watch.see(seen.status);
        if let Some(interlock) = noted.changed {
            self.record(&Fact::Interlock { now: interlock }, now);
            self.out.change(Change::TripEpoch(interlock.trip_epoch));
        }
        if noted.stopped_for_person {
            self.out.change(Change::AwaitsPerson(true));
            self.hold(now);
        }
        if noted.button_pressed {
            self.require_clearance();
        }
        self.count_presses(now);
        self.tell_may_arm();
    }

    /// A press that only the firmware's count tells of needs what every press needs: a clearance, and a person for the
    /// work. The count of a press that was seen comes after it and finds both in place.
    fn count_presses(&mut self, now: Instant) {
        let Some(NewCount { presses, is_press }) = self.presses.see(self.seen.counters) else { return };
        self.out.change(Change::Presses(presses));
        if is_press && !self.clearance.is_due() {
            self.require_clearance();
        }
        if is_press && self.watch.hold() {
            self.out.change(Change::AwaitsPerson(true));
            self.hold(now);
        }
    }

    /// What the control loop saw is void when it says nothing more: it hangs, or its thread is gone.
    pub(super) fn forget_old_sight(&mut self, now: Instant) {
        if self.sight_ends().is_some_and(|end| now >= end) {
            self.see(Seen::default(), now);
        }
    }

    /// When the last sight is too old to be believed; `None` when there is none.
    pub(super) fn sight_ends(&self) -> Option<Instant> {
        (self.seen != Seen::default()).then(|| self.seen_at + SIGHT_MAX_AGE)
    }

    /// Tells that the order that was begun waits for a person.
    fn hold(&mut self, now: Instant) {
        let begun = self.orders.next(false).filter(|(_, work)| work.begun || work.steps_done > 0);
        if let Some(order) = begun.map(|(_, work)| order_of(&work)) {
            self.record(&Fact::Held { order, why: Code::AwaitingPerson }, now);
        }
    }

    pub(super) fn advance(&mut self, now: Instant) {
        let Some(trip_epoch) = self.watch.may_move() else {
            if self.execution.current().is_some() {
                self.rest();
            }
            return;
        };
        if self.execution.current().is_some_and(|current| current.trip_epoch != trip_epoch) {
            self.rest();
        }
        self.follow(now);
        if self.execution.current().is_none() && self.is_endorsed_for_work(now) && self.is_stored_for_work() {
            self.choose(trip_epoch, now);
        }
    }

    pub(super) fn rest(&mut self) {
        self.execution.drop_step();
        self.out.rest();
    }

    fn follow(&mut self, now: Instant) {
        let count = self.seen.count.map(|count| (count.order, count.step, count.count));
        match self.execution.judge(count, now) {
            Progress::Begin(current) => self.begin(current, count.map_or(0, |count| count.2), now),
            Progress::Ended(current) => self.end_step(current, now),
            Progress::InDoubt(current) => {
                self.execution.ask_again(now);
                self.block(current.order, Code::StepInDoubt, now);
            }
            Progress::Nothing => {}
        }
    }

    fn begin(&mut self, current: Current, before: u8, now: Instant) {
        let Some(work) = self.orders.work(current.order.task) else { return self.rest() };
        self.store(WorkRow { begun: true, blocked: None, ..work });
        self.record(&Fact::StepStarted { order: current.order, step: current.step }, now);
        let activity = self.execution.begin(current, before);
        self.out.tell(Tell::Act(activity));
    }

    fn end_step(&mut self, current: Current, now: Instant) {
        self.rest();
        let Some(work) = self.orders.work(current.order.task) else { return };
        let Some(row) = self.orders.row(current.order.task) else { return };
        let steps_done = work.steps_done + 1;
        let ended = usize::from(steps_done) >= row.steps.len();
        let cancel_wanted = row.cancel_wanted;
        let work = WorkRow { steps_done, begun: false, blocked: None, ended, ..work };
        self.store(work);
        self.record(&Fact::StepEnded { order: current.order, step: current.step }, now);
        if ended {
            self.record(&Fact::Done { order: current.order }, now);
        } else if cancel_wanted {
            self.cancel(work, now);
        }
    }

    pub(super) fn block(&mut self, order: OrderRef, why: Code, now: Instant) {
        let Some(work) = self.orders.work(order.task) else { return };
        if work.blocked != Some(why) {
            self.store(WorkRow { blocked: Some(why), ..work });
            self.record(&Fact::Blocked { order, why }, now);
        }
    }

    fn choose(&mut self, trip_epoch: u32, now: Instant) {
        let Some(body) = self.seen.body else { return };
        let Some((row, work)) = self.orders.next(body.battery_permille < BATTERY_LOW) else { return };
        let may_begin = body.battery_permille >= BATTERY_EMPTY || row.kind == TaskKind::Charging;
        let step = row.steps.get(usize::from(work.steps_done)).copied();
        let Some(what) = step else { return };
        if !may_begin {
            return self.block(order_of(&work), Code::BatteryLow, now);
        }
        let current = Current { order: order_of(&work), step: work.steps_done, what, trip_epoch };
        let question = self.execution.ask(current, now);
        self.out.tell(Tell::Act(question));
    }

    pub(super) fn store(&mut self, work: WorkRow) {
        self.orders.set_work(work);
        self.out.change(Change::Work(work));
    }
}
