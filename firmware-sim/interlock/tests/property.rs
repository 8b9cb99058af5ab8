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
use interlock::{Limits, Mail, Phase, Word};
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

/// The start of a shift, so that most of a story is played while energised: proof test, reset, arm.
fn opening() -> [Scene; 6] {
    let scene = |ticks, button, reset| Scene {
        ticks,
        button,
        reset,
        bounces: false,
        beacon: true,
        agent: Agent::Well,
        link_errors: 0,
        fault: None,
        power_cycle: false,
    };
    [
        scene(20, false, false),
        scene(50, true, false),
        scene(50, false, false),
        scene(60, false, true),
        scene(20, false, false),
        scene(1, false, false),
    ]
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

#[test]
fn the_opening_energises() {
    let world = opening().iter().try_fold(World::new(&LIMITS), play).expect("nothing is violated");
    assert_eq!(world.core.phase(), Phase::Energised);
}
