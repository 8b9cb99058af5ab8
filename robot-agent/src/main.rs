//! `robot-agent`: the command line of the program on each robot.

use clap::{Parser, Subcommand};
use robot_agent::config::Config;
use std::path::PathBuf;
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
}

fn main() -> ExitCode {
    let Command::Run { config } = Cli::parse().command;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,rumqttc=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = match Config::read(&config) {
        Ok(config) => config,
        Err(e) => return fail(2, &e.into()),
    };
    match robot_agent::run::run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => fail(1, &e),
    }
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    eprintln!("robot-agent: {error:#}");
    ExitCode::from(code)
}
