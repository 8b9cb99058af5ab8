//! Moments and stamps; lines of the controller that arrive late, in another boot, in any order.

use super::*;
use crate::disclosure::sign::{Cause, Stop};
use shared::fact::GapCause;
use shared::fact::{Interlock, TripCause};
use shared::firmware_record::Happening;
use shared::hlc::Hlc;
use shared::id::RobotId;
use shared::journal::{Boot, Chain, Epoch, Stamp};
use shared::seal::{Hash, SigningKey};
use shared::time::Instant;

fn records(facts: &[(u64, u64, Fact)]) -> Vec<Record> {
    let mut chain = Chain::begin(&RobotId::parse("r-1").unwrap(), Epoch(1));
    let stamp = |boot, mono| Stamp { boot: Boot(boot), mono: Instant(mono), hlc: Hlc(1) };
    facts.iter().map(|(boot, mono, fact)| chain.append(fact, stamp(*boot, *mono))).collect()
}

fn line(n: u64, t_ms: u64, ev: &str, cause: &str) -> Fact {
    let what = Happening { t_ms, boot: 1, trip_epoch: 1, ev: ev.into(), cause: cause.into() };
    Fact::Firmware { line: Event::seal(what, n, Hash::default(), &SigningKey::from_seed(&[1; 32])).line() }
}

#[test]
fn a_moment_is_the_facts_own_and_never_after_its_record() {
    let now = Interlock { phase: InterlockPhase::Stopping, cause: TripCause::Beacon, trip_epoch: 1 };
    let facts = [
        (1, 10, Fact::AgentStarted { clean: true }),
        (1, 20, Fact::Interlock { now }),
        (1, 90, Fact::DisclosureGap { cause: GapCause::NotHeard, mono_ms: 40 }),
        (1, 95, Fact::MotionEnded { mono_ms: u64::MAX }),
        (1, 99, Fact::Resumed { number: 1 }),
    ];
    let told: Vec<(u64, What)> = signs(&records(&facts)).iter().map(|sign| (sign.at_ms, sign.what)).collect();
    let wanted = [
        (10, What::Started),
        (20, What::Phase { on: true }),
        (40, What::Unheard(Cause::NotHeard)),
        (95, What::Rests),
        (99, What::Alive),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_line_that_came_after_a_boot_is_told_for_the_boot_it_happened_in() {
    let facts = [
        (1, 9_000, Fact::AgentStarted { clean: true }),
        (2, 3_000, Fact::AgentStarted { clean: false }),
        (2, 3_100, line(2, 1_000, "power_up", "power_up")),
        (2, 3_100, line(1, 9_400, "standby", "beacon")),
        (2, 3_100, line(3, 2_000, "reset_pressed", "power_up")),
        (2, 3_100, Fact::Firmware { line: "no line".into() }),
        (2, 9_000, line(4, 8_000, "stopping", "heartbeat")),
    ];
    let signs = signs(&records(&facts));
    let off = |n| What::Line { n, on: Some(false), stops: None };
    assert_eq!(signs[2], Sign { boot: Boot(2), at_ms: 1_000, stamp_ms: 3_100, what: What::Woke { n: 2 } });
    assert_eq!(signs[3], Sign { boot: Boot(1), at_ms: 9_400, stamp_ms: 0, what: off(1) });
    assert_eq!((signs[4].boot, signs[4].what), (Boot(2), What::Line { n: 3, on: None, stops: None }));
    assert_eq!(signs[5].what, What::Alive);
    assert_eq!(signs[6].what, What::Line { n: 4, on: Some(true), stops: Some(Stop::Agent) });
}
