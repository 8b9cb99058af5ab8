//! The checks of the proof, on the shipped constants, along random stories.
//!
//! The exhaustive search runs scaled times; this shows that nothing depends on the scale. The stories are drawn from a
//! fixed seed, so a run can be repeated.

#[path = "proof/checks.rs"]
mod checks;
#[expect(dead_code, reason = "the search lists all moves, a story makes its own")]
#[path = "proof/plant.rs"]
mod plant;
#[path = "proof/rescue.rs"]
mod rescue;
#[path = "proof/witness.rs"]
mod witness;
#[expect(dead_code, reason = "the search uses all of it, a story only some")]
#[path = "proof/world.rs"]
mod world;

use checks::CHECKS;
use interlock::{Cause, Limits, Mail, Outputs, Phase, Word};
use plant::{Fault, Moves};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use world::World;

const LIMITS: Limits = Limits::SHIPPED;

/// How the agent behaves for a while.
#[derive(Clone, Copy, Debug)]
enum Agent {
    /// Beats every 50 ms and arms when it may.
    Well,
    /// Says nothing.
    Silent,
    /// Says one thing at every tick.
    Insists(u8),
    /// Says one thing once.
    Says(u8),
}

/// What goes on for some ticks.
#[derive(Clone, Debug)]
struct Scene {
    ticks: u32,
    button: bool,
    reset: bool,
    bounces: bool,
    beacon: bool,
    agent: Agent,
    link_errors: u8,
    fault: Option<Fault>,
    power_cycle: bool,
}

fn agent() -> impl Strategy<Value = Agent> {
    prop_oneof![
        6 => Just(Agent::Well),
        1 => Just(Agent::Silent),
        1 => (0..10u8).prop_map(Agent::Insists),
        2 => (0..10u8).prop_map(Agent::Says),
    ]
}

/// Lengths around the limits, where an error of one shows.
fn length() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => 1..40u32,
        2 => 55..65u32,
        2 => 95..105u32,
        1 => 195..205u32,
        1 => 295..310u32,
        1 => 398..405u32,
        1 => 595..605u32,
    ]
}

fn scene() -> impl Strategy<Value = Scene> {
    let person = (prop::bool::weighted(0.1), prop::bool::weighted(0.15), prop::bool::weighted(0.05));
    let air = (prop::bool::weighted(0.93), agent(), prop_oneof![20 => Just(0), 1 => 1..4u8]);
    let accidents = (
        prop_oneof![200 => Just(None), 1 => prop::sample::select(&Fault::ALL[..]).prop_map(Some)],
        prop::bool::weighted(0.005),
    );
    (length(), person, air, accidents).prop_map(
        |(ticks, (button, reset, bounces), (beacon, agent, link_errors), (fault, power_cycle))| Scene {
            ticks,
            button,
            reset,
            bounces,
            beacon,
            agent,
            link_errors,
            fault,
            power_cycle,
        },
    )
}

/// Nobody touches anything.
const fn quiet(ticks: u32, agent: Agent) -> Scene {
    Scene {
        ticks,
        button: false,
        reset: false,
        bounces: false,
        beacon: true,
        agent,
        link_errors: 0,
        fault: None,
        power_cycle: false,
    }
}

/// The start of a shift, so that most of a story is played while energised: proof test, reset, arm.
fn opening() -> [Scene; 6] {
    let scene = |ticks, button, reset| Scene { button, reset, ..quiet(ticks, Agent::Well) };
    [
        scene(20, false, false),
        scene(50, true, false),
        scene(50, false, false),
        scene(60, false, true),
        scene(20, false, false),
        scene(1, false, false),
    ]
}

fn energised() -> World {
    let world = opening().iter().try_fold(World::new(&LIMITS), play).expect("nothing is violated");
    assert_eq!(world.core.phase(), Phase::Energised);
    world
}

fn word(agent: Agent, tick: u32, world: &World) -> Option<Word> {
    let status = world.core.status();
    match agent {
        Agent::Well if !tick.is_multiple_of(10) => None,
        Agent::Well if status.phase == Phase::Released || status.standby_ok => {
            Some(Word::Arm { epoch: status.trip_epoch })
        }
        Agent::Well => Some(Word::Heartbeat),
        Agent::Insists(which) => checks::words(status.trip_epoch)[usize::from(which)],
        Agent::Says(which) if tick == 0 => checks::words(status.trip_epoch)[usize::from(which)],
        Agent::Says(_) if tick.is_multiple_of(10) => Some(Word::Heartbeat),
        Agent::Silent | Agent::Says(_) => None,
    }
}

/// Plays a scene, and says which checks did not hold.
fn play(mut world: World, scene: &Scene) -> Result<World, String> {
    if scene.power_cycle {
        world = world.power_cycled(&LIMITS);
    }
    if let (Some(fault), None) = (scene.fault, world.plant.fault) {
        world = world.broken_by(fault);
    }
    for tick in 0..scene.ticks {
        let bounce = scene.bounces && tick % 2 == 1;
        let moves = Moves {
            button: world.plant.latched != (scene.button != bounce),
            reset: world.plant.reset != scene.reset,
            lag_a: tick % 3 == 1,
            lag_b: tick % 5 == 1,
        };
        let errors = if tick % 50 == 0 { scene.link_errors } else { 0 };
        let mail = Mail { word: word(scene.agent, tick, &world), link_errors: errors };
        let beacon_heard = scene.beacon && tick % 60 == 0;
        world = world.ticked(&LIMITS, moves, beacon_heard, mail, (tick % 2 == 0, tick % 3 == 0));
        if world.broken != 0 {
            let names = CHECKS.iter().enumerate().filter(|(bit, _)| world.broken & (1 << bit) != 0);
            return Err(format!("tick {tick} of {scene:?}: {:?}", names.map(|(_, check)| check.0).collect::<Vec<_>>()));
        }
    }
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(0x0B_E1_13),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_check_holds_along_random_stories(scenes in prop::collection::vec(scene(), 1..60)) {
        let mut world = World::new(&LIMITS);
        for scene in opening().iter().chain(&scenes) {
            world = play(world, scene).map_err(TestCaseError::fail)?;
        }
    }
}

/// What follows reaches the longest limits, of ten minutes, tick by tick; every check holds in each tick.
const TEN_MINUTES: u32 = 120_000;

const STOP: Agent = Agent::Insists(8);

fn after(world: World, ticks: u32, agent: Agent) -> World {
    play(world, &quiet(ticks, agent)).expect("nothing is violated")
}

/// Beats and returns, but asks for nothing before it is told to.
fn in_standby() -> World {
    let world = after(after(energised(), 1, STOP), LIMITS.stopping, Agent::Says(1));
    assert_eq!(world.core.phase(), Phase::Standby);
    world
}

/// Three stops with a return from each, and the tick of the first return since then.
fn returned_three_times() -> (World, u32) {
    let mut world = energised();
    let mut since_first = 0;
    for number in 0..3 {
        world = after(after(world, 1, STOP), LIMITS.stopping, Agent::Well);
        since_first += if number == 0 { 0 } else { 1 + LIMITS.stopping };
        while world.core.phase() == Phase::Standby {
            world = after(world, 1, Agent::Well);
            since_first += u32::from(number > 0);
        }
        assert_eq!(world.core.phase(), Phase::Energised);
    }
    (world, since_first)
}

#[test]
fn the_opening_energises() {
    energised();
}

#[test]
fn standby_ends_after_ten_minutes_and_not_before() {
    let waited = after(in_standby(), TEN_MINUTES, Agent::Says(1));
    assert_eq!(waited.core.phase(), Phase::Standby);
    let tripped = after(waited, 1, Agent::Says(1));
    assert_eq!((tripped.core.phase(), tripped.core.status().cause), (Phase::Tripped, Cause::StandbyTimeout));
    assert_eq!(after(tripped, 1_000, Agent::Well).core.outputs(), Outputs::OFF, "and a person is needed");
}

#[test]
fn a_return_is_remembered_for_ten_minutes_and_not_longer() {
    let (world, since_first) = returned_three_times();
    // The stop's own tick and the window come on top.
    let wait = TEN_MINUTES - since_first - LIMITS.stopping - 2;
    let waited = after(world, wait, Agent::Well);
    let fourth = after(after(waited, 1, STOP), LIMITS.stopping, Agent::Well);
    assert_eq!((fourth.core.phase(), fourth.core.status().cause), (Phase::Tripped, Cause::TooManyReturns));
    let later = after(after(after(waited, 1, Agent::Well), 1, STOP), LIMITS.stopping, Agent::Well);
    assert_eq!(later.core.phase(), Phase::Standby);
}
