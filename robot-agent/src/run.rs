//! Puts the parts together: replica, driver, control loop, transport, signals.

use crate::config::Config;
use crate::control::{ControlLoop, DriverPulse};
use crate::driver::Driver;
use crate::mqtt::{self, Carrier, Settings};
use crate::replica::Replica;
use crate::{clock, endorsement, entropy, local};
use anyhow::Context as _;
use robot_core::{Identity, Input, NotTaken, Robot, Secrets};
use rustix::fs::{FlockOperation, flock};
use shared::journal::Epoch;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{SyncSender, sync_channel};
use tokio::signal::unix::{SignalKind, signal};

/// Inputs that may wait for the driver, and orders that may wait for the control loop.
const WAITING: usize = 1024;

/// Answers that may wait for whoever asked at the robot.
const WAITING_LOCAL: usize = 4;

/// Runs the agent until it is asked to end or cannot go on.
///
/// # Errors
/// What could not be opened, or the commit that failed, as one sentence.
pub fn run(config: &Config) -> anyhow::Result<()> {
    let _held_until_the_end = lock(&config.dir)?;
    let replica = open(config)?;
    let loaded = replica.load(&config.robot)?;
    let boot = entropy::boot()?;
    let secrets = Secrets { seed: entropy::random()?, challenge: entropy::bytes()? };
    let identity = Identity {
        robot: config.robot.clone(),
        key: config.key.clone(),
        site_key: config.site_key,
        ca_key: config.ca_key,
    };
    let settings = settings(config, &identity);
    let (inputs, received) = sync_channel(WAITING);
    let (orders, ordered) = sync_channel(WAITING);
    let (answers, answered) = sync_channel(WAITING_LOCAL);
    let pulse: DriverPulse = Arc::new(AtomicU64::new(clock::now().0));

    let mut robot = Robot::start(identity, loaded, boot, secrets, clock::wall(), clock::now());
    offer_endorsement(config, &mut robot);
    config.safe_point.into_iter().for_each(|point| robot.retreats_to(point));
    let beacon_clock = robot.beacon_clock();
    let (transport, carrier) = mqtt::transport(settings);
    let mut driver = Driver {
        robot,
        replica,
        transport,
        orders,
        answers,
        pulse: pulse.clone(),
        #[cfg(debug_assertions)]
        hang: crate::plant::Hang::of("driver", config),
    };
    driver.drain()?;

    // A Bluetooth adapter takes this line's place on a real robot.
    let radio = Box::new(air_sim::Transmitter::open(config.air)?);
    let control = ControlLoop::new(config, radio, beacon_clock, ordered, inputs.clone(), pulse);
    let for_mqtt = inputs.clone();
    spawn("control", move || control.run())?;
    spawn("mqtt", move || connect(carrier, &for_mqtt))?;
    let door = local::open(&local::path(&config.dir)).context("cannot open the door for people at the robot")?;
    let for_local = inputs.clone();
    spawn("local", move || local::serve(&door, &for_local, &answered))?;
    spawn("signals", move || end_on_signal(&inputs))?;
    tracing::info!(robot.id = %config.robot, "running");
    Ok(driver.run(&received)?)
}

/// The endorsement that the configuration names counts if it holds longer than the one in the replica. A robot without one
/// does not move, but it says that it is a machine, so this never ends the process.
fn offer_endorsement(config: &Config, robot: &mut Robot) {
    let Some(file) = &config.endorsement else { return };
    match endorsement::read(file).map(|pack| robot.offer_endorsement(&pack, clock::now())) {
        Ok(Ok(_) | Err(NotTaken::NotLonger)) => {}
        Ok(Err(why)) => tracing::error!("the endorsement in {} is not taken: {why}", file.display()),
        Err(e) => tracing::error!("{e:#}"),
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(work).with_context(|| format!("cannot start thread {name}"))?;
    Ok(())
}

fn connect(carrier: Carrier, driver: &SyncSender<Input>) {
    let random = || entropy::random().unwrap_or(0);
    if let Err(e) = carrier.run(driver, random) {
        tracing::error!("the network thread cannot run: {e}");
    }
}

/// Asks the driver to end in order on SIGTERM and SIGINT. Without this thread the process dies at once, which is safe too.
fn end_on_signal(driver: &SyncSender<Input>) {
    let waited = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            Ok(())
        })
    });
    match waited {
        Ok(()) if driver.send(Input::Shutdown).is_ok() => {}
        Ok(()) => tracing::warn!("the driver is gone already"),
        Err(e) => tracing::error!("cannot wait for signals: {e}"),
    }
}

/// Two agents on one replica would take each other's place at the firmware and stop the robot by it. The kernel lets go of
/// the lock however this process ends.
fn lock(dir: &Path) -> anyhow::Result<File> {
    let path = dir.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)
        .with_context(|| format!("another agent runs in {}", dir.display()))?;
    Ok(file)
}

fn open(config: &Config) -> anyhow::Result<Replica> {
    let path = config.dir.join("replica.db");
    let fresh = Epoch(entropy::random()?);
    #[cfg_attr(not(debug_assertions), expect(unused_mut, reason = "only a planted fault changes it"))]
    let mut replica = Replica::open_on(entropy::machine(), &path, &config.robot, fresh)?;
    #[cfg(debug_assertions)]
    if config.plant == Some(crate::plant::Plant::Unequal) {
        replica.spoil_tasks();
    }
    Ok(replica)
}

fn settings(config: &Config, identity: &Identity) -> Settings {
    Settings { broker: config.mqtt, site: config.site.clone(), robot: config.robot.clone(), identity: identity.clone() }
}
