//! I16: from every state that is not locked, with healthy hardware, a person can get the robot energised again.

use interlock::{Interlock, Mail, Phase, Word};

use crate::plant::{Moves, Plant};

/// More ticks than any rescue takes with the scaled limits.
const PATIENCE: u32 = 60;

/// What a sensible person and a sensible agent do, until it works. True if it does.
pub fn succeeds(mut core: Interlock, mut plant: Plant) -> bool {
    let mut pressed_for = 0;
    for tick in 0..PATIENCE {
        let status = core.status();
        if status.phase == Phase::Energised {
            return true;
        }
        // The proof test: press for two ticks, let go for three, until it has passed.
        let press_button = !status.proof_tested && tick % 5 > 2;
        let press_reset = wants_reset(status.phase, pressed_for);
        pressed_for = if press_reset { pressed_for + 1 } else { 0 };
        plant = plant.moved(Moves {
            button: plant.latched != press_button,
            reset: plant.reset != press_reset,
            lag_a: false,
            lag_b: false,
        });
        let word = Some(Word::Arm { epoch: status.trip_epoch });
        let outputs = core.step(plant.pins(true), Mail { word, link_errors: 0 });
        plant = plant.driven(outputs, (false, false));
    }
    false
}

/// Two ticks are within the bounds of the scaled limits.
fn wants_reset(phase: Phase, pressed_for: u32) -> bool {
    match phase {
        Phase::ResetArmed => true,
        Phase::ResetPressed => pressed_for < 2,
        Phase::Tripped | Phase::Released | Phase::Energised | Phase::Stopping | Phase::Standby | Phase::Locked => false,
    }
}
