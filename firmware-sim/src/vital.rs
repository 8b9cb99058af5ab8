//! Threads without which the firmware must not go on.
//!
//! A controller that has lost its panel, its recorder or its ear still looks alive to everybody else. So the end of such
//! a thread, in order or by a panic, is the end of the process: the relays and the motor line drop with it.

use crate::fault::Fault;
use std::thread;

/// Ends the process when its thread ends, however that happens.
struct EndsAll;

impl Drop for EndsAll {
    fn drop(&mut self) {
        std::process::exit(1);
    }
}

/// Starts such a thread.
///
/// # Errors
/// [`Fault::Broken`] when the machine has no thread left.
pub fn spawn(name: &'static str, work: impl FnOnce() + Send + 'static) -> Result<(), Fault> {
    let ends_all = move || {
        let _until_the_end = EndsAll;
        work();
    };
    let started = thread::Builder::new().name(name.to_owned()).spawn(ends_all);
    started.map(drop).map_err(|e| Fault::Broken(format!("starting the {name} thread failed: {e}")))
}
