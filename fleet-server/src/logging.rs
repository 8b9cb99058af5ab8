//! The log: to the standard error, because the standard output belongs to data.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// What is logged unless somebody asks otherwise: changes of state, and the libraries' warnings.
pub const USUAL: &str = "info,mqtt5=warn,rumqttc=warn";

/// Starts the log of this process.
///
/// # Errors
/// One sentence when `filter` is not a filter, or a log was started before.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(filter)?;
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    log.try_init().map_err(|e| anyhow::anyhow!("the log cannot be started: {e}"))
}
