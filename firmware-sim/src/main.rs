//! The firmware's program: `run` is the safety controller, `body` its child, `panel` a person's hand.

use clap::{Parser, Subcommand, ValueEnum};
use firmware_sim::body;
use firmware_sim::config::Start;
use firmware_sim::fault::Fault;
use firmware_sim::panel::client::Client;
use firmware_sim::panel::request::Act;
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
    Body {
        /// The truth log, which is also the body's memory.
        #[arg(long)]
        truth: PathBuf,
        /// Centimetres east, for a body without a memory.
        #[arg(long, allow_negative_numbers = true)]
        start_x: i16,
        /// Centimetres north, for a body without a memory.
        #[arg(long, allow_negative_numbers = true)]
        start_y: i16,
    },
    /// One act at a robot's panel, as a person standing before it.
    Panel {
        /// The panel's socket.
        #[arg(long)]
        socket: PathBuf,
        /// What to do.
        #[arg(value_enum, default_value_t = Hand::Status)]
        hand: Hand,
        /// Prints the panel's whole answer instead of its sentence.
        #[arg(long)]
        json: bool,
    },
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
        Command::Body { truth, start_x, start_y } => body::process::run(&truth, Start { x_cm: start_x, y_cm: start_y }),
        Command::Panel { socket, hand, json } => use_panel(&socket, hand, json),
    }
}

fn use_panel(socket: &Path, hand: Hand, json: bool) -> Result<(), Fault> {
    let mut client = Client::connect(socket)?;
    let status = match hand {
        Hand::Status => client.act(Act::Status),
        Hand::Press => client.act(Act::Press),
        Hand::Release => client.act(Act::Release),
        Hand::Reset => client.reset(),
    }?;
    let text = if json { status.to_string() } else { status["words"].as_str().unwrap_or_default().to_owned() };
    let _unread = writeln!(std::io::stdout(), "{text}");
    Ok(())
}
