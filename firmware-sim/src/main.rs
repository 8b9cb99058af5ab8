//! The firmware's program: `run` is the safety controller, `body` its child, `panel` a person's hand.

use clap::{Args, Parser, Subcommand, ValueEnum};
use firmware_sim::body;
use firmware_sim::config::Start;
use firmware_sim::fault::Fault;
use firmware_sim::panel::client::Client;
use firmware_sim::panel::live;
use firmware_sim::panel::request::Act;
use firmware_sim::plant::Defect;
use firmware_sim::run;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Stands in for a robot's safety controller, its motor and its body. A simulator: it claims no PL and no SIL.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the safety controller of one robot.
    Run {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// The body at the end of a motor line; the controller starts it.
    Body(Birth),
    /// A robot's panel, as a person standing before it has it; with a word, one act at it.
    Panel {
        /// The panel's socket.
        #[arg(long)]
        socket: PathBuf,
        /// What to do. Without it the panel is shown until you quit: button, reset, lamp, and keys for them.
        #[arg(value_enum)]
        hand: Option<Hand>,
        /// Which part `inject` breaks, for example `weld_1`; how many milliseconds a `tap` lasts.
        what: Option<String>,
        /// Prints the panel's whole answer instead of its sentence.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Birth {
    /// The truth log, which is also the body's memory.
    #[arg(long)]
    truth: PathBuf,
    /// Centimetres east, for a body without a memory.
    #[arg(long, allow_negative_numbers = true)]
    start_x: i16,
    /// Centimetres north, for a body without a memory.
    #[arg(long, allow_negative_numbers = true)]
    start_y: i16,
    /// Goes on moving for a second after its permission has ended: a fault to plant, for tests of the verdict.
    #[cfg(debug_assertions)]
    #[arg(long, hide = true)]
    overrun: bool,
}

impl Birth {
    #[cfg(debug_assertions)]
    const fn overrun_ms(&self) -> u64 {
        if self.overrun { 1000 } else { 0 }
    }

    #[cfg(not(debug_assertions))]
    const fn overrun_ms(&self) -> u64 {
        0
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Hand {
    /// Look at the lamps.
    Status,
    /// Push the button in.
    Press,
    /// Pull the button out.
    Release,
    /// Press the reset and let it go.
    Reset,
    /// Push the button for some milliseconds.
    Tap,
    /// Break a part of the simulated hardware: stuck_a, stuck_b, weld_1, weld_2, stuck_mirror_1, stuck_mirror_2, bounce;
    /// none = put sound parts in.
    Inject,
    /// Take the power away and give it back.
    PowerBlip,
}

fn main() -> ExitCode {
    match obey(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let _unwritable = writeln!(std::io::stderr(), "firmware-sim: {fault}");
            fault.exit_code()
        }
    }
}

fn obey(command: Command) -> Result<(), Fault> {
    match command {
        Command::Run { config } => run::run(&config),
        Command::Body(birth) => {
            let start = Start { x_cm: birth.start_x, y_cm: birth.start_y };
            body::process::run(&birth.truth, start, birth.overrun_ms())
        }
        Command::Panel { socket, hand: None, json: false, .. } => live::run(&socket),
        Command::Panel { socket, hand, what, json } => {
            use_panel(&socket, hand.unwrap_or(Hand::Status), what.as_deref(), json)
        }
    }
}

fn use_panel(socket: &Path, hand: Hand, what: Option<&str>, json: bool) -> Result<(), Fault> {
    let act = act_of(hand, what)?;
    let mut client = Client::connect(socket)?;
    let status = match act {
        Some(act) => client.act(act),
        None => client.reset(),
    }?;
    let text = if json { status.to_string() } else { status["words"].as_str().unwrap_or_default().to_owned() };
    let _unread = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

/// What one request does; none for the reset, which takes two.
fn act_of(hand: Hand, what: Option<&str>) -> Result<Option<Act>, Fault> {
    let act = match (hand, what) {
        (Hand::Status, None) => Act::Status,
        (Hand::Press, None) => Act::Press,
        (Hand::Release, None) => Act::Release,
        (Hand::Reset, None) => return Ok(None),
        (Hand::PowerBlip, None) => Act::PowerBlip,
        (Hand::Tap, ms) => Act::Tap { ms: tap_ms(ms.unwrap_or("5"))? },
        (Hand::Inject, Some(part)) => Act::Inject(defect(part)?),
        (Hand::Inject, None) => return Err(Fault::Unusable("inject needs the part to break".to_owned())),
        (Hand::Status | Hand::Press | Hand::Release | Hand::Reset | Hand::PowerBlip, Some(what)) => {
            return Err(Fault::Unusable(format!("{what} has no meaning here")));
        }
    };
    Ok(Some(act))
}

fn tap_ms(text: &str) -> Result<u32, Fault> {
    text.parse().map_err(|_| Fault::Unusable(format!("{text} is no number of milliseconds")))
}

fn defect(word: &str) -> Result<Defect, Fault> {
    let words = Defect::ALL.map(Defect::word).join(", ");
    Defect::of_word(word).ok_or_else(|| Fault::Unusable(format!("{word} is none of {words}")))
}
