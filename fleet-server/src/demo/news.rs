//! What the server says of the robots, asked for twice a second by one thread and read by everyone in the supervisor.

use super::rest::{Rest, RobotView};
use shared::id::RobotId;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const ASK_EVERY: Duration = Duration::from_millis(400);

/// The newest answer. While the server is silent there is none: an old answer would pass for a new one.
#[derive(Clone)]
pub struct News {
    latest: watch::Receiver<Arc<Vec<RobotView>>>,
}

impl News {
    /// Starts to ask.
    pub fn start(rest: Rest) -> Self {
        let (tell, latest) = watch::channel(Arc::default());
        let ask = move || {
            while tell.send(Arc::new(rest.robots().unwrap_or_default())).is_ok() {
                std::thread::sleep(ASK_EVERY);
            }
        };
        // Not a task of the runtime: it would hold the program's end up for as long as a call may take.
        std::thread::spawn(ask);
        Self { latest }
    }

    /// Every robot, or none while the server is silent.
    pub fn robots(&self) -> Arc<Vec<RobotView>> {
        Arc::clone(&self.latest.borrow())
    }

    /// One robot, if the server speaks of it now.
    pub fn robot(&self, id: &RobotId) -> Option<RobotView> {
        self.robots().iter().find(|view| &view.id == id).cloned()
    }
}
