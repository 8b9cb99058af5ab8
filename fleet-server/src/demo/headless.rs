//! The demo without a visitor: a script disturbs the run, and the history stays in the run folder for the verdict.
//!
//! The end is made so that copies can be compared: first the robots' power goes off, so that nothing new happens; then
//! both sides are given time to say all they have; then all processes are stopped where they are and killed.

use super::acts::{By, Deed};
use super::factory::Factory;
use super::floor::Floor;
use super::layout::Folder;
use super::script::{Move, Script, Seen, Timetable};
use super::voice::Voice;
use super::{Args, Person, address, ending, progress, round};
use crate::clock;
use anyhow::bail;
use shared::id::RobotId;
use shared::time::Millis;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often the panels are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long the copies may take to become equal after the run.
const LEVEL_WITHIN: Duration = Duration::from_secs(30);

/// How long they have to have been equal: longer than a robot's word may be old, so that it is a word from after the
/// power went off.
const LEVEL_FOR: Millis = Millis::secs(3);

/// Runs the script and leaves the history in the run folder.
///
/// # Errors
/// When a part cannot be started, when no robot under way could be pressed, or when the run was interrupted.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.person == Person::None {
        bail!("--headless needs --person auto: without a person no robot is tested and reset, and nothing moves");
    }
    let folder = Folder::open(args.dir.as_deref(), crate::entropy::bytes())?;
    Voice::Stderr.say(&format!("The history of this run is left in {}.", folder.root().display()));
    let http = address::free_port(0, "another run")?;
    tokio::select! {
        ended = play(args, &folder, http) => ended.map(|()| ExitCode::SUCCESS),
        wished = ending::wished() => {
            wished?;
            bail!("interrupted; the history in {} is not whole", folder.root().display())
        }
    }
}

async fn play(args: &Args, folder: &Folder, http: std::net::SocketAddr) -> anyhow::Result<()> {
    let factory = Factory::start(args, folder, http, Voice::Stderr).await?;
    factory.import_shift(args.shift.as_deref()).await?;
    let floor = Arc::clone(factory.floor());
    floor.acts.note(Deed::Begin, By::Script);
    let mut company = JoinSet::new();
    company.spawn(progress::tell(Arc::clone(&floor)));
    for id in floor.stations.keys() {
        company.spawn(round::walk(Arc::clone(&floor), id.clone()));
    }
    let pressed = follow(Script::new(Timetable::new(args.seconds, floor.stations.len())), &floor).await;
    company.shutdown().await;
    let is_level = end(factory, &floor).await;
    report(pressed.as_ref(), is_level, folder.root())
}

fn report(pressed: Option<&RobotId>, is_level: bool, root: &Path) -> anyhow::Result<()> {
    if !is_level {
        // For the verdict to judge: it compares the copies, not the words.
        Voice::Stderr.say("After 30 s some robot and the server still had something to say to each other.");
    }
    match pressed {
        Some(_) => Ok(()),
        None => bail!("no robot was under way when its button was to be pressed; the logs are in {}", root.display()),
    }
}

/// Follows the script to its end; the robot whose button was pressed.
async fn follow(mut script: Script, floor: &Floor) -> Option<RobotId> {
    let begin = clock::now();
    loop {
        let seen = look(floor).await;
        let now_ms = clock::now().since(begin).0;
        match script.next_move(now_ms, &seen) {
            Some(Move::End) => return script.pressed().cloned(),
            // What did not succeed, such as a press on a robot that has just arrived, is due again at the next look.
            Some(due) if perform(&due, floor).await => script.did(&due, now_ms),
            Some(_) | None => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(floor: &Floor) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (id, station) in &floor.stations {
        let is_under_way = station.look().await.is_ok_and(|panel| panel.is_under_way());
        seen.push(Seen { id: id.clone(), is_under_way });
    }
    seen
}

async fn perform(due: &Move, floor: &Floor) -> bool {
    match due {
        Move::Cut(robots) => {
            floor.voice.say(&format!("The script cuts the network of {}.", names(robots)));
            robots.iter().all(|id| floor.cut(id, By::Script).is_ok())
        }
        Move::Restore(robots) => {
            floor.voice.say(&format!("The script restores the network of {}.", names(robots)));
            robots.iter().all(|id| floor.restore(id, By::Script).is_ok())
        }
        Move::Press(id) => press(id, floor).await,
        Move::Release(id) => release(id, floor).await,
        Move::End => true,
    }
}

async fn press(id: &RobotId, floor: &Floor) -> bool {
    let pressed = floor.press_under_way(id, By::Script).await.unwrap_or(false);
    if pressed {
        floor.voice.say(&format!("{id}: the script presses the button while the robot moves."));
    }
    pressed
}

async fn release(id: &RobotId, floor: &Floor) -> bool {
    let released = floor.release(id, By::Script).await.is_ok();
    if released {
        floor.hand_over(id);
        floor.voice.say(&format!("{id}: the script releases the button."));
    }
    released
}

/// Ends the run; whether both sides had told each other everything.
async fn end(mut factory: Factory, floor: &Floor) -> bool {
    floor.acts.note(Deed::End, By::Script);
    factory.switch_robots_off().await;
    let is_level = tokio::time::timeout(LEVEL_WITHIN, until_level(floor)).await.is_ok();
    factory.freeze_and_kill().await;
    is_level
}

async fn until_level(floor: &Floor) {
    let mut since = clock::now();
    while clock::now().since(since) < LEVEL_FOR {
        tokio::time::sleep(LOOK_EVERY).await;
        let robots = floor.news.robots();
        let is_level = robots.len() == floor.stations.len() && robots.iter().all(|view| view.is_level());
        if !is_level {
            since = clock::now();
        }
    }
}

fn names(robots: &[RobotId]) -> String {
    robots.iter().map(RobotId::as_str).collect::<Vec<_>>().join(" and ")
}
