//! The demo for a visitor: two pages to open, sentences on stdout, until Ctrl-C.

use super::acts::{By, Deed};
use super::factory::Factory;
use super::layout::Folder;
use super::voice::Voice;
use super::{Args, Person, address, ending, hardware, progress, round};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Runs the demo until somebody ends it.
///
/// # Errors
/// When a port is in use, or a part cannot be started.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let voice = Voice::Stdout;
    let page = address::listener(args.hardware_port, "--hardware-port")?;
    let http = address::free_port(args.port, "--port")?;
    let folder = Folder::open(args.dir.as_deref(), crate::entropy::bytes())?;
    voice.say(&format!("The demo factory of {} robots starts in {}.", args.robots, folder.root().display()));

    let factory = tokio::select! {
        started = Factory::start(args, &folder, http, voice) => started?,
        // The guard ends what had been started.
        wished = ending::wished() => return wished.map(|()| ExitCode::SUCCESS).map_err(Into::into),
    };
    let tasks = factory.import_shift(args.shift.as_deref()).await?;
    let floor = factory.floor();
    floor.acts.note(Deed::Begin, By::Script);
    welcome(voice, &format!("http://{http}/"), &format!("http://{}/", page.local_addr()?), tasks);

    let mut company = JoinSet::new();
    company.spawn(progress::tell(Arc::clone(floor)));
    company.spawn(hardware::serve(page, Arc::clone(floor)));
    if args.person == Person::Auto {
        for id in floor.stations.keys() {
            company.spawn(round::walk(Arc::clone(floor), id.clone()));
        }
    }
    ending::wished().await?;
    voice.say("The demo ends: agents, firmwares and the server are told to end.");
    company.shutdown().await;
    factory.end_in_order().await;
    voice.say(&format!("Ended. Go on where it was with --dir {}.", folder.root().display()));
    Ok(ExitCode::SUCCESS)
}

fn welcome(voice: Voice, operator: &str, hardware: &str, tasks: usize) {
    voice.say(&format!("Open {operator} to see the floor; the simulated hardware is at {hardware}"));
    voice.say(&format!(
        "{tasks} tasks are in. Try this: cut the network of a moving robot on the hardware page, watch the age of its last \
         word grow while it works on, then restore it and see its finished work appear once."
    ));
    voice.say(
        "All processes run under one user here, so the system does not keep an agent from a panel. Ctrl-C ends all.",
    );
}
