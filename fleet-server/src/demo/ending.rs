//! The wish of whoever started the demo that it ends.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the program is told to end: Ctrl-C, SIGTERM, or the terminal is closed.
///
/// # Errors
/// When signals cannot be heard.
pub async fn wished() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}
