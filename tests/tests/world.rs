//! Many worlds, each from its seed: whatever the network, the crashes and the people do, the copies end equal, nothing
//! that was acknowledged is lost, and no step is done twice.

use std::thread;
use tests::world::{Fault, Shown, run};

const SEEDS: u64 = 200;

#[test]
fn in_every_world_all_copies_end_equal_and_nothing_is_lost_or_doubled() {
    let worlds = |first: u64| (first..=SEEDS).step_by(2).map(world).collect::<Vec<Shown>>();
    let (odd, even) = thread::scope(|scope| {
        let odd = scope.spawn(|| worlds(1));
        (worlds(2), odd.join().expect("every world is sound"))
    });
    let tasks_done: usize = odd.iter().chain(&even).map(|shown| shown.tasks_done).sum();
    let acked: u64 = odd.iter().chain(&even).map(|shown| shown.acked).sum();
    // A world in which nothing happens proves nothing.
    assert!(
        tasks_done as u64 > 2 * SEEDS && acked > 50 * SEEDS,
        "{tasks_done} tasks done, {acked} entries acknowledged"
    );
}

fn world(seed: u64) -> Shown {
    run(seed, Fault::None).unwrap_or_else(|error| panic!("the world of seed {seed}: {error:#}"))
}

#[test]
fn a_server_that_tells_before_it_commits_is_found() {
    let found = (1..=20).find_map(|seed| run(seed, Fault::TellsFirst).err());
    let found = found.expect("twenty worlds with a server that forgets what it told").to_string();
    assert!(found.contains("acknowledged") || found.contains("gone"), "{found}");
}
