//! `firmware-sim run`: opens the record, the faces and the body, and hands all of it to the control thread.
//!
//! A signal ends the process at once and by default. That is the safe end: the motor line drops with the process, the
//! body is off within 20 ms and says so in its truth log.

use crate::air::{Antenna, Reception, Tuning};
use crate::clock;
use crate::config::{self, Config};
use crate::control::{Control, Faces, first_store};
use crate::dropped::Dropped;
use crate::fault::Fault;
use crate::log::Log;
use crate::motor::Birth;
use crate::plant::Plant;
use crate::record::chain::EventList;
use crate::record::learnt::Learnt;
use crate::record::news::News;
use crate::record::nv::{Found, Nv};
use crate::record::start::{Start, judge};
use crate::record::{EVENTS_FILE, NV_FILE, Recorder, read_button, read_defect};
use crate::words::cause_word;
use crate::{air, link, motor, panel, priority};
use interlock::Cause;
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

/// What the body truly did, and what truly came through to the receiver: written by the simulation, for whoever judges.
const TRUTH_FILE: &str = "truth.jsonl";
const AIR_FILE: &str = "air.jsonl";

/// Runs the firmware until it is killed.
///
/// # Errors
/// [`Fault`] when it cannot be started.
pub fn run(path: &Path) -> Result<(), Fault> {
    let config = config::read(path)?;
    let _held_until_the_end = lock(&config.dir)?;
    let words = words_at_start(&config);
    let planted = planted(&config);
    let Config { robot, dir, link, panel, key, robot_key, ca_key, air, start, .. } = config;
    let robot = robot.as_str().to_owned();
    let dropped = Arc::new(Dropped::default());

    let log = Log::start(&robot, Arc::clone(&dropped))?;
    let (nv, events) = open_record(&dir, key, &log)?;
    let plant = Plant::new(read_button(&dir), read_defect(&dir));
    let antenna = Arc::new(Antenna::default());
    antenna.set(Reception::with(plant.defect()));
    let tuning = Tuning { air, robot_key, ca_key, truth: dir.join(AIR_FILE) };
    let faces = Faces {
        panel: panel::open(&panel, Arc::clone(&dropped))?,
        link: link::open(&link, Arc::clone(&dropped))?,
        air: air::open(tuning, Arc::clone(&antenna), Arc::clone(&dropped), log.clone())?,
        antenna,
        body: motor::keep(Birth { truth: dir.join(TRUTH_FILE), start, planted })?,
        recorder: Recorder::start(dir, events, &first_store(nv), log.clone())?,
        dropped,
    };
    log.say(words);
    priority::raise();
    Control::new(robot, nv, plant, start, faces).run()
}

#[cfg(debug_assertions)]
fn planted(config: &Config) -> Option<&'static str> {
    use crate::planted::Planted;
    config.plant.map(|Planted::Motion| "--overrun")
}

#[cfg(not(debug_assertions))]
const fn planted(_: &Config) -> Option<&'static str> {
    None
}

/// Two firmwares in one folder would write into each other's record. The kernel lets go of the lock however this
/// process ends.
fn lock(dir: &Path) -> Result<File, Fault> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(|e| Fault::unusable("making", &path, &e))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| Fault::Unusable(format!("another firmware runs in {}", dir.display())))?;
    Ok(file)
}

/// Everything that has to be on disk before the first tick. A crash in here leaves a higher mark than was used.
fn open_record(dir: &Path, key: shared::seal::SigningKey, log: &Log) -> Result<(Nv, EventList), Fault> {
    let (events_path, nv_path) = (dir.join(EVENTS_FILE), dir.join(NV_FILE));
    let opened = EventList::open(&events_path, key);
    let (mut events, learnt) = opened.map_err(|e| Fault::unusable("opening the event list", &events_path, &e))?;
    let found = Nv::read(&nv_path);
    let Start { nv, warning } = judge(&found, &learnt);
    first_store(nv).write(&nv_path).map_err(|e| Fault::unusable("writing", &nv_path, &e))?;
    if let Some(words) = &warning {
        log.say(words.clone());
    }
    let is_list_lost = learnt.is_new() && found != Found::Missing;
    if is_list_lost || learnt.is_damaged {
        events.begin_anew(nv.boots);
    }
    for ev in remarks(&learnt, is_list_lost, warning.is_some()) {
        let cause = cause_word(Cause::PowerUp);
        let news = News { at: clock::now(), boot: nv.boots, trip_epoch: nv.epoch_mark.wrapping_add(1), ev, cause };
        events.add(news).map_err(|e| Fault::unusable("writing", &events_path, &e))?;
    }
    Ok((nv, events))
}

/// That a list does not continue another comes first in it; see [`shared::firmware_record::BEGINNINGS`].
fn remarks(learnt: &Learnt, is_list_lost: bool, is_nv_lost: bool) -> Vec<&'static str> {
    let remarks = [
        (learnt.is_damaged, "list_damaged"),
        (is_list_lost, "list_lost"),
        (learnt.torn > 0, "torn_line_cut"),
        (is_nv_lost, "nv_lost"),
    ];
    remarks.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect()
}

fn words_at_start(config: &Config) -> String {
    let Config { robot, link, panel, air, .. } = config;
    let separation = separation(link, panel);
    format!(
        "safety controller of {robot}; faces: link {}, panel {}, air {air}; {separation}",
        link.display(),
        panel.display()
    )
}

/// Before an agent has connected, only the owner of its folder tells whose it will be.
fn separation(link: &Path, panel: &Path) -> &'static str {
    let owner = |path: &Path| path.parent().and_then(|folder| folder.metadata().ok()).map(|found| found.uid());
    match (owner(link), owner(panel)) {
        (Some(link), Some(panel)) if link != panel => "link and panel belong to two uids",
        _ => "one uid: separation NOT SHOWN",
    }
}
