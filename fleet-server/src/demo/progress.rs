//! How far the shift is, as a sentence once in a while.

use super::floor::Floor;
use super::rest::{RobotView, TaskView};
use shared::task::TaskState;
use std::sync::Arc;
use std::time::Duration;

const TELL_EVERY: Duration = Duration::from_secs(10);

/// Tells how far the shift is whenever that has changed, for ever.
pub async fn tell(floor: Arc<Floor>) {
    let mut told = String::new();
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        let rest = floor.rest.clone();
        let Ok(Ok(tasks)) = tokio::task::spawn_blocking(move || rest.tasks()).await else { continue };
        let sentence = sentence(&tasks, &floor.news.robots(), floor.stations.len());
        if sentence != told {
            floor.voice.say(&sentence);
            told = sentence;
        }
    }
}

fn sentence(tasks: &[TaskView], robots: &[RobotView], robot_count: usize) -> String {
    let count = |state: TaskState| tasks.iter().filter(|task| task.state == state).count();
    let done = count(TaskState::Done);
    let ended = tasks.iter().filter(|task| task.state.has_ended()).count();
    let heard = robots.iter().filter(|view| view.is_heard()).count();
    let waiting = robots.iter().filter(|view| view.awaits_person).count();
    let mut sentence = if ended == tasks.len() {
        format!("The shift is over: {done} of {} tasks done", tasks.len())
    } else {
        format!("{done} of {} tasks done, {} running", tasks.len(), count(TaskState::Running))
    };
    sentence += &format!("; {heard} of {robot_count} robots heard now");
    if waiting > 0 {
        sentence += &format!(", {waiting} waiting for a person");
    }
    sentence + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(state: &str) -> TaskView {
        let text = format!(r#"{{"id":"0190aaaa-0000-7000-8000-000000000000","state":"{state}"}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn robot(heard_age_ms: u64, awaits_person: bool) -> RobotView {
        let text = format!(r#"{{"id":"r-1","heard_age_ms":{heard_age_ms},"awaits_person":{awaits_person}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_robot_not_heard_is_not_counted_as_heard() {
        let tasks = [task("done"), task("running"), task("queued")];
        let robots = [robot(100, true), robot(30_000, false)];
        let wanted = "1 of 3 tasks done, 1 running; 1 of 2 robots heard now, 1 waiting for a person.";
        assert_eq!(sentence(&tasks, &robots, 2), wanted);
    }

    #[test]
    fn a_shift_that_is_over_says_what_was_done_of_it() {
        let tasks = [task("done"), task("failed")];
        assert_eq!(sentence(&tasks, &[], 1), "The shift is over: 1 of 2 tasks done; 0 of 1 robots heard now.");
    }
}
