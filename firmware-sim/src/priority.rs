//! The process asks to be woken in time.

use rustix::process::setpriority_process;

const NICENESS: i32 = -15;

/// Puts the calling thread before ordinary ones where that is permitted. Where it is not, a late tick drops the motor
/// line: the robot stops more often, never less.
pub fn raise() {
    let _not_permitted = setpriority_process(None, NICENESS);
}
