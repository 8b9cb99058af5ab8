//! `fleet demo`: a whole factory on one machine, of real processes that anyone may kill.
//!
//! The supervisor is stateless. It makes keys and configuration in a run folder, keeps one server, and for every robot
//! one firmware and one agent, alive, and lets a person, a script or a visitor lay hands on the hardware. Whatever is
//! worth keeping is in the processes' own files, so a supervisor that starts anew in the same folder goes on.
//!
//! It speaks to the parts as everyone does: with the server over REST, with a robot's hardware through its panel.
//! It has no word for the agents at all; the only thing it does to their network is to be silent.
//!
//! Terms: the *person* is the scripted one who walks through the hall at the start of a shift; the *visitor* is whoever
//! uses the page of the simulated hardware; the *script* is what a headless run does instead of a visitor.

use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

mod acts;
mod address;
mod ending;
mod factory;
mod floor;
mod guard;
mod hardware;
mod headless;
mod keys;
mod layout;
mod news;
mod officer;
mod panel;
mod patience;
mod person;
pub mod plant;
mod process;
mod progress;
mod relay;
mod rest;
mod round;
mod script;
mod settings;
mod shift;
mod visit;
mod voice;

/// Arguments of `fleet demo`.
#[derive(Clone, Debug, ClapArgs)]
pub struct Args {
    /// The run folder; one that exists is continued. Without it a new folder is made among the temporary files.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Port of the operator's page and the REST interface, on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Port of the page of the simulated hardware, on 127.0.0.1.
    #[arg(long, default_value_t = 8081)]
    pub hardware_port: u16,
    /// How many robots, 1 to 20.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub robots: u8,
    /// Whether a scripted person does the proof test, the reset and the resuming.
    #[arg(long, value_enum, default_value_t = Person::Auto)]
    pub person: Person,
    /// Run a script instead of waiting for a visitor: free ports, nothing on stdout, the history stays in the folder.
    #[arg(long)]
    pub headless: bool,
    /// How long the script runs, in seconds.
    #[arg(long, requires = "headless", default_value_t = 60, value_parser = clap::value_parser!(u64).range(10..=86_400))]
    pub seconds: u64,
    /// The plan of the shift, as CSV; without it the example of 40 tasks.
    #[arg(long)]
    pub shift: Option<PathBuf>,
    /// The map of the hall, as JSON; without it the example with six zones.
    #[arg(long)]
    pub hall: Option<PathBuf>,
    /// Spoil the run in one way, to see the verdict find it. No release build has this.
    #[cfg(debug_assertions)]
    #[arg(long, value_enum)]
    pub plant: Option<plant::Plant>,
    /// Be the guard of another `fleet demo`: ends the process group when the pipe on stdin is closed.
    #[arg(long, hide = true)]
    pub guard: bool,
}

/// Who does what a person at a robot has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Person {
    /// A scripted person; what a visitor pressed, only the visitor undoes.
    Auto,
    /// Nobody but the visitor: the robots wait until somebody tests and resets them.
    None,
}

impl Args {
    #[cfg(debug_assertions)]
    const fn planted(&self) -> Option<plant::Plant> {
        self.plant
    }

    #[cfg(not(debug_assertions))]
    const fn planted(&self) -> Option<plant::Plant> {
        None
    }
}

/// Runs the demo until it is told to stop, or until its script has ended.
///
/// # Errors
/// When a part cannot be started, with one sentence that says which and why.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.guard {
        return Ok(guard::watch_stdin());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if args.headless { runtime.block_on(headless::run(&args)) } else { runtime.block_on(visit::run(&args)) }
}
