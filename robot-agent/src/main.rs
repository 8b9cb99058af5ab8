//! `robot-agent`: the command line of the program on each robot.

use clap::{Parser, Subcommand};
use robot_agent::config::Config;
use robot_agent::export::{self, Written};
use robot_agent::{clear, endorsement, exit, run, task};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Works for a fleet, keeps its own record, and says that it is a machine.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run until SIGTERM or SIGINT.
    Run {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// A safety officer clears the robot after its button was pressed, here at the robot. Gives no energy to anything.
    Clear {
        /// The configuration file of the agent that runs.
        #[arg(long)]
        config: PathBuf,
        /// The officer's file.
        #[arg(long)]
        key: PathBuf,
    },
    /// Take an endorsement of the robot's key that was carried here, for a robot without a network.
    Endorse {
        /// The configuration file of the agent that runs.
        #[arg(long)]
        config: PathBuf,
        /// The endorsement's file, as `fleet robot endorse` makes it.
        file: PathBuf,
    },
    /// A person at the robot reads or edits a task that the robot has, also without a network.
    Task {
        /// The configuration file of the agent that runs.
        #[arg(long)]
        config: PathBuf,
        /// T-00001 or its long id.
        task: String,
        #[command(subcommand)]
        verb: task::Verb,
    },
    /// The robot's own record.
    #[command(subcommand)]
    Store(Store),
}

#[derive(Debug, Subcommand)]
enum Store {
    /// Write the journal to a file that `fleet-audit journal` checks; an earlier epoch's gets a file of its own beside it. The
    /// agent may be running.
    Export {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// The file to write.
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,rumqttc=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match Cli::parse().command {
        Command::Run { config } => with(&config, run::run),
        Command::Clear { config, key } => with(&config, |config| {
            clear::clear(config, &key)?;
            println!("cleared: {} may ask to be armed again", config.robot);
            Ok(())
        }),
        Command::Endorse { config, file } => with(&config, |config| {
            let until = endorsement::hand_in(config, &file)?;
            println!("endorsed until {}: {} may work", until.to_wall(), config.robot);
            Ok(())
        }),
        Command::Task { config, task, verb } => with(&config, |config| {
            println!("{}", task::run(config, &task, &verb)?);
            Ok(())
        }),
        Command::Store(Store::Export { config, out }) => with(&config, |config| {
            for Written { path, entries, behind } in export::export(config, &out)? {
                println!("wrote {entries} entries to {}{}", path.display(), begins(behind));
            }
            Ok(())
        }),
    }
}

/// From where an exported journal begins.
fn begins(behind: u64) -> String {
    match behind {
        0 => String::new(),
        behind => {
            format!("; they begin behind entry {behind}: the robot has forgotten what the server has had for a month")
        }
    }
}

fn with(path: &Path, work: impl FnOnce(&Config) -> anyhow::Result<()>) -> ExitCode {
    let config = match Config::read(path) {
        Ok(config) => config,
        Err(e) => return fail(exit::CONFIG, &e.into()),
    };
    match work(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => fail(exit::code(&e), &e),
    }
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    // They may go to the disk that is full; the code says it as well, and a supervisor needs that one.
    let _unsaid = writeln!(std::io::stderr(), "robot-agent: {error:#}");
    ExitCode::from(code)
}
